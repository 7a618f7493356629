//! Connections that were in use a moment ago, for whoever needs one next.
//!
//! The pool asks Postgres after each use whether a connection still works, which makes two ways to the database of one.
//! So a connection goes from hand to hand for a second, and only then back to the pool.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::sqlx::{Postgres, pool::PoolConnection};
use tokio::runtime::Handle;

/// How long a connection is not given back, used or not.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// Connections that nobody uses now; `None` when no more are kept.
pub(super) struct AtHand(Mutex<Option<Vec<Taken>>>);

/// A connection, and since when the pool does not have it.
pub(super) struct Taken {
    pub(super) connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Taken {
    /// From the pool, just now.
    pub(super) fn now(connection: PoolConnection<Postgres>) -> Self {
        Self {
            connection,
            since: Instant::now(),
        }
    }
}

impl AtHand {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Some(vec![])))
    }

    /// One of those that `is_good` holds of, given for how long the pool has not had it. All others, and those that were
    /// kept long enough, go back to the pool.
    pub(super) fn take(&self, is_good: impl Fn(Duration) -> bool) -> Option<Taken> {
        let now = Instant::now();
        let is_done = |taken: &mut Taken| {
            let held = now.saturating_duration_since(taken.since);
            held >= KEPT_FOR || !is_good(held)
        };
        let mut kept = self.kept();
        let connections = kept.as_mut()?;
        let done: Vec<_> = connections.extract_if(.., is_done).collect();
        let next = connections.pop();
        drop(kept);
        drop(done);
        next
    }

    /// Keeps one that Postgres has answered on, for whoever is next.
    pub(super) fn keep(&self, taken: Taken) {
        if let Some(connections) = self.kept().as_mut() {
            connections.push(taken);
        }
    }

    /// Gives all of them back, from now on at once.
    pub(super) fn close(&self) {
        let all = self.kept().take();
        drop(all);
    }

    fn kept(&self) -> MutexGuard<'_, Option<Vec<Taken>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        // A connection goes back to the pool in a task, for which it is too late then.
        if Handle::try_current().is_err() {
            let left = self.kept().take().unwrap_or_default();
            left.into_iter()
                .for_each(|taken| drop(taken.connection.leak()));
        }
    }
}
