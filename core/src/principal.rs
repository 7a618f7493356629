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
            expires_at: key.expires_at,
        }
    }
}
