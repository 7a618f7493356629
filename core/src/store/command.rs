//! What storage is asked to do and what it gives back, where a plain noun is not enough.

use std::{fmt, sync::Arc};

use time::OffsetDateTime;

use crate::{
    account::AccountId,
    api_key::{IssuedApiKey, LastUse},
    chain::{Address, ChainId},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    profile::Profile,
    secret::HashedSecret,
    session::IssuedSession,
    wallet::{Wallet, WalletKey},
};

/// The command to consume a challenge. The proof has been checked before.
#[derive(Clone)]
pub struct Redeem {
    /// The challenge to consume.
    pub challenge: ChallengeId,
    /// The present instant, in whole milliseconds. The challenge must be live at it.
    pub now: OffsetDateTime,
    /// The wallet that answered.
    pub wallet: Wallet,
    /// The id of the account to create, should nobody own the wallet.
    pub new_account: AccountId,
    /// Makes what is granted.
    pub grant: Grant,
}

/// Makes what is granted, for the account that turns out to own the wallet. A store calls it inside the
/// transaction, possibly again when the transaction is retried: only what the last call made counts.
pub type Grant = Arc<dyn Fn(AccountId) -> Issued + Send + Sync>;

/// What a challenge is exchanged for.
#[derive(Debug, Clone)]
pub enum Issued {
    /// A session.
    Session(Box<IssuedSession>),
    /// An API key.
    ApiKey(Box<IssuedApiKey>),
}

impl Issued {
    /// Whose it is.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Session(issued) => issued.session.account,
            Self::ApiKey(issued) => issued.key.account,
        }
    }
}

/// What a consumed challenge gave.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The session or key, for the account that owns the wallet.
    pub issued: Issued,
    /// Whether the wallet, and with it the account, is new.
    pub is_new_account: bool,
}

impl fmt::Debug for Redeem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            challenge,
            now,
            wallet,
            new_account,
            grant: _,
        } = self;
        f.debug_struct("Redeem")
            .field("challenge", challenge)
            .field("now", now)
            .field("wallet", wallet)
            .field("new_account", new_account)
            .finish_non_exhaustive()
    }
}

/// What a challenge with the server's message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeTarget {
    /// The dialect.
    pub profile: Profile,
    /// What a signature is asked for.
    pub purpose: Purpose,
    /// The chain the message names.
    pub chain: ChainId,
    /// The only address that can answer.
    pub address: Address,
}

impl ChallengeTarget {
    /// What a challenge is for; `None` when the client builds its message.
    pub fn of(challenge: &Challenge) -> Option<Self> {
        let Message::ByServer { chain, .. } = &challenge.message else {
            return None;
        };
        Some(Self {
            profile: challenge.profile,
            purpose: challenge.purpose,
            chain: chain.clone(),
            address: challenge.address.clone(),
        })
    }
}

/// Whose keys are meant, within one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOwner {
    /// The dialect.
    pub profile: Profile,
    /// The account or the wallet.
    pub holder: KeyHolder,
}

/// Who holds keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyHolder {
    /// An account: all its keys.
    Account(AccountId),
    /// One wallet: the keys that were minted with it.
    Wallet(WalletKey),
}

/// A key that is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevokedApiKey {
    /// The hash of its secret, by which it is remembered in memory.
    pub secret_hash: HashedSecret,
    /// Whether this call revoked it; otherwise it was before.
    pub is_fresh: bool,
}

/// A successful use of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKeyUse {
    /// The hash of the key's secret.
    pub secret_hash: HashedSecret,
    /// When and from where.
    pub last_use: LastUse,
}
