//! Storage on SQL: what [`countersign_core::store`] asks for, on one SQLite file or on Postgres.
//!
//! Both have the same tables, made by the same migrations, which sea-orm runs; each has its own statements, because
//! what is one step differs. `open` takes the one that the settings name.

mod lookup;
mod migration;
mod open;
pub(crate) mod postgres;
mod schema;
pub(crate) mod sqlite;
mod transfer;
mod url;
mod waiting;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::store::Store;

pub(crate) use self::schema::Schema;
pub(crate) use lookup::{find_api_key, find_session, schema};
pub use migration::Migrator;
pub use open::OpenError;
pub(crate) use open::{Location, Opened, open};
pub use postgres::{PostgresOptions, PostgresStore, Tls};
pub use sqlite::SqliteStore;
pub(crate) use transfer::transfer;
pub use url::{DatabaseUrl, InvalidDatabaseUrl, PostgresUrl};

/// All of storage, and what those who run the server ask of it.
#[async_trait]
pub trait Database: Store {
    /// Whether it reads, and writes as far as is known.
    async fn is_ready(&self) -> bool;

    /// How many challenges are kept and not consumed; expired ones count until they are deleted.
    fn waiting_challenges(&self) -> u64;

    /// How many changes wait for their commit.
    fn queued_writes(&self) -> usize;

    /// Finishes the writes under way and closes it, once nobody else holds it. What was answered is on disk
    /// without it.
    async fn close(self: Arc<Self>);
}
