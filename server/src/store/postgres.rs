//! Storage on Postgres, which several servers may share.
//!
//! Statements are fixed SQL that each connection keeps prepared. Every wait has an end: what is not answered in time
//! is `Unavailable`, and its connection is not used again. What must be one step is one statement, or a transaction
//! that begins with a lock.

mod api_keys;
mod at_hand;
mod challenges;
mod connect;
pub(crate) mod inspect;
mod node;
mod pool;
mod redeem;
mod row;
mod sessions;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign_core::{
    api_key::{ApiKey, ApiKeyId},
    challenge::{Challenge, ChallengeId, Purpose},
    instant::milliseconds,
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    session::{Session, SessionId},
    store::{
        ApiKeyStore, ApiKeyUse, ChallengeStore, ChallengeTarget, Granted, KeyOwner, Redeem,
        RevokedApiKey, SessionStore, StoreError,
    },
};
use sea_orm::sqlx::{Connection, PgConnection, query, query_scalar};
use time::OffsetDateTime;

use super::{Database, OpenError, waiting::Waiting};
pub(crate) use connect::Server;
pub use connect::{PostgresOptions, Tls};
use node::Node;
pub(crate) use node::{NodeError, Stream};
use pool::{Fault, Pool};

/// Brings the schema up to date, and returns a connection that fills it.
///
/// # Errors
/// [`OpenError`] says what is in the way.
pub(super) async fn prepare(options: &PostgresOptions) -> Result<PgConnection, OpenError> {
    connect::migrate(options).await?;
    connect::connect(options).await
}

/// All of storage, on one Postgres database. Several servers may share it: a challenge is consumed once all the same.
pub struct PostgresStore {
    options: PostgresOptions,
    node: Arc<Node>,
    pool: Pool,
    waiting: Waiting,
    /// When the challenges were last counted in the database.
    counted_at: Mutex<Instant>,
}

/// How long a beat may take. It proves nothing when it comes later.
const NODE_DEADLINE: Duration = Duration::from_secs(1);
/// How long it may take until this node listens.
const LISTEN_DEADLINE: Duration = Duration::from_secs(5);
/// How often the database is asked how many challenges wait, while memory says that there is no room.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// Rows deleted by one statement.
const DELETED_AT_ONCE: i64 = 5000;
/// Reads a table, whatever is in it; false on a standby, where nothing can be written.
const IS_READY: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM session LIMIT 1) AS one) >= 0 AND NOT pg_is_in_recovery()";

impl PostgresStore {
    /// Brings the schema up to date and opens the database, which must be there. At most `max_challenges`
    /// unconsumed challenges are kept, or somewhat more while several servers issue them.
    ///
    /// # Errors
    /// [`OpenError`] says what is in the way.
    pub async fn open(options: &PostgresOptions, max_challenges: u64) -> Result<Self, OpenError> {
        connect::migrate(options).await?;
        let mut connection = connect::connect(options).await?;
        let waiting = challenges::count_waiting(&mut connection).await?;
        let node = Arc::new(Node::new());
        node.register(&mut connection).await?;
        connection.close().await?;
        Ok(Self {
            options: options.clone(),
            pool: Pool::new(connect::pool(options, &node), node.clone()),
            node,
            waiting: Waiting::new(waiting, max_challenges),
            counted_at: Mutex::new(Instant::now()),
        })
    }

    /// Tells all nodes that this one lives, and by which keys it signs; returns the keys by which the fleet does.
    ///
    /// # Errors
    /// [`NodeError`]. Whether it was told is then not known, unless it is [`NodeError::Lost`].
    pub(crate) async fn beat(&self, number: i64, keys: &str) -> Result<String, NodeError> {
        let beaten = async {
            let mut lease = self.pool.lease().await.map_err(in_words)?;
            let beaten = self.node.beat(&mut lease, number, keys).await;
            lease.settle(beaten).map_err(in_words)
        };
        let beaten = tokio::time::timeout(NODE_DEADLINE, beaten).await;
        match beaten {
            Ok(beaten) => beaten,
            Err(_) if self.node.is_cut_off() => Err(NodeError::Lost),
            Err(_) => Err(NodeError::Silent),
        }
    }

    /// Begins to listen to all nodes.
    ///
    /// # Errors
    /// [`NodeError`].
    pub(crate) async fn listen(&self) -> Result<Stream, NodeError> {
        let listening = async { Stream::of(connect::listener(&self.options).await?).await };
        let listening = tokio::time::timeout(LISTEN_DEADLINE, listening).await;
        Ok(listening.map_err(|_| NodeError::Silent)??)
    }

    /// Whether this is what the other nodes call this server.
    pub(crate) fn is_node(&self, id: &str) -> bool {
        self.node.is(id)
    }

    /// Counts again, if that was some time ago: those that this server issued may have been answered elsewhere.
    async fn count_again(&self) -> Result<(), StoreError> {
        {
            let mut counted_at = self
                .counted_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if counted_at.elapsed() < COUNT_EVERY {
                return Ok(());
            }
            *counted_at = Instant::now();
        }
        self.count().await
    }

    async fn count(&self) -> Result<(), StoreError> {
        let count = self.pool.read(|mut lease| async move {
            let done = challenges::count_waiting(&mut lease).await;
            lease.settle(done)
        });
        self.waiting.set(count.await?);
        Ok(())
    }

    /// Deletes what is older, a part at a time, so that each statement is short.
    async fn delete(&self, sql: &'static str, before: OffsetDateTime) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let deleted = self.pool.write(|mut lease| async move {
                let delete = query(sql).bind(milliseconds(before)).bind(DELETED_AT_ONCE);
                let done = delete.execute(&mut *lease).await;
                lease.settle(done)
            });
            let deleted = deleted.await?.rows_affected();
            all += deleted;
            if deleted < DELETED_AT_ONCE.unsigned_abs() {
                return Ok(all);
            }
        }
    }

    async fn has_room(&self) -> Result<bool, StoreError> {
        if !self.waiting.has_room() {
            self.count_again().await?;
        }
        Ok(self.waiting.has_room())
    }
}

#[async_trait]
impl Database for PostgresStore {
    async fn is_ready(&self) -> bool {
        let asked = self.pool.read(|mut lease| async move {
            let done = query_scalar(IS_READY).fetch_one(&mut *lease).await;
            lease.settle(done)
        });
        asked.await.unwrap_or(false)
    }

    fn waiting_challenges(&self) -> u64 {
        self.waiting.count()
    }

    fn queued_writes(&self) -> usize {
        self.pool.queued()
    }

    async fn close(self: Arc<Self>) {
        let node = &self.node;
        let left = self.pool.write(|mut lease| async move {
            let done = node.leave(&mut lease).await;
            lease.settle(done)
        });
        // Whoever could not leave is forgotten after a month.
        let _left = left.await;
        self.pool.close().await;
    }
}

#[async_trait]
impl ChallengeStore for PostgresStore {
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError> {
        if !self.has_room().await? {
            return Err(StoreError::TooManyChallenges);
        }
        let place = self.waiting.take().ok_or(StoreError::TooManyChallenges)?;
        let inserted = self.pool.write(|mut lease| async move {
            let done = challenges::insert(&mut lease, &challenge).await;
            lease.settle(done)
        });
        inserted.await?;
        place.keep();
        Ok(())
    }

    async fn insert_or_reuse_challenge(
        &self,
        challenge: Challenge,
        issued_after: OffsetDateTime,
    ) -> Result<Challenge, StoreError> {
        let Some(target) = ChallengeTarget::of(&challenge) else {
            self.insert_challenge(challenge.clone()).await?;
            return Ok(challenge);
        };
        // Most callers need no room, so it is counted only for whoever turns out to need it; those
        // under way at once can exceed the cap.
        let has_room = self.has_room().await?;
        let (owner, fresh) = (&target, &challenge);
        let offered = self.pool.write(|mut lease| async move {
            let done =
                challenges::insert_or_reuse(&mut lease, owner, fresh, issued_after, has_room).await;
            lease.settle(done)
        });
        if let Some(known) = offered.await? {
            return Ok(known);
        }
        self.waiting.one_more();
        Ok(challenge)
    }

    async fn list_live_challenges(
        &self,
        target: &ChallengeTarget,
        now: OffsetDateTime,
    ) -> Result<Vec<Challenge>, StoreError> {
        let listed = self.pool.read(|mut lease| async move {
            let ever = OffsetDateTime::UNIX_EPOCH;
            let done = challenges::list(&mut lease, target, ever, now).await;
            lease.settle(done)
        });
        listed.await
    }

    async fn find_challenge(
        &self,
        profile: Profile,
        purpose: Purpose,
        id: ChallengeId,
    ) -> Result<Option<Challenge>, StoreError> {
        let found = self.pool.read(|mut lease| async move {
            let done = challenges::find(&mut lease, profile, purpose, id).await;
            lease.settle(done)
        });
        found.await
    }

    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError> {
        let found = self.pool.read(|mut lease| async move {
            let done = challenges::find_by_nonce(&mut lease, profile, purpose, nonce).await;
            lease.settle(done)
        });
        found.await
    }

    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError> {
        let granted = self.pool.write(|mut lease| async move {
            let done = redeem::redeem(&mut lease, &redeem).await;
            lease.settle(done)
        });
        let granted = granted.await?;
        if granted.is_some() {
            self.waiting.one_less();
        }
        Ok(granted)
    }

    async fn delete_challenges_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let deleted = self.delete(challenges::DELETE, instant).await?;
        self.count().await?;
        Ok(deleted)
    }
}

#[async_trait]
impl SessionStore for PostgresStore {
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError> {
        let found = self.pool.read(|mut lease| async move {
            let done = sessions::find(&mut lease, token).await;
            lease.settle(done)
        });
        found.await
    }

    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let revoked = self.pool.write(|mut lease| async move {
            let done = sessions::revoke(&mut lease, id, now).await;
            lease.settle(done)
        });
        revoked.await
    }

    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        self.delete(sessions::DELETE, instant).await
    }
}

#[async_trait]
impl ApiKeyStore for PostgresStore {
    async fn insert_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        let inserted = self.pool.write(|mut lease| async move {
            let done = api_keys::insert_if_room(&mut lease, &key).await;
            lease.settle(done)
        });
        inserted.await
    }

    async fn find_api_key(&self, secret: &HashedSecret) -> Result<Option<ApiKey>, StoreError> {
        let found = self.pool.read(|mut lease| async move {
            let done = api_keys::find(&mut lease, secret).await;
            lease.settle(done)
        });
        found.await
    }

    async fn list_api_keys(&self, owner: &KeyOwner) -> Result<Vec<ApiKey>, StoreError> {
        let listed = self.pool.read(|mut lease| async move {
            let done = api_keys::list(&mut lease, owner).await;
            lease.settle(done)
        });
        listed.await
    }

    async fn revoke_api_key(
        &self,
        owner: &KeyOwner,
        id: &ApiKeyId,
        now: OffsetDateTime,
    ) -> Result<Option<RevokedApiKey>, StoreError> {
        let revoked = self.pool.write(|mut lease| async move {
            let done = api_keys::revoke(&mut lease, owner, id, now).await;
            lease.settle(done)
        });
        revoked.await
    }

    async fn record_api_key_uses(&self, uses: Vec<ApiKeyUse>) -> Result<(), StoreError> {
        let recorded = self.pool.write(|mut lease| async move {
            let done = api_keys::record_uses(&mut lease, &uses).await;
            lease.settle(done)
        });
        recorded.await
    }

    async fn delete_api_keys_dead_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        self.delete(api_keys::DELETE_DEAD, instant).await
    }
}

fn in_words(fault: Fault) -> NodeError {
    match fault {
        Fault::Sql(error) => NodeError::Sql(error),
        Fault::Refused(_) => NodeError::Lost,
    }
}
