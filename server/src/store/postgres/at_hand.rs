//! Connections that were in use a moment ago, for whoever needs one next.
//!
//! The pool asks Postgres after each use whether a connection still works, which makes two ways to the database of one.
//! So a connection goes from hand to hand for a second, and only then back to the pool.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::sqlx::{Connection, Postgres, pool::PoolConnection};
use tokio::{runtime::Handle, time::timeout};

/// How long a connection is not given back, used or not. Whoever asks for one looks; a beat of the node does, twice a
/// second.
const KEPT_FOR: Duration = Duration::from_secs(1);
/// How long one may take to answer when it is given back, on a machine that is busy, too: a new one costs more. Meanwhile
/// nobody else can have its place in the pool.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that nobody uses now; `None` when no more are kept.
pub(super) struct AtHand(Mutex<Option<Vec<Taken>>>);

/// A connection, and since when the pool does not have it.
pub(super) struct Taken {
    pub(super) connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Taken {
    /// From the pool, which judged it not before this instant.
    pub(super) fn new(connection: PoolConnection<Postgres>, since: Instant) -> Self {
        Self { connection, since }
    }

    /// Back to the pool, if it still works.
    fn give_back(mut self) {
        tokio::spawn(async move {
            let answered = timeout(PATIENCE, self.connection.ping()).await;
            if !matches!(answered, Ok(Ok(()))) {
                // Not even told that it ends, which it might not hear: its place in the pool is free at once.
                drop(self.connection.detach());
            }
        });
    }
}

impl AtHand {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Some(vec![])))
    }

    /// One of those that `is_good` holds of, given for how long the pool has not had it. All others, and those that were
    /// kept long enough, go back to the pool.
    pub(super) fn take(&self, is_good: impl Fn(Duration) -> bool) -> Option<Taken> {
        let mut kept = self.kept();
        let now = Instant::now();
        let is_done = |taken: &mut Taken| {
            let held = now.saturating_duration_since(taken.since);
            held >= KEPT_FOR || !is_good(held)
        };
        let connections = kept.as_mut()?;
        let done: Vec<_> = connections.extract_if(.., is_done).collect();
        let next = connections.pop();
        drop(kept);
        done.into_iter().for_each(Taken::give_back);
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
        let all = self.kept().take().unwrap_or_default();
        all.into_iter().for_each(Taken::give_back);
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
