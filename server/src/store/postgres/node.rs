//! This server among those that share the database.
//!
//! Each has a row in which it counts its beats. A database that does not know how far a node has counted has lost
//! what was committed before: it is a copy, a standby that lags, or a restored backup. What it says of credentials
//! may be out of date, so this node has no connection to it, and without one nobody passes.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_core::random::base62;
use sea_orm::{
    SqlxError,
    sqlx::{PgConnection, postgres::PgListener, query, query_as, query_scalar},
};

use super::pool::Fault;
use crate::{
    fleet::{CHANNEL, Heard},
    random::SystemRandom,
};

macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::int8"
    };
}

const REGISTER: &str = concat!(
    "INSERT INTO node (id, beat, started_at, seen_at, signing_keys) VALUES ($1, 0, ",
    now!(),
    ", ",
    now!(),
    ", '')"
);
/// Continues the count, tells all nodes, and says by which key the node signs that has been there longest.
const BEAT: &str = concat!(
    "UPDATE node SET beat = $2, seen_at = ",
    now!(),
    ", signing_keys = $4 WHERE id = $1 AND beat >= $3 AND beat < $2 \
     RETURNING (SELECT n.signing_keys FROM node n WHERE n.signing_keys <> '' AND n.seen_at > ",
    now!(),
    " - 10000 ORDER BY n.started_at, n.id COLLATE \"C\" LIMIT 1), \
     pg_notify('countersign', 'beat ' || id || ' ' || beat)"
);
const CHECK: &str = "SELECT beat FROM node WHERE id = $1 AND NOT pg_is_in_recovery()";
const LEAVE: &str = "DELETE FROM node WHERE id = $1";
/// Nodes that were killed leave their rows behind. One that was only stopped must find its own.
const FORGET_GONE: &str = concat!("DELETE FROM node WHERE seen_at < ", now!(), " - 2592000000");

/// This server, as the database knows it.
#[derive(Debug)]
pub(crate) struct Node {
    id: String,
    /// The last beat of which it is known that it was committed; before the first: negative until there is a row.
    counted: AtomicI64,
    /// Whether the database has lost the count, as far as was seen.
    is_cut_off: AtomicBool,
    cut_off_at: Mutex<Option<Instant>>,
}

/// Why a node is not heard, or does not hear.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    /// The database has failed.
    #[error("the database failed: {0}")]
    Sql(#[from] SqlxError),
    /// It did not answer.
    #[error("the database did not answer in time")]
    Silent,
    /// It knows less than it knew.
    #[error(
        "the database has lost what this server has seen committed: it is a copy, a standby or a restored backup. \
         If it is the one to go on with, restart this server"
    )]
    Lost,
    /// The stream of notifications has ended.
    #[error("the connection that listens was closed")]
    Closed,
}

impl From<NodeError> for Fault {
    fn from(error: NodeError) -> Self {
        Self::Sql(match error {
            NodeError::Sql(error) => error,
            error => SqlxError::Protocol(error.to_string()),
        })
    }
}

/// What all nodes tell each other, from now on.
pub(crate) struct Stream(PgListener);

impl Stream {
    pub(super) async fn of(mut listener: PgListener) -> Result<Self, SqlxError> {
        // A new connection would have missed what came in between, without a word.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Self(listener))
    }

    /// The next thing that a node tells.
    ///
    /// # Errors
    /// [`NodeError::Sql`] or [`NodeError::Closed`]; something may have been missed then, and nothing more will come.
    pub(crate) async fn next(&mut self) -> Result<Heard, NodeError> {
        let told = self.0.try_recv().await?.ok_or(NodeError::Closed)?;
        Ok(Heard::parse(told.payload()))
    }
}

impl Node {
    /// A node that the database does not know yet.
    pub(super) fn new() -> Self {
        Self {
            id: base62(&SystemRandom, 20),
            counted: AtomicI64::new(-1),
            is_cut_off: AtomicBool::new(false),
            cut_off_at: Mutex::new(None),
        }
    }

    /// Whether this is its id.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    /// Whether the database has lost the count, and is not to be asked.
    pub(super) fn is_cut_off(&self) -> bool {
        self.is_cut_off.load(Ordering::Relaxed)
    }

    /// Whether a connection that was made or judged so long ago is from before the database had lost the count, and may
    /// lead there.
    pub(super) fn has_been_cut_off_since(&self, age: Duration) -> bool {
        let cut_off_at = self
            .cut_off_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        cut_off_at.is_some_and(|at| at.elapsed() <= age)
    }

    fn note(&self, knows_us: bool) {
        if !knows_us {
            let mut at = self
                .cut_off_at
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *at = Some(Instant::now());
        }
        self.is_cut_off.store(!knows_us, Ordering::SeqCst);
    }

    /// Makes the node's row.
    pub(super) async fn register(&self, connection: &mut PgConnection) -> Result<(), SqlxError> {
        query(FORGET_GONE).execute(&mut *connection).await?;
        query(REGISTER).bind(&self.id).execute(connection).await?;
        self.counted.fetch_max(0, Ordering::SeqCst);
        Ok(())
    }

    /// Refuses a new connection to a database that has lost the count.
    pub(super) async fn check(&self, connection: &mut PgConnection) -> Result<(), SqlxError> {
        let counted = self.counted.load(Ordering::SeqCst);
        if counted < 0 {
            return Ok(());
        }
        let beat = query_scalar(CHECK).bind(&self.id);
        let beat: Option<i64> = beat.fetch_optional(connection).await?;
        let knows_us = beat.is_some_and(|beat| beat >= counted);
        self.note(knows_us);
        match knows_us {
            true => Ok(()),
            false => Err(SqlxError::Protocol(NodeError::Lost.to_string())),
        }
    }

    /// Counts on; returns the key by which the fleet signs.
    pub(super) async fn beat(
        &self,
        connection: &mut PgConnection,
        number: i64,
        keys: &str,
    ) -> Result<String, NodeError> {
        let beat = query_as(BEAT)
            .bind(&self.id)
            .bind(number)
            .bind(self.counted.load(Ordering::SeqCst))
            .bind(keys);
        let row: Result<Option<(Option<String>,)>, _> = beat.fetch_optional(connection).await;
        let row = match row {
            Err(error) if is_of_standby(&error) => None,
            row => row?,
        };
        self.note(row.is_some());
        let (of_fleet,) = row.ok_or(NodeError::Lost)?;
        self.counted.fetch_max(number, Ordering::SeqCst);
        Ok(of_fleet.unwrap_or_else(|| keys.to_owned()))
    }

    pub(super) async fn leave(&self, connection: &mut PgConnection) -> Result<(), SqlxError> {
        query(LEAVE)
            .bind(&self.id)
            .execute(connection)
            .await
            .map(drop)
    }
}

/// A standby refuses every change (SQLSTATE 25006).
fn is_of_standby(error: &SqlxError) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some("25006")
}
