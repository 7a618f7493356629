//! The pool of connections, and how long anybody waits for one.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_core::store::StoreError;
use sea_orm::{
    SqlxError,
    sqlx::{PgConnection, PgPool},
};
use tokio::sync::Semaphore;

use super::{
    at_hand::{AtHand, Taken},
    node::{Node, NodeError},
};

/// How long a request may wait for what it asks, the connection included.
const READ: Duration = Duration::from_millis(1500);
/// How long a client waits for its commit.
pub(super) const WRITE: Duration = Duration::from_secs(10);

/// Connections that are shared by everybody. Whoever writes leaves one to those who read, and both leave one to the beat
/// of the node, which would else be late when there is much to do: then memory would not be believed, and there would
/// be more to do.
pub(super) struct Pool {
    pool: PgPool,
    at_hand: Arc<AtHand>,
    node: Arc<Node>,
    requests: Semaphore,
    writes: Semaphore,
    queued: AtomicUsize,
    complaints: Complaints,
}

/// What is told of failures: one line a second, however many there are.
#[derive(Debug, Default)]
struct Complaints {
    told_at: Mutex<Option<Instant>>,
    untold: AtomicUsize,
}

impl Complaints {
    /// Tells of a failure, with how many were not told since the last line; or counts it.
    fn tell(&self, tell: impl FnOnce(usize)) {
        let mut told_at = self.told_at.lock().unwrap_or_else(PoisonError::into_inner);
        if told_at.is_some_and(|at| at.elapsed() < Duration::from_secs(1)) {
            self.untold.fetch_add(1, Ordering::Relaxed);
            return;
        }
        *told_at = Some(Instant::now());
        tell(self.untold.swap(0, Ordering::Relaxed));
    }
}

/// Why a step was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// Postgres refused it, or is gone.
    Sql(SqlxError),
    /// It must not be done.
    Refused(StoreError),
}

impl From<SqlxError> for Fault {
    fn from(error: SqlxError) -> Self {
        Self::Sql(error)
    }
}

impl Pool {
    pub(super) fn new(pool: PgPool, node: Arc<Node>) -> Self {
        let requests = pool.options().get_max_connections() as usize - 1;
        Self {
            pool,
            at_hand: Arc::new(AtHand::new()),
            node,
            requests: Semaphore::new(requests),
            writes: Semaphore::new(requests.saturating_sub(1).max(1)),
            queued: AtomicUsize::new(0),
            complaints: Complaints::default(),
        }
    }

    /// A connection, for the beat of this node at once: it is in nobody's way.
    pub(super) async fn lease(&self) -> Result<Lease, Fault> {
        let is_good = |held| !self.node.has_been_cut_off_since(held);
        let taken = match self.at_hand.take(is_good) {
            Some(taken) => taken,
            // Connecting needs much room, which most who come here would only carry about.
            None => {
                let since = Instant::now();
                Taken::new(Box::pin(self.pool.acquire()).await?, since)
            }
        };
        Ok(Lease {
            taken: Some(taken),
            at_hand: self.at_hand.clone(),
        })
    }

    /// Waits for a step that changes nothing. It is made once more when its connection turns out to be gone, as all are
    /// that were open before Postgres was started again.
    pub(super) async fn read<T, F: Future<Output = Result<T, Fault>>>(
        &self,
        step: impl Fn(Lease) -> F,
    ) -> Result<T, StoreError> {
        let until_asked = async {
            let mut perhaps_gone = self.pool.size();
            loop {
                match Box::pin(step(self.lease().await?)).await {
                    Err(Fault::Sql(error)) if is_gone(&error) && perhaps_gone > 0 => {
                        perhaps_gone -= 1;
                    }
                    done => return done,
                }
            }
        };
        self.within(READ, self.at_the_right_database(until_asked))
            .await
    }

    /// Waits for a step and its commit.
    pub(super) async fn write<T, F: Future<Output = Result<T, Fault>>>(
        &self,
        step: impl FnOnce(Lease) -> F,
    ) -> Result<T, StoreError> {
        let _queued = Queued::in_line(&self.queued);
        let in_turn = async {
            let _turn = self.writes.acquire().await.expect("it is never closed");
            Box::pin(step(self.lease().await?)).await
        };
        self.within(WRITE, self.at_the_right_database(in_turn))
            .await
    }

    /// Fails at once where a connection would be refused.
    async fn at_the_right_database<T>(
        &self,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let _turn = self.requests.acquire().await.expect("it is never closed");
        match self.node.is_cut_off() {
            true => Err(NodeError::Lost.into()),
            false => step.await,
        }
    }

    /// How many writes are under way or wait.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Waits for what is under way, but not for ever.
    pub(super) async fn close(&self) {
        self.at_hand.close();
        if tokio::time::timeout(WRITE, self.pool.close())
            .await
            .is_err()
        {
            tracing::warn!("connections to the database were still in use at the end");
        }
    }

    /// The log gets the cause, the caller the fact. Causes hold no parameters.
    async fn within<T>(
        &self,
        limit: Duration,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(limit, step).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(Fault::Refused(error))) => return Err(error),
            Ok(Err(Fault::Sql(error))) => self
                .complaints
                .tell(|more| tracing::error!(%error, more, "the database failed")),
            Err(_) => self.complaints.tell(|more| {
                tracing::error!(
                    more,
                    "the database did not answer in time; a write may still be done"
                );
            }),
        }
        Err(StoreError::Unavailable)
    }
}

/// Whether a connection had ended, by itself or by Postgres' word (class 57 with P: it stops, or does not serve yet).
fn is_gone(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_) => true,
        SqlxError::Database(refusal) => refusal.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// Counts a write until it is done or nobody waits for it any more.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn in_line(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection for one step. Unless what was asked on it was answered, it is closed and not used again: nobody can
/// say what else would come.
pub(super) struct Lease {
    /// Until it is settled.
    taken: Option<Taken>,
    at_hand: Arc<AtHand>,
}

impl Lease {
    /// Lets others have the connection, if Postgres answered.
    pub(super) fn settle<T, E: Into<Fault>>(mut self, outcome: Result<T, E>) -> Result<T, Fault> {
        let outcome = outcome.map_err(Into::into);
        match &outcome {
            Ok(_) => {
                if let Some(taken) = self.taken.take() {
                    self.at_hand.keep(taken);
                }
            }
            Err(Fault::Sql(error)) if !is_answer(error) => {}
            // A step that failed may have left a transaction open, which the pool ends.
            Err(_) => drop(self.taken.take()),
        }
        outcome
    }
}

/// Whether it is Postgres that said so, and it goes on.
fn is_answer(error: &SqlxError) -> bool {
    let was_said = matches!(
        error,
        SqlxError::Database(_) | SqlxError::ColumnDecode { .. }
    );
    was_said && !is_gone(error)
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(unsettled) = &mut self.taken {
            unsettled.connection.close_on_drop();
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.taken.as_ref().expect(UNTIL_SETTLED).connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.taken.as_mut().expect(UNTIL_SETTLED).connection
    }
}

const UNTIL_SETTLED: &str = "a lease has its connection until it is settled, which consumes it";
