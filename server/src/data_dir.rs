//! The data directory: private to its owner, and to one server at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    time::Duration,
};

/// An opened data directory. It stays locked as long as this lives.
#[derive(Debug)]
pub(crate) struct DataDir {
    _lock: Lock,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another server holds it.
    #[error("{0} is in use by another countersign server; stop that one, or name another place")]
    InUse(String),
    /// A file others can read would give secrets away.
    #[error("{path} can be read by other users of this machine; run: chmod 600 {path}")]
    TooOpen {
        /// The file.
        path: String,
    },
    /// A directory others can write to would let them put a key of theirs in it.
    #[error("{path} can be written to by other users of this machine; run: chmod go-w {path}")]
    Writable {
        /// The directory.
        path: String,
    },
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: String,
        /// Its answer.
        source: io::Error,
    },
}

impl DataDir {
    /// Opens the directory, creating it for its owner only, and locks it.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] while another server runs on it, [`DataDirError::Writable`] when others can
    /// write to it, [`DataDirError::Io`] otherwise.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed(path))?;
        check_own(path)?;
        let lock = Lock::acquire(&path.join("lock"), path)?;
        Ok(Self { _lock: lock })
    }
}

/// Creates a file for its owner only, if it is absent. SQLite gives its side files the same mode.
///
/// # Errors
/// [`DataDirError::TooOpen`] when it is there and others can read it, [`DataDirError::Io`] otherwise.
pub(crate) fn create_private(path: &Path) -> Result<(), DataDirError> {
    private()
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(failed(path))?;
    check_private(path)
}

/// Refuses a directory that others can write to.
///
/// # Errors
/// [`DataDirError::Writable`] then, [`DataDirError::Io`] otherwise.
pub(crate) fn check_own(directory: &Path) -> Result<(), DataDirError> {
    let metadata = std::fs::metadata(directory).map_err(failed(directory))?;
    if metadata.permissions().mode() & 0o022 != 0 {
        return Err(DataDirError::Writable {
            path: directory.display().to_string(),
        });
    }
    Ok(())
}

/// Refuses a file that others can read.
///
/// # Errors
/// [`DataDirError::TooOpen`] then, [`DataDirError::Io`] otherwise.
pub(crate) fn check_private(path: &Path) -> Result<(), DataDirError> {
    let mode = std::fs::metadata(path)
        .map_err(failed(path))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(DataDirError::TooOpen {
            path: path.display().to_string(),
        });
    }
    Ok(())
}

/// Holds a lock file as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Takes the lock; `what` is what it guards, for the sentence that refuses.
    ///
    /// # Errors
    /// [`DataDirError::InUse`] while another process holds it, [`DataDirError::Io`] otherwise.
    pub(crate) fn acquire(file: &Path, what: &Path) -> Result<Self, DataDirError> {
        let lock = private()
            .create(true)
            .truncate(false)
            .open(file)
            .map_err(failed(file))?;
        let mut taken = lock.try_lock();
        if matches!(taken, Err(TryLockError::WouldBlock)) {
            // `is_held` elsewhere may be holding it, for a moment.
            std::thread::sleep(LOOK);
            taken = lock.try_lock();
        }
        match taken {
            Ok(()) => Ok(Self(lock)),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(what.display().to_string())),
            Err(TryLockError::Error(source)) => Err(failed(file)(source)),
        }
    }

    /// Whether another process holds the lock. Looking creates nothing, and takes no more than a moment.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn is_held(file: &Path) -> io::Result<bool> {
        let lock = match File::open(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Longer than anybody takes to see whether a lock is held.
const LOOK: Duration = Duration::from_millis(20);

/// Writes a secret to a file of its own, which must not exist yet.
///
/// # Errors
/// What the operating system says.
pub(crate) fn write_new_secret(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private().create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Says where the operating system refused.
pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> DataDirError {
    let path = path.display().to_string();
    move |source| DataDirError::Io {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_while_the_first_runs() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataDir::open(&parent.path().join("data")).unwrap();
        assert!(matches!(
            DataDir::open(&parent.path().join("data")),
            Err(DataDirError::InUse(_))
        ));
        let lock = parent.path().join("data/lock");
        assert!(Lock::is_held(&lock).unwrap());
        drop(first);
        assert!(!Lock::is_held(&lock).unwrap());
        assert!(!Lock::is_held(&parent.path().join("none")).unwrap());
        assert!(DataDir::open(&parent.path().join("data")).is_ok());
    }

    #[test]
    fn a_secret_is_made_private_and_never_in_the_place_of_another() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("key");
        write_new_secret(&path, "secret").unwrap();
        assert!(write_new_secret(&path, "other").is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "secret");
        assert!(check_private(&path).is_ok());
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let refused = check_private(&path);
        assert!(
            matches!(refused, Err(DataDirError::TooOpen { .. })),
            "{refused:?}"
        );
    }
}
