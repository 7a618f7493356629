//! Storage on SQL: what [`countersign_core::store`] asks for, on one SQLite file.
//!
//! Statements are fixed SQL on a thread that waits for them: building a query, or handing one to
//! another thread, costs more than running it. SQLite knows one writer at a time, so all writes
//! go through `writer`, which commits them in groups; `readers` see only what was committed.
//! sea-orm runs the migrations.

mod challenges;
mod connect;
mod migration;
mod readers;
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
use time::OffsetDateTime;

pub use connect::{DatabaseUrl, InvalidDatabaseUrl, OpenError};
pub use migration::Migrator;
use readers::Readers;
use writer::{Command, Outcome, Writer};

/// All of storage, on one SQLite database.
pub struct SqliteStore {
    readers: Readers,
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
    /// [`OpenError`] says what is in the way.
    pub async fn open(url: &DatabaseUrl, max_challenges: u64) -> Result<Self, OpenError> {
        connect::migrate(url).await?;
        let writes = connect::writes(url)?;
        let waiting = AtomicU64::new(challenges::count_waiting(&writes)?);
        let readers = Readers::new(connect::reads(url)?);
        Ok(Self {
            readers,
            writer: Writer::start(writes)?,
            waiting,
            max_challenges,
        })
    }

    /// Whether the database reads, and wrote when it last tried.
    pub fn is_ready(&self) -> bool {
        self.writer.is_ready() && self.readers.read(sessions::read_any).is_ok()
    }

    /// Finishes the writes under way and closes the database.
    pub async fn close(self) {
        self.writer.close().await;
    }

    async fn write_rows(&self, command: Command) -> Result<usize, StoreError> {
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
fn unavailable(error: &rusqlite::Error) -> StoreError {
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
        self.readers
            .read(|connection| challenges::find(connection, profile, purpose, id))
    }

    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError> {
        self.readers
            .read(|connection| challenges::find_by_nonce(connection, profile, purpose, nonce))
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
        let waiting = self.readers.read(challenges::count_waiting)?;
        self.waiting.store(waiting, Ordering::Relaxed);
        Ok(deleted as u64)
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError> {
        self.readers
            .read(|connection| sessions::find(connection, token))
    }

    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError> {
        Ok(self.write_rows(Command::RevokeSession { id, now }).await? == 1)
    }

    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let deleted = self
            .write_rows(Command::DeleteSessions {
                expired_before: instant,
            })
            .await?;
        Ok(deleted as u64)
    }
}
