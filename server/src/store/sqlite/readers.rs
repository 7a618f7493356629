//! The pool of connections that read.

use std::{
    sync::{Arc, Mutex, MutexGuard, TryLockError},
    time::Duration,
};

use countersign_core::store::StoreError;
use rusqlite::Connection;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

use super::unavailable;

/// How long a read may take, its turn included. Less than a check of a credential may (`http/admission.rs`), so that
/// whoever waits for one hears how it ended.
const DEADLINE: Duration = Duration::from_millis(1500);

/// Connections that only read, each on a thread that may be made to wait: SQLite itself waits seconds for a file that
/// another process holds, or for a disk, and meanwhile requests that need no read are answered.
pub(super) struct Readers {
    connections: Arc<[Mutex<Connection>]>,
    /// As many turns as connections.
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(connections.len())),
            connections: connections.into_iter().map(Mutex::new).collect(),
        }
    }

    /// Runs a query on a connection that is free, once one is, unless it takes too long.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reading = async {
            let turn = self.turns.clone().acquire_owned().await;
            let connections = self.connections.clone();
            let read = spawn_blocking(move || {
                // Kept to the end, even if nobody waits for it any more.
                let _turn = turn;
                query(&free(&connections))
            });
            read.await
        };
        match timeout(DEADLINE, reading).await {
            Ok(Ok(found)) => found.map_err(|error| unavailable(&error)),
            Ok(Err(error)) => {
                tracing::error!(%error, "a read of the database ended badly");
                Err(StoreError::Unavailable)
            }
            Err(_) => {
                tracing::error!("the database did not answer in time");
                Err(StoreError::Unavailable)
            }
        }
    }
}

/// One that nobody uses: whoever has a turn finds one.
fn free(connections: &[Mutex<Connection>]) -> MutexGuard<'_, Connection> {
    let mut free = connections.iter().filter_map(|connection| {
        match connection.try_lock() {
            Ok(connection) => Some(connection),
            // A panic in a query leaves the connection as it was.
            Err(TryLockError::Poisoned(connection)) => Some(connection.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    });
    free.next().expect("there are as many connections as turns")
}
