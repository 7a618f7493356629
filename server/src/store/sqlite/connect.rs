//! Connections: one that writes, a pool that reads.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};
use sea_orm::{ConnectOptions, Database, sqlx::sqlite::SqliteJournalMode};
use sea_orm_migration::MigratorTrait;

use super::OpenError;
use crate::{data_dir::create_private, store::Migrator};

/// Readers at least, on a machine of one core, too.
const READERS_AT_LEAST: usize = 2;
/// Pages of 4 KiB in the log before it is copied into the file. A page that changes often is then
/// copied once for many commits.
const CHECKPOINT_PAGES: u32 = 4000;
/// Statements each connection keeps prepared; more than there are.
const STATEMENTS: usize = 64;
/// How long a statement waits for another process that holds the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of each connection, in KiB: enough for the upper pages of the indexes. The others are in the system's.
const CACHE_KIB: i32 = 512;

/// Creates the file for its owner only, if it is absent, and brings its schema up to date.
pub(super) async fn migrate(file: &Path) -> Result<(), OpenError> {
    create_private(file)?;
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite://the-file-is-set-below");
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&file)
                .journal_mode(SqliteJournalMode::Wal)
                .busy_timeout(BUSY_TIMEOUT)
        });
    let database = Database::connect(options).await?;
    Migrator::up(&database, None).await?;
    Ok(database.close().await?)
}

/// The one connection that writes. `FULL` makes a commit survive a power cut: otherwise a
/// consumed challenge could come back, or a revoked session.
pub(super) fn writes(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    bound(&connection)?;
    Ok(connection)
}

/// Connections that only read, one for each thread that may ask at once.
pub(super) fn reads(file: &Path) -> rusqlite::Result<Vec<Connection>> {
    let threads = std::thread::available_parallelism().map_or(READERS_AT_LEAST, |threads| {
        threads.get().max(READERS_AT_LEAST)
    });
    let open = |_| {
        let connection = Connection::open_with_flags(
            file,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        bound(&connection)?;
        Ok(connection)
    };
    (0..threads).map(open).collect()
}

/// The bounds every connection has.
fn bound(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // A file cut short from outside would kill a process that has mapped it.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}
