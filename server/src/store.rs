//! Storage on SQL: what [`countersign_core::store`] asks for, on one SQLite file.
//!
//! Statements are fixed SQL, because building a query costs more than running it. SQLite knows
//! one writer at a time, so all writes go through [`writer`], which commits them in groups;
//! reads have a pool of their own and see only what was committed.

mod challenges;
mod connect;
mod migration;
mod row;
mod sessions;
mod writer;

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use countersign_core::{
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    session::{Session, SessionId},
    store::{ChallengeStore, Granted, Redeem, SessionStore, StoreError},
};
use sea_orm::{DatabaseConnection, DbErr};
use time::OffsetDateTime;

pub use connect::{DatabaseUrl, InvalidDatabaseUrl};
pub use migration::Migrator;
use writer::{Command, Outcome, Writer};

/// All of storage, on one SQLite database.
pub struct SqliteStore {
    reads: DatabaseConnection,
    writer: Writer,
    /// Challenges that wait for an answer, counted here so that the cap costs no query, and
    /// counted again after each clean-up, because another process may share the file.
    waiting: AtomicU64,
    max_challenges: u64,
}

impl SqliteStore {
    /// Opens the database, creating it if it is absent, and brings its schema up to date.
    ///
    /// # Errors
    /// [`DbErr`] when the file cannot be opened or a migration fails.
    pub async fn open(url: &DatabaseUrl, max_challenges: u64) -> Result<Self, DbErr> {
        let writes = connect::writes(url).await?;
        migration::up(&writes).await?;
        let reads = connect::reads(url).await?;
        let waiting = AtomicU64::new(challenges::count_waiting(&reads).await?);
        Ok(Self {
            reads,
            writer: Writer::start(writes),
            waiting,
            max_challenges,
        })
    }

    /// Whether the database reads, and wrote when it last tried.
    pub async fn is_ready(&self) -> bool {
        self.writer.is_ready() && sessions::can_be_read(&self.reads).await
    }

    /// Finishes the writes under way and closes the database.
    pub async fn close(self) {
        self.writer.close().await;
        if let Err(error) = self.reads.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }

    async fn write_rows(&self, command: Command) -> Result<u64, StoreError> {
        match self.writer.write(command).await? {
            Outcome::Rows(rows) => Ok(rows),
            Outcome::Granted(_) => unreachable!("only a redeem grants"),
        }
    }

    /// One challenge less waits. Never below zero, whatever another process did.
    fn one_less_waits(&self) {
        let less = |waiting: u64| Some(waiting.saturating_sub(1));
        let _before = self
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// A place among the waiting challenges; given back unless it is kept, even when the client
/// goes away in between.
struct Place<'a>(&'a SqliteStore);

impl<'a> Place<'a> {
    fn take(store: &'a SqliteStore) -> Option<Self> {
        let place = Self(store);
        (store.waiting.fetch_add(1, Ordering::Relaxed) < store.max_challenges).then_some(place)
    }

    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.one_less_waits();
    }
}

/// The log gets the cause, the caller the fact.
fn unavailable(error: DbErr) -> StoreError {
    tracing::error!(%error, "the database failed");
    StoreError::Unavailable
}

#[async_trait]
impl ChallengeStore for SqliteStore {
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError> {
        let place = Place::take(self).ok_or(StoreError::TooManyChallenges)?;
        self.write_rows(Command::InsertChallenge(challenge)).await?;
        place.keep();
        Ok(())
    }

    async fn find_challenge(
        &self,
        profile: Profile,
        purpose: Purpose,
        id: ChallengeId,
    ) -> Result<Option<Challenge>, StoreError> {
        challenges::find(&self.reads, profile, purpose, id)
            .await
            .map_err(unavailable)
    }

    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError> {
        challenges::find_by_nonce(&self.reads, profile, purpose, nonce)
            .await
            .map_err(unavailable)
    }

    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError> {
        let Outcome::Granted(granted) = self.writer.write(Command::Redeem(redeem)).await? else {
            unreachable!("a redeem grants or does not");
        };
        if granted.is_some() {
            self.one_less_waits();
        }
        Ok(granted.map(|granted| *granted))
    }

    async fn delete_challenges_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let deleted = self
            .write_rows(Command::DeleteChallenges {
                expired_before: instant,
            })
            .await?;
        let waiting = challenges::count_waiting(&self.reads)
            .await
            .map_err(unavailable)?;
        self.waiting.store(waiting, Ordering::Relaxed);
        Ok(deleted)
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError> {
        sessions::find(&self.reads, token)
            .await
            .map_err(unavailable)
    }

    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError> {
        Ok(self.write_rows(Command::RevokeSession { id, now }).await? == 1)
    }

    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        self.write_rows(Command::DeleteSessions {
            expired_before: instant,
        })
        .await
    }
}
