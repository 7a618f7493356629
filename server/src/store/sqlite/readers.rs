//! The pool of connections that read.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use countersign_core::store::StoreError;
use rusqlite::Connection;

use super::unavailable;

/// Connections that only read. A read takes microseconds, less than handing it to another
/// thread would, so it runs where it is asked for.
pub(super) struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            connections: connections.into_iter().map(Mutex::new).collect(),
            next: AtomicUsize::new(0),
        }
    }

    /// Runs a query on a connection that is free, or on the next one in turn once it is.
    pub(super) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let free = self
            .connections
            .iter()
            .find_map(|connection| connection.try_lock().ok());
        let connection = free.unwrap_or_else(|| {
            let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
            self.connections[turn]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        });
        query(&connection).map_err(|error| unavailable(&error))
    }
}
