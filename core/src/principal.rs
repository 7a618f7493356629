//! Who a request acts as.

use time::OffsetDateTime;

use crate::{
    account::AccountId,
    allowlist::Allowlist,
    api_key::{ApiKey, ApiKeyId, ApiKeyOwner},
    chain::ChainAddress,
    profile::Profile,
    scope::ScopeSet,
    session::{Session, SessionId},
    wallet::WalletKey,
};

/// Who a request acts as, once its credential has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account behind the credential.
    pub account: AccountId,
    /// The wallet the credential came from, on the chain it named.
    pub wallet: ChainAddress,
    /// By what that wallet is known, whatever chain it named.
    pub wallet_key: WalletKey,
    /// The only dialect in which this principal exists.
    pub profile: Profile,
    /// What was presented.
    pub credential: Credential,
    /// When the credential was issued.
    pub issued_at: OffsetDateTime,
    /// The first instant at which the credential is no longer valid; `None`: it never expires.
    pub expires_at: Option<OffsetDateTime>,
}

/// What a request presented, once it has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A session, which may do all that its account may.
    Session(SessionId),
    /// An API key.
    ApiKey {
        /// The key's public name.
        id: ApiKeyId,
        /// What it may do.
        scopes: ScopeSet,
        /// From where; empty: from everywhere.
        allowlist: Allowlist,
        /// Reads a minute, where they differ from the dialect's; a tenth as many writes.
        rate_limit_per_minute: Option<u32>,
    },
}

impl Principal {
    /// All that the credential may do, with the scopes that are part of others: a session all that its dialect knows, a
    /// key what it was given. It is what upstreams of proxies and services that ask are told, so that whoever compares
    /// it with the one scope that is needed is right.
    pub fn scopes(&self) -> ScopeSet {
        match &self.credential {
            Credential::Session(_) => ScopeSet::of(self.profile),
            Credential::ApiKey { scopes, .. } => scopes.allowed_in(self.profile),
        }
    }

    /// Whom an API key that this principal mints acts for.
    pub fn owner(&self) -> ApiKeyOwner {
        ApiKeyOwner {
            account: self.account,
            wallet: self.wallet.clone(),
            wallet_key: self.wallet_key.clone(),
        }
    }
}

impl From<Session> for Principal {
    fn from(session: Session) -> Self {
        Self {
            account: session.account,
            wallet: session.wallet,
            wallet_key: session.wallet_key,
            profile: session.profile,
            credential: Credential::Session(session.id),
            issued_at: session.issued_at,
            expires_at: Some(session.expires_at),
        }
    }
}

impl From<ApiKey> for Principal {
    fn from(key: ApiKey) -> Self {
        Self {
            account: key.account,
            wallet: key.wallet,
            wallet_key: key.wallet_key,
            profile: key.profile,
            credential: Credential::ApiKey {
                id: key.id,
                scopes: key.scopes,
                allowlist: key.allowlist,
                rate_limit_per_minute: key.rate_limit_per_minute,
            },
            issued_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::{
        api_key::{ApiKeyRequest, IssuedApiKey},
        memory::SeededRandom,
    };

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

    fn holder(profile: Profile, scopes: &str) -> Principal {
        let random = SeededRandom::new(1);
        let owner = ApiKeyOwner {
            account: AccountId::generate(NOW, &random),
            wallet: "eip155:1:0xab".parse().unwrap(),
            wallet_key: WalletKey::from_stored("eip155:*:0xab"),
        };
        let request = ApiKeyRequest {
            name: None,
            scopes: ScopeSet::parse(scopes).unwrap(),
            allowlist: Allowlist::default(),
            ttl: None,
        };
        IssuedApiKey::generate(profile, owner, &request, NOW, &random)
            .key
            .into()
    }

    #[test]
    fn what_a_key_may_do_holds_what_is_part_of_it() {
        for (profile, given, may) in [
            (Profile::Ocx, "", ""),
            (Profile::Ocx, "read", "read"),
            (Profile::Ocx, "trade", "read trade"),
            (Profile::Aura, "write:tx", "write:tx"),
            (Profile::Aura, "write:tx read", "read write:tx"),
            // As an operator could write it into the database.
            (Profile::Aura, "trade", "read"),
        ] {
            assert_eq!(holder(profile, given).scopes().to_string(), may, "{given}");
        }
    }

    #[test]
    fn a_session_may_do_all_that_its_dialect_knows() {
        let id = SessionId::generate(NOW, &SeededRandom::new(2));
        for (profile, may) in [
            (Profile::Ocx, "read trade"),
            (Profile::Aura, "read write:tx"),
        ] {
            let session = Principal {
                credential: Credential::Session(id),
                ..holder(profile, "")
            };
            assert_eq!(session.scopes().to_string(), may);
        }
    }
}
