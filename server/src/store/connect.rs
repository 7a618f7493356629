//! Connections: one that writes, a pool that reads.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use sea_orm::{ConnectOptions, Database, DbErr, sqlx::sqlite::SqliteJournalMode};
use sea_orm_migration::MigratorTrait;

use super::Migrator;
use crate::data_dir::{DataDirError, create_private};

/// Readers at least, on a machine of one core, too.
const READERS_AT_LEAST: usize = 2;
/// Pages of 4 KiB in the log before it is copied into the file. A page that changes often is then
/// copied once for many commits.
const CHECKPOINT_PAGES: u32 = 4000;
/// Statements each connection keeps prepared; more than there are.
const STATEMENTS: usize = 64;
/// How long a statement waits for another process that holds the file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of each connection, in KiB.
const CACHE_KIB: i32 = 4096;

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its file cannot be used.
    #[error("{0}")]
    File(String),
    /// Its schema cannot be brought up to date.
    #[error("{0}")]
    Migration(#[from] DbErr),
    /// SQLite refuses it.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that writes cannot be started.
    #[error("{0}")]
    Thread(#[from] std::io::Error),
}

impl From<DataDirError> for OpenError {
    fn from(error: DataDirError) -> Self {
        Self::File(error.to_string())
    }
}

/// Where the database is: `sqlite://PATH`, with a third slash for an absolute path. The path may hold no `:`
/// and no `?`: databases in memory and options are not served.
///
/// ```
/// use countersign_server::store::{DatabaseUrl, InvalidDatabaseUrl};
///
/// let url: DatabaseUrl = "sqlite:///var/lib/countersign.sqlite".parse()?;
/// assert_eq!(url.file(), std::path::Path::new("/var/lib/countersign.sqlite"));
/// assert_eq!("sqlite::memory:".parse::<DatabaseUrl>(), Err(InvalidDatabaseUrl));
/// # Ok::<(), InvalidDatabaseUrl>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(PathBuf);

/// A text that is no database address this server can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected sqlite://PATH, such as sqlite:///var/lib/countersign/countersign.sqlite")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// The database in this file; the path is not checked.
    pub fn sqlite(file: &Path) -> Self {
        Self(file.to_owned())
    }

    /// The database's file.
    pub fn file(&self) -> &Path {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let file = text.strip_prefix("sqlite://").ok_or(InvalidDatabaseUrl)?;
        // A database in memory would be another one for every connection; options are ours to set.
        if file.is_empty() || file.contains([':', '?']) {
            return Err(InvalidDatabaseUrl);
        }
        Ok(Self(file.into()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite://{}", self.0.display())
    }
}

/// Creates the file for its owner only, if it is absent, and brings its schema up to date.
pub(super) async fn migrate(url: &DatabaseUrl) -> Result<(), OpenError> {
    create_private(url.file())?;
    let file = url.file().to_owned();
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
pub(super) fn writes(url: &DatabaseUrl) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        url.file(),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    bound(&connection)?;
    Ok(connection)
}

/// Connections that only read, one for each thread that may ask at once.
pub(super) fn reads(url: &DatabaseUrl) -> rusqlite::Result<Vec<Connection>> {
    let threads = std::thread::available_parallelism().map_or(READERS_AT_LEAST, |threads| {
        threads.get().max(READERS_AT_LEAST)
    });
    let open = |_| {
        let connection = Connection::open_with_flags(
            url.file(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_databases() {
        assert!("sqlite:///var/lib/x.sqlite".parse::<DatabaseUrl>().is_ok());
        for text in [
            "",
            "x.sqlite",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://x?mode=ro",
            "postgres://db",
        ] {
            assert_eq!(
                text.parse::<DatabaseUrl>(),
                Err(InvalidDatabaseUrl),
                "{text}"
            );
        }
    }
}
