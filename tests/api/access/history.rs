//! An installation with a history: sessions and keys that are good, expired, revoked, or meant for elsewhere.

use std::{os::unix::fs::DirBuilderExt, sync::Arc};

use countersign_core::{
    Clock,
    account::AccountId,
    api_key::{ApiKey, ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    clock::SystemClock,
    profile::Profile,
    scope::ScopeSet,
    secret::Secret,
    session::{IssuedSession, Session, SessionId},
    store::{ApiKeyStore, ChallengeStore, Issued, Redeem},
    store_suite,
};
use countersign_server::{random::SystemRandom, store::SqliteStore};
use countersign_tests::Server;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// What happened to a credential.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    pub(crate) is_expired: bool,
    pub(crate) is_revoked: bool,
}

pub(crate) const GOOD: Fate = Fate {
    is_expired: false,
    is_revoked: false,
};
pub(crate) const EXPIRED: Fate = Fate {
    is_expired: true,
    ..GOOD
};
pub(crate) const REVOKED: Fate = Fate {
    is_revoked: true,
    ..GOOD
};

/// A database that no server has opened yet, with one account.
pub(crate) struct History {
    directory: TempDir,
    store: SqliteStore,
    owner: ApiKeyOwner,
    now: OffsetDateTime,
    seed: u64,
}

impl History {
    pub(crate) async fn begin() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let data = directory.path().join("countersign-data");
        let mut builder = std::fs::DirBuilder::new();
        builder
            .mode(0o700)
            .create(&data)
            .expect("the directory is new");
        let store = SqliteStore::open(&data.join("countersign.sqlite"), 1000)
            .await
            .expect("the database opens");
        let wallet = "eip155:1:0xE8Ca3a5e790ccC004167F3846879fd794da912B7";
        let now = SystemClock
            .now()
            .replace_nanosecond(0)
            .expect("zero is valid");
        let mut history = Self {
            directory,
            store,
            owner: ApiKeyOwner {
                account: AccountId::generate(now, &SystemRandom),
                wallet: wallet.parse().expect("a CAIP-10 name"),
                wallet_key: countersign_core::wallet::WalletKey::from_stored("nobody's yet"),
            },
            now,
            seed: 0,
        };
        // The first sign-in makes the account.
        history.session(Profile::Ocx, GOOD).await;
        history
    }

    /// A session's token.
    pub(crate) async fn session(&mut self, profile: Profile, fate: Fate) -> String {
        self.seed += 1;
        let challenge = store_suite::challenge(self.seed);
        self.store
            .insert_challenge(challenge.clone())
            .await
            .expect("it is kept");
        let redeem = store_suite::redeem(&challenge, self.owner.wallet.address.as_str(), self.seed);
        let token = Secret::new(format!(
            "e30.e30.{}",
            countersign_core::random::base62(&SystemRandom, 86)
        ));
        let (wallet, issued_token, now) = (redeem.wallet.clone(), token.clone(), self.now);
        let grant = move |account| {
            let session = Session {
                id: SessionId::generate(now, &SystemRandom),
                profile,
                account,
                wallet: wallet.address.clone(),
                wallet_key: wallet.key.clone(),
                token_hash: issued_token.hash(),
                issued_at: now - Duration::days(7),
                expires_at: now + end(fate),
                revoked_at: None,
            };
            let token = issued_token.clone();
            Issued::Session(Box::new(IssuedSession { session, token }))
        };
        let grant = Arc::new(grant);
        let redeemed = self.store.redeem(Redeem { grant, ..redeem }).await;
        let granted = redeemed
            .expect("the store answers")
            .expect("the challenge is live");
        let Issued::Session(issued) = granted.issued else {
            panic!("the grant makes a session");
        };
        self.owner = ApiKeyOwner {
            account: issued.session.account,
            wallet: issued.session.wallet.clone(),
            wallet_key: issued.session.wallet_key.clone(),
        };
        if fate.is_revoked {
            use countersign_core::store::SessionStore;
            let revoked = self.store.revoke_session(issued.session.id, now).await;
            assert_eq!(revoked, Ok(true));
        }
        token.expose().to_owned()
    }

    /// A key's secret. `allowlist` is empty or holds networks with a comma between.
    pub(crate) async fn key(
        &mut self,
        profile: Profile,
        scopes: &str,
        allowlist: &str,
        fate: Fate,
    ) -> String {
        let request = ApiKeyRequest {
            name: Some("history".into()),
            scopes: ScopeSet::parse(scopes).expect("scopes"),
            allowlist: allowlist.parse().expect("networks"),
            ttl: Some(Duration::days(1)),
        };
        let owner = self.owner.clone();
        let issued = IssuedApiKey::generate(profile, owner, &request, self.now, &SystemRandom);
        let key = ApiKey {
            expires_at: Some(self.now + end(fate)),
            ..issued.key
        };
        self.store
            .insert_api_key(key.clone())
            .await
            .expect("it is kept");
        if fate.is_revoked {
            use countersign_core::store::{KeyHolder, KeyOwner};
            let holder = KeyHolder::Account(key.account);
            let owner = KeyOwner { profile, holder };
            let revoked = self.store.revoke_api_key(&owner, &key.id, self.now).await;
            assert!(revoked.expect("the store answers").is_some());
        }
        issued.secret.expose().to_owned()
    }

    /// Has the server start with this configuration file.
    pub(crate) fn configure(&self, text: &str) {
        let file = self.directory.path().join("countersign.toml");
        std::fs::write(file, text).expect("the directory is there");
    }

    /// Starts a server on what was prepared.
    pub(crate) async fn serve(self, environment: &[(&str, &str)]) -> Server {
        self.store.close().await;
        Server::start_on(self.directory, environment)
    }
}

fn end(fate: Fate) -> Duration {
    if fate.is_expired {
        -Duration::HOUR
    } else {
        Duration::DAY
    }
}
