//! Connections: one that writes, a pool that reads.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr,
    sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Connections that read. Each is a thread; queries take microseconds.
const READERS: u32 = 4;
/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of each connection, in KiB.
const CACHE_KIB: u32 = 4096;

/// Where the database is: `sqlite://PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl(PathBuf);

/// A text that is no database address this server can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected sqlite://PATH, such as sqlite:///var/lib/countersign/countersign.sqlite")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// The database in this file.
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

/// The one connection that writes. `FULL` makes a commit survive a power cut: otherwise a
/// consumed challenge could come back, or a revoked session.
pub(super) async fn writes(url: &DatabaseUrl) -> Result<DatabaseConnection, DbErr> {
    let file = url.file().to_owned();
    let created = crate::data_dir::create_private(&file);
    created.map_err(|error| DbErr::Conn(sea_orm::RuntimeErr::Internal(error.to_string())))?;
    connect(1, move |options| {
        options
            .filename(&file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
    })
    .await
}

pub(super) async fn reads(url: &DatabaseUrl) -> Result<DatabaseConnection, DbErr> {
    let file = url.file().to_owned();
    connect(READERS, move |options| {
        options.filename(&file).read_only(true)
    })
    .await
}

async fn connect(
    connections: u32,
    configure: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new("sqlite://the-file-is-set-below");
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(BUSY_TIMEOUT)
        // A file does not hang up, so asking before each use would only cost.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            configure(options)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("cache_size", format!("-{CACHE_KIB}"))
                // A file cut short from outside would kill a process that has mapped it.
                .pragma("mmap_size", "0")
        });
    Database::connect(options).await
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
