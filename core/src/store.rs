//! Storage ports: one trait an aggregate, methods named by intent.
//!
//! Instants are whole milliseconds. Every method can fail with [`StoreError::Unavailable`], and has
//! then changed nothing. Every implementation passes the suite in `store_suite` (feature `test-support`).

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::{
    account::AccountId,
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    session::{IssuedSession, Session, SessionId},
    wallet::Wallet,
};

/// Challenges, and the one command that consumes them.
#[async_trait]
pub trait ChallengeStore: Send + Sync {
    /// Keeps a fresh challenge.
    ///
    /// # Errors
    /// [`StoreError::TooManyChallenges`] at the store's cap.
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError>;

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
    /// still live, find or create the account and wallet, insert what is granted. Of any number
    /// of racing calls, in one process or several, exactly one returns `Some`; the others change nothing.
    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError>;

    /// Forgets challenges that expired before this instant; returns how many.
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

    /// Revokes a session; `false` when there is none or it was revoked before.
    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError>;

    /// Forgets sessions that expired before this instant; returns how many.
    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError>;
}

/// All of storage.
pub trait Store: ChallengeStore + SessionStore {}

impl<T: ChallengeStore + SessionStore> Store for T {}

/// Makes what is granted, for the account that turns out to own the wallet. Called inside the
/// transaction, possibly again when the transaction is retried.
pub type Grant = Arc<dyn Fn(AccountId) -> IssuedSession + Send + Sync>;

/// The command to consume a challenge. The proof has been checked before.
#[derive(Clone)]
pub struct Redeem {
    /// The challenge to consume.
    pub challenge: ChallengeId,
    /// The present instant.
    pub now: OffsetDateTime,
    /// The wallet that answered.
    pub wallet: Wallet,
    /// The id of the account to create, should the wallet be new.
    pub new_account: AccountId,
    /// Makes what is granted.
    pub grant: Grant,
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

/// What a consumed challenge gave.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The session, for the account that owns the wallet.
    pub issued: IssuedSession,
    /// Whether the wallet, and with it the account, is new.
    pub is_new_account: bool,
}

/// Why storage did not do its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or not in time; nothing was changed.
    #[error("the database is unavailable")]
    Unavailable,
    /// The cap on stored challenges is reached.
    #[error("too many challenges are waiting for an answer")]
    TooManyChallenges,
}
