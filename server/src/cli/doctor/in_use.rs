//! Whether a server runs on the data.

use crate::{data_dir::Lock, settings::Settings};

/// What a running server holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InUse {
    /// The data directory.
    pub data_dir: bool,
    /// The file of the database, which may lie elsewhere.
    pub database: bool,
}

impl InUse {
    /// Looks at the locks that `serve` and `migrate` hold. Those of another user are
    /// reported with their directory.
    pub(super) fn of(settings: &Settings) -> Self {
        let lock = |file: &std::path::Path| file.with_added_extension("lock");
        let database = settings.database.file().map(lock);
        Self {
            data_dir: Lock::is_held(&settings.data_dir.join("lock")).unwrap_or(false),
            database: database.is_some_and(|lock| Lock::is_held(&lock).unwrap_or(false)),
        }
    }
}
