//! Storage on one SQLite file.
//!
//! Statements are fixed SQL: building a query costs more than running it. SQLite knows one writer at a time, so all
//! writes go through `writer`, which commits them in groups; `readers` see only what was committed.

mod api_keys;
mod challenges;
mod connect;
pub(crate) mod inspect;
mod readers;
mod row;
mod sessions;
mod writer;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use countersign_core::{
    api_key::{ApiKey, ApiKeyId},
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    session::{Session, SessionId},
    store::{
        ApiKeyStore, ApiKeyUse, ChallengeStore, ChallengeTarget, Granted, KeyOwner, Redeem,
        RevokedApiKey, SessionStore, StoreError,
    },
};
use time::OffsetDateTime;

use super::{Database, OpenError, waiting::Waiting};
use challenges::{Offered, Redeemed};
use readers::Readers;
use writer::{Command, Outcome, Writer};

/// All of storage, on one SQLite file. Several processes may share the file: a challenge is consumed
/// once all the same.
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
    waiting: Waiting,
}

impl SqliteStore {
    /// Opens the database in this file, creating it if it is absent (for its owner only), and brings its schema
    /// up to date. At most `max_challenges` unconsumed challenges are kept. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`] says what is in the way.
    pub async fn open(file: &Path, max_challenges: u64) -> Result<Self, OpenError> {
        connect::migrate(file).await?;
        let writes = connect::writes(file)?;
        let waiting = Waiting::new(challenges::count_waiting(&writes)?, max_challenges);
        let readers = Readers::new(connect::reads(file)?);
        Ok(Self {
            readers,
            writer: Writer::start(writes)?,
            waiting,
        })
    }

    /// Finishes the writes under way and closes the database. What was answered is on disk without it.
    pub async fn close(self) {
        self.writer.close().await;
    }

    async fn write_rows(&self, command: Command) -> Result<usize, StoreError> {
        match self.writer.write(command).await? {
            Outcome::Rows(rows) => Ok(rows),
            _ => unreachable!("the command writes rows"),
        }
    }
}

/// The log gets the cause, the caller the fact.
fn unavailable(error: &rusqlite::Error) -> StoreError {
    tracing::error!(%error, "the database failed");
    StoreError::Unavailable
}

#[async_trait]
impl Database for SqliteStore {
    async fn is_ready(&self) -> bool {
        self.writer.is_ready() && self.readers.read(sessions::read_any).await.is_ok()
    }

    fn waiting_challenges(&self) -> u64 {
        self.waiting.count()
    }

    fn queued_writes(&self) -> usize {
        self.writer.queued()
    }

    async fn close(self: Arc<Self>) {
        if let Some(store) = Arc::into_inner(self) {
            store.close().await;
        }
    }
}

#[async_trait]
impl ChallengeStore for SqliteStore {
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError> {
        let place = self.waiting.take().ok_or(StoreError::TooManyChallenges)?;
        self.write_rows(Command::InsertChallenge(challenge)).await?;
        place.keep();
        Ok(())
    }

    async fn insert_or_reuse_challenge(
        &self,
        challenge: Challenge,
        issued_after: OffsetDateTime,
    ) -> Result<Challenge, StoreError> {
        // Most callers need no room, so it is counted only for whoever turns out to need it; those
        // under way at once can exceed the cap.
        let has_room = self.waiting.has_room();
        let command = Command::InsertOrReuseChallenge {
            challenge: challenge.clone(),
            issued_after,
            has_room,
        };
        let Outcome::Offered(offered) = self.writer.write(command).await? else {
            unreachable!("the command inserts or reuses");
        };
        match offered {
            Offered::Inserted => {
                self.waiting.one_more();
                Ok(challenge)
            }
            Offered::Reused(known) => Ok(*known),
            Offered::TooMany => Err(StoreError::TooManyChallenges),
        }
    }

    async fn list_live_challenges(
        &self,
        target: &ChallengeTarget,
        now: OffsetDateTime,
    ) -> Result<Vec<Challenge>, StoreError> {
        let target = target.clone();
        self.readers
            .read(move |connection| challenges::list_live(connection, &target, now))
            .await
    }

    async fn find_challenge(
        &self,
        profile: Profile,
        purpose: Purpose,
        id: ChallengeId,
    ) -> Result<Option<Challenge>, StoreError> {
        self.readers
            .read(move |connection| challenges::find(connection, profile, purpose, id))
            .await
    }

    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError> {
        let nonce = nonce.clone();
        self.readers
            .read(move |connection| challenges::find_by_nonce(connection, profile, purpose, &nonce))
            .await
    }

    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError> {
        let Outcome::Redeemed(redeemed) = self.writer.write(Command::Redeem(redeem)).await? else {
            unreachable!("the command redeems");
        };
        match redeemed {
            Redeemed::Lost => Ok(None),
            Redeemed::TooManyApiKeys => Err(StoreError::TooManyApiKeys),
            Redeemed::Granted(granted) => {
                self.waiting.one_less();
                Ok(Some(*granted))
            }
        }
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
        self.waiting
            .set(self.readers.read(challenges::count_waiting).await?);
        Ok(deleted as u64)
    }
}

#[async_trait]
impl SessionStore for SqliteStore {
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError> {
        let token = *token;
        self.readers
            .read(move |connection| sessions::find(connection, &token))
            .await
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

#[async_trait]
impl ApiKeyStore for SqliteStore {
    async fn insert_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        let command = Command::InsertApiKey(Box::new(key));
        match self.write_rows(command).await? {
            0 => Err(StoreError::TooManyApiKeys),
            _ => Ok(()),
        }
    }

    async fn find_api_key(&self, secret: &HashedSecret) -> Result<Option<ApiKey>, StoreError> {
        let secret = *secret;
        self.readers
            .read(move |connection| api_keys::find(connection, &secret))
            .await
    }

    async fn list_api_keys(&self, owner: &KeyOwner) -> Result<Vec<ApiKey>, StoreError> {
        let owner = owner.clone();
        self.readers
            .read(move |connection| api_keys::list(connection, &owner))
            .await
    }

    async fn revoke_api_key(
        &self,
        owner: &KeyOwner,
        id: &ApiKeyId,
        now: OffsetDateTime,
    ) -> Result<Option<RevokedApiKey>, StoreError> {
        let (owner, id) = (owner.clone(), id.clone());
        let command = Command::RevokeApiKey { owner, id, now };
        let Outcome::Revoked(revoked) = self.writer.write(command).await? else {
            unreachable!("the command revokes a key");
        };
        Ok(revoked)
    }

    async fn record_api_key_uses(&self, uses: Vec<ApiKeyUse>) -> Result<(), StoreError> {
        self.write_rows(Command::RecordApiKeyUses(uses)).await?;
        Ok(())
    }

    async fn delete_api_keys_dead_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let command = Command::DeleteApiKeys {
            dead_before: instant,
        };
        Ok(self.write_rows(command).await? as u64)
    }
}
