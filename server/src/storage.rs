//! What a server keeps: its data directory, the keys that sign session tokens, its database.

use std::path::Path;

use crate::{
    data_dir::{DataDir, DataDirError, Lock},
    session_token::SessionTokens,
    settings::Settings,
    signing_keys::{KeyFiles, SigningKeyError},
    store::{self, OpenError, Opened},
};

/// Why a server's storage cannot be used; each names the cure.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// A key of session tokens cannot be used.
    #[error(transparent)]
    SigningKey(#[from] SigningKeyError),
    /// The database cannot be opened.
    #[error("the database {url} cannot be opened: {source}")]
    Database {
        /// Where it is.
        url: String,
        /// What it said.
        source: OpenError,
    },
}

/// Everything a server keeps, opened and locked against other servers.
pub(crate) struct Storage {
    /// The database.
    pub database: Opened,
    /// Signs session tokens.
    pub tokens: SessionTokens,
    /// Held as long as the server lives.
    pub locks: Locks,
}

/// Keeps other servers from the same data directory, and from the same file of SQLite.
pub(crate) type Locks = (DataDir, Option<Lock>);

impl Storage {
    /// Opens what the settings name, and creates what is not there.
    ///
    /// # Errors
    /// [`StorageError`], with a sentence that says what to do.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, StorageError> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        let keys = KeyFiles::of(settings);
        keys.make_first()?;
        let tokens = SessionTokens::open(settings.issuer.clone(), keys)?;
        let database_lock = lock_database(settings)?;
        Ok(Self {
            database: open_store(settings).await?,
            tokens,
            locks: (data_dir, database_lock),
        })
    }
}

/// Locks the database against other servers, if it is a file. A database of Postgres is for as many as like.
///
/// # Errors
/// [`DataDirError::InUse`] while another server runs on it, and [`DataDirError::Io`].
pub(crate) fn lock_database(settings: &Settings) -> Result<Option<Lock>, DataDirError> {
    let lock = |file: &Path| Lock::acquire(&file.with_added_extension("lock"), file);
    settings.database.file().map(lock).transpose()
}

/// Opens the database the settings name, creating a file for its owner only.
///
/// # Errors
/// [`StorageError::Database`].
pub(crate) async fn open_store(settings: &Settings) -> Result<Opened, StorageError> {
    let opened = store::open(&settings.database, settings.max_challenges).await;
    opened.map_err(|source| StorageError::Database {
        url: settings.database.to_string(),
        source,
    })
}
