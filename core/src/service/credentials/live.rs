//! A good credential as it is remembered: packed, because there may be a hundred thousand of them.

use std::{
    net::IpAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32},
    },
};

use time::OffsetDateTime;

use crate::{
    account::AccountId,
    allowlist::Allowlist,
    api_key::ApiKeyId,
    chain::ChainAddress,
    client_address::ClientAddress,
    instant::{from_milliseconds, milliseconds},
    principal::{Credential, Principal},
    profile::Profile,
    scope::ScopeSet,
    secret::HashedSecret,
    session::SessionId,
    wallet::{KeyForm, WalletKey},
};

/// A credential that was found good, and may have expired since.
///
/// What a check needs stands here as it is used; all of it is put together by [`principal`](Self::principal).
#[derive(Debug)]
pub struct LiveCredential {
    pub(super) hash: HashedSecret,
    profile: Profile,
    account: AccountId,
    /// What an API key was given; `None` for a session.
    scopes: Option<ScopeSet>,
    /// Of an API key, as the next.
    allowlist: Allowlist,
    rate_limit_per_minute: Option<u32>,
    issued_at_ms: i64,
    /// [`NEVER`] for one that does not expire.
    expires_at_ms: i64,
    /// The credential's id, the wallet and, unless it has a form, the wallet's key, one after the other.
    texts: Box<str>,
    wallet_at: u16,
    wallet_key_at: u16,
    key_form: Option<KeyForm>,
    pub(super) remembered: Remembered,
    pub(super) last_use: Used,
}

/// No date of the calendar.
const NEVER: i64 = i64::MAX;
const PACKED: &str = "it was one when it was packed";

/// When a credential came into memory, and how often everything had been distrusted before it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remembered {
    pub(super) at_ms: i64,
    pub(super) generation: u64,
}

/// The last use of a key, unless it is stored already.
#[derive(Debug, Default)]
pub(super) struct Used {
    /// The second, in Unix time; 0 before the first.
    pub(super) second: AtomicU32,
    pub(super) from: Mutex<Option<IpAddr>>,
    /// Whether it is on the list of those to be written.
    pub(super) is_waiting: AtomicBool,
}

impl LiveCredential {
    pub(super) fn new(hash: HashedSecret, principal: Principal, remembered: Remembered) -> Self {
        let (id, scopes, allowlist, rate_limit_per_minute) = match principal.credential {
            Credential::Session(id) => (id.to_string(), None, Allowlist::default(), None),
            Credential::ApiKey {
                id,
                scopes,
                allowlist,
                rate_limit_per_minute,
            } => (
                id.to_string(),
                Some(scopes),
                allowlist,
                rate_limit_per_minute,
            ),
        };
        let wallet = principal.wallet.to_string();
        let key_form = principal.wallet_key.form(&principal.wallet);
        let wallet_key = match key_form {
            Some(_) => "",
            None => principal.wallet_key.as_str(),
        };
        let end = |length: usize| u16::try_from(length).expect("ids and addresses are short");
        Self {
            hash,
            profile: principal.profile,
            account: principal.account,
            scopes,
            allowlist,
            rate_limit_per_minute,
            issued_at_ms: milliseconds(principal.issued_at),
            expires_at_ms: principal.expires_at.map_or(NEVER, milliseconds),
            wallet_at: end(id.len()),
            wallet_key_at: end(id.len() + wallet.len()),
            texts: [&id, &wallet, wallet_key].concat().into(),
            key_form,
            remembered,
            last_use: Used::default(),
        }
    }

    /// Whom it stands for; perhaps in another profile than the request's.
    pub fn principal(&self) -> Principal {
        let credential = match self.scopes {
            None => Credential::Session(SessionId::parse(self.id()).expect(PACKED)),
            Some(scopes) => Credential::ApiKey {
                id: ApiKeyId::from_text(self.id()),
                scopes,
                allowlist: self.allowlist.clone(),
                rate_limit_per_minute: self.rate_limit_per_minute,
            },
        };
        let wallet = self.wallet().parse();
        let wallet: ChainAddress = wallet.expect(PACKED);
        let wallet_key = match self.key_form {
            Some(form) => form.key(&wallet),
            None => WalletKey::from_stored(&self.texts[usize::from(self.wallet_key_at)..]),
        };
        Principal {
            account: self.account,
            wallet,
            wallet_key,
            profile: self.profile,
            credential,
            issued_at: from_milliseconds(self.issued_at_ms).expect(PACKED),
            expires_at: from_milliseconds(self.expires_at_ms),
        }
    }

    /// The account behind it.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The wallet it came from, on the chain that it named (CAIP-10).
    pub fn wallet(&self) -> &str {
        &self.texts[usize::from(self.wallet_at)..usize::from(self.wallet_key_at)]
    }

    /// The public name of an API key; `None` for a session.
    pub fn api_key(&self) -> Option<&str> {
        self.scopes.map(|_| self.id())
    }

    /// All that it may do, as [`Principal::scopes`] has it.
    pub fn scopes(&self) -> ScopeSet {
        match self.scopes {
            None => ScopeSet::of(self.profile),
            Some(given) => given.allowed_in(self.profile),
        }
    }

    /// The scopes that an API key was given; `None` for a session.
    pub(in crate::service) fn given_scopes(&self) -> Option<ScopeSet> {
        self.scopes
    }

    /// The only dialect in which it is good.
    pub(in crate::service) fn profile(&self) -> Profile {
        self.profile
    }

    /// Whether its time is over.
    pub(in crate::service) fn is_expired(&self, now: OffsetDateTime) -> bool {
        milliseconds(now) >= self.expires_at_ms
    }

    /// Whether it may be used from there.
    pub(in crate::service) fn allows(&self, client: ClientAddress) -> bool {
        self.allowlist.allows(client)
    }

    /// Reads a minute of an API key, where they differ from the dialect's.
    pub(in crate::service) fn rate_limit_per_minute(&self) -> Option<u32> {
        self.rate_limit_per_minute
    }

    fn id(&self) -> &str {
        &self.texts[..usize::from(self.wallet_at)]
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::memory::SeededRandom;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

    fn packed(principal: &Principal) -> LiveCredential {
        let remembered = Remembered {
            at_ms: milliseconds(NOW),
            generation: 1,
        };
        let hash = HashedSecret::of(b"a secret");
        LiveCredential::new(hash, principal.clone(), remembered)
    }

    fn principals() -> Vec<Principal> {
        let random = SeededRandom::new(1);
        let session = Credential::Session(SessionId::generate(NOW, &random));
        let key = Credential::ApiKey {
            id: ApiKeyId::generate(Profile::Aura, &random),
            scopes: ScopeSet::parse("read write:tx").unwrap(),
            allowlist: "203.0.113.7,2001:db8::/32".parse().unwrap(),
            rate_limit_per_minute: Some(7),
        };
        let keys = [
            "eip155:*:0xab",
            "eip155:10:0xab",
            "eip155:10:0xab:contract",
            "of another form",
        ];
        let principal = |(key, credential): (&str, Credential)| Principal {
            account: AccountId::generate(NOW, &random),
            wallet: "eip155:10:0xab".parse().unwrap(),
            wallet_key: WalletKey::from_stored(key),
            profile: Profile::Aura,
            credential,
            issued_at: NOW,
            expires_at: None,
        };
        keys.into_iter()
            .flat_map(|wallet_key| [(wallet_key, session.clone()), (wallet_key, key.clone())])
            .map(principal)
            .collect()
    }

    #[test]
    fn what_is_packed_is_the_same_when_it_is_unpacked() {
        for principal in principals() {
            let packed = packed(&principal);
            assert_eq!(packed.principal(), principal);
            assert_eq!(packed.wallet(), principal.wallet.to_string());
            assert_eq!(packed.account(), principal.account);
            assert_eq!(packed.scopes(), principal.scopes());
        }
    }

    #[test]
    fn it_takes_little() {
        // `Credentials::new` speaks of less than 400 bytes, with texts of ordinary length and a place in the table.
        assert!(size_of::<LiveCredential>() <= 160);
    }
}
