//! The pool of connections, and how long anybody waits for one.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_core::store::StoreError;
use sea_orm::{
    SqlxError,
    sqlx::{PgConnection, PgPool, Postgres, pool::PoolConnection},
};
use tokio::sync::Semaphore;

use super::node::{Node, NodeError};

/// How long a request may wait for what it asks, the connection included.
const READ: Duration = Duration::from_millis(1500);
/// How long a client waits for its commit.
pub(super) const WRITE: Duration = Duration::from_secs(10);

/// Connections that are shared by everybody. Whoever writes leaves one to those who read.
pub(super) struct Pool {
    pool: PgPool,
    node: Arc<Node>,
    writes: Semaphore,
    queued: AtomicUsize,
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
        let writes = pool.options().get_max_connections().saturating_sub(1);
        Self {
            pool,
            node,
            writes: Semaphore::new(writes.max(1) as usize),
            queued: AtomicUsize::new(0),
        }
    }

    /// A connection, once there is one. To be asked for inside [`Pool::read`] or [`Pool::write`].
    pub(super) async fn lease(&self) -> Result<Lease, Fault> {
        Ok(Lease {
            connection: self.pool.acquire().await?,
            is_settled: false,
        })
    }

    /// Waits for a step that changes nothing.
    pub(super) async fn read<T>(
        &self,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        within(READ, self.at_the_right_database(step)).await
    }

    /// Waits for a step and its commit.
    pub(super) async fn write<T>(
        &self,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, StoreError> {
        let _queued = Queued::in_line(&self.queued);
        let in_turn = async {
            let _turn = self.writes.acquire().await.expect("it is never closed");
            step.await
        };
        within(WRITE, self.at_the_right_database(in_turn)).await
    }

    /// Fails at once where a connection would be refused.
    async fn at_the_right_database<T>(
        &self,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        match self.node.is_cut_off() {
            true => Err(NodeError::Lost.into()),
            false => step.await,
        }
    }

    /// How many writes are under way or wait.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// The log gets the cause, the caller the fact. Causes hold no parameters.
async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, Fault>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Fault::Refused(error))) => Err(error),
        Ok(Err(Fault::Sql(error))) => {
            tracing::error!(%error, "the database failed");
            Err(StoreError::Unavailable)
        }
        Err(_) => {
            tracing::error!("the database did not answer in time; a write may still be done");
            Err(StoreError::Unavailable)
        }
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

/// A connection of the pool. Unless what was asked on it was answered, it is closed and not used again: nobody can
/// say what else would come.
pub(super) struct Lease {
    connection: PoolConnection<Postgres>,
    is_settled: bool,
}

impl Lease {
    /// Gives the connection back, if Postgres answered.
    pub(super) fn settle<T, E: Into<Fault>>(mut self, outcome: Result<T, E>) -> Result<T, Fault> {
        let outcome = outcome.map_err(Into::into);
        let was_answered = match &outcome {
            Ok(_) | Err(Fault::Refused(_)) => true,
            Err(Fault::Sql(error)) => {
                matches!(
                    error,
                    SqlxError::Database(_) | SqlxError::ColumnDecode { .. }
                )
            }
        };
        self.is_settled = was_answered;
        outcome
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.is_settled {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
