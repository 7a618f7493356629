//! Storage ports: one trait an aggregate, methods named by intent.
//!
//! Instants are whole milliseconds, in UTC. Every method can fail with [`StoreError::Unavailable`]; what it
//! was to change may then still be changed, a little later. What is read was committed, and what was
//! answered survives a crash.
//!
//! To write a store, implement [`ChallengeStore`], [`SessionStore`] and [`ApiKeyStore`] on one type, which
//! makes it a [`Store`]. Rows are found by the types' texts: `as_str` or `Display` out, `parse`,
//! `from_stored`, `from_text` or `from_bytes` back in. Then run the suite of every store on it:
//! the macro `store_suite!` (feature `test-support`) makes one test of each case. `memory::MemoryStore`
//! shows all of it in 200 lines.

mod command;

use async_trait::async_trait;
use time::OffsetDateTime;

pub use command::{
    ApiKeyUse, ChallengeTarget, Grant, Granted, Issued, KeyHolder, KeyOwner, Redeem, RevokedApiKey,
};

use crate::{
    api_key::{ApiKey, ApiKeyId},
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    session::{Session, SessionId},
};

/// Live API keys of one account in one profile at most.
pub const MAX_LIVE_API_KEYS: usize = 100;
/// API keys kept of one account in one profile, dead ones included. Over it, a new one takes the
/// place of the dead one that was created first, so that a list is complete and no live key is missing.
pub const MAX_KEPT_API_KEYS: usize = 1000;

/// Challenges, and the one command that consumes them.
#[async_trait]
pub trait ChallengeStore: Send + Sync {
    /// Keeps a fresh challenge.
    ///
    /// # Errors
    /// [`StoreError::TooManyChallenges`] at the store's cap. It counts what is not consumed, expired or not.
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError>;

    /// Keeps a fresh challenge with the server's message, unless there is one for the same target that is
    /// live at the fresh one's `issued_at` and was issued after `issued_after`: then the newest of those is
    /// returned. In one step, so that callers who race are given one challenge.
    ///
    /// # Errors
    /// [`StoreError::TooManyChallenges`] at the store's cap.
    async fn insert_or_reuse_challenge(
        &self,
        challenge: Challenge,
        issued_after: OffsetDateTime,
    ) -> Result<Challenge, StoreError>;

    /// The challenges with the server's message for a target that are live at `now`, newest first.
    async fn list_live_challenges(
        &self,
        target: &ChallengeTarget,
        now: OffsetDateTime,
    ) -> Result<Vec<Challenge>, StoreError>;

    /// Finds a challenge, live or not, by its id within one profile and purpose.
    async fn find_challenge(
        &self,
        profile: Profile,
        purpose: Purpose,
        id: ChallengeId,
    ) -> Result<Option<Challenge>, StoreError>;

    /// Finds a challenge, live or not, by its nonce within one profile and purpose.
    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError>;

    /// Consumes a challenge and grants what it was for, in one transaction: consume it if it is
    /// still live at `redeem.now`, find the account that owns the wallet (by its
    /// [`key`](crate::wallet::Wallet::key)) or create both, call `redeem.grant` for it, insert what that made.
    /// Of any number of racing calls, in one process or several, exactly one returns `Some`; the others
    /// change nothing.
    ///
    /// # Errors
    /// [`StoreError::TooManyApiKeys`] when a key is granted to an account that has as many as it
    /// may; the challenge is then not consumed.
    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError>;

    /// Forgets challenges whose `expires_at` is before this instant, consumed or not; returns how many.
    async fn delete_challenges_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError>;
}

/// Sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Finds a session, live or not, by the hash of its token.
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError>;

    /// Revokes a session, expired or not; `false` when there is none or it was revoked before.
    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Forgets sessions whose `expires_at` is before this instant; returns how many.
    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError>;
}

/// API keys.
#[async_trait]
pub trait ApiKeyStore: Send + Sync {
    /// Keeps a fresh key, and at most [`MAX_KEPT_API_KEYS`] of its account and profile.
    ///
    /// # Errors
    /// [`StoreError::TooManyApiKeys`] when the account has [`MAX_LIVE_API_KEYS`] live ones in the profile, at
    /// the instant of the key's creation.
    async fn insert_api_key(&self, key: ApiKey) -> Result<(), StoreError>;

    /// Finds a key, live or not, by the hash of its secret.
    async fn find_api_key(&self, secret: &HashedSecret) -> Result<Option<ApiKey>, StoreError>;

    /// All keys of an owner, live or not, newest first; at most [`MAX_KEPT_API_KEYS`] of each account.
    async fn list_api_keys(&self, owner: &KeyOwner) -> Result<Vec<ApiKey>, StoreError>;

    /// Revokes a key, expired or not; `None` when this owner has none of this id. A second call changes
    /// nothing and says so.
    async fn revoke_api_key(
        &self,
        owner: &KeyOwner,
        id: &ApiKeyId,
        now: OffsetDateTime,
    ) -> Result<Option<RevokedApiKey>, StoreError>;

    /// Notes when keys were last used; an earlier instant never replaces a later one. Hashes of no key are
    /// passed over.
    async fn record_api_key_uses(&self, uses: Vec<ApiKeyUse>) -> Result<(), StoreError>;

    /// Forgets keys whose `revoked_at` or `expires_at` is before this instant; returns how many.
    async fn delete_api_keys_dead_before(&self, instant: OffsetDateTime)
    -> Result<u64, StoreError>;
}

/// All of storage. Whatever implements the three traits is one.
pub trait Store: ChallengeStore + SessionStore + ApiKeyStore {}

impl<T: ChallengeStore + SessionStore + ApiKeyStore> Store for T {}

/// Why storage did not do its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or not in time. A write may still be done.
    #[error("the database is unavailable")]
    Unavailable,
    /// The cap on stored challenges is reached.
    #[error("too many challenges are waiting for an answer")]
    TooManyChallenges,
    /// The cap on an account's live API keys is reached.
    #[error("the account has as many API keys as it may")]
    TooManyApiKeys,
}
