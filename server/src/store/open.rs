//! Opening the database that the settings name.

use std::{fmt, path::Path, sync::Arc};

use sea_orm::DbErr;

use super::{Database, DatabaseUrl, PostgresOptions, PostgresStore, SqliteStore};
use crate::data_dir::DataDirError;

/// Where the database is, with what its connections are to be.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// A file.
    Sqlite(std::path::PathBuf),
    /// A database of a Postgres server.
    Postgres(Box<PostgresOptions>),
}

impl Location {
    /// The file of a SQLite database.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(file) => Some(file),
            Self::Postgres(_) => None,
        }
    }
}

/// Without a password.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => DatabaseUrl::Sqlite(file.clone()).fmt(f),
            Self::Postgres(options) => options.url.fmt(f),
        }
    }
}

/// A database that is open.
pub(crate) struct Opened {
    /// All of it.
    pub store: Arc<dyn Database>,
    /// The same, where other servers may share it.
    pub shared: Option<Arc<PostgresStore>>,
}

/// Opens the database and brings its schema up to date. At most `max_challenges` unconsumed challenges are kept.
///
/// # Errors
/// [`OpenError`] says what is in the way.
pub(crate) async fn open(location: &Location, max_challenges: u64) -> Result<Opened, OpenError> {
    match location {
        Location::Sqlite(file) => Ok(Opened {
            store: Arc::new(SqliteStore::open(file, max_challenges).await?),
            shared: None,
        }),
        Location::Postgres(options) => {
            let store = Arc::new(PostgresStore::open(options, max_challenges).await?);
            Ok(Opened {
                store: store.clone(),
                shared: Some(store),
            })
        }
    }
}

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
    /// Postgres refuses it, or does not answer.
    #[error("{0}")]
    Postgres(#[from] sea_orm::SqlxError),
    /// Postgres cannot be used as it is.
    #[error("{0}")]
    Unsuitable(String),
    /// The thread that writes cannot be started.
    #[error("{0}")]
    Thread(#[from] std::io::Error),
}

impl From<DataDirError> for OpenError {
    fn from(error: DataDirError) -> Self {
        Self::File(error.to_string())
    }
}
