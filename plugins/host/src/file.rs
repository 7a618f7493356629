//! A library's bytes: read once from a file that nobody else can change, compared with the pin, and sealed.

use std::{
    fs::{self, File},
    io::{Read, Write},
    os::{fd::OwnedFd, unix::fs::MetadataExt},
    path::Path,
};

use rustix::{
    fs::{MemfdFlags, Mode, OFlags, SealFlags},
    process::geteuid,
};
use sha2::{Digest, Sha256};

use crate::{
    elf::{self, Facts},
    refusal::Refusal,
};

/// Largest library, in bytes.
const MAX_LIBRARY_LEN: u64 = 64 * 1024 * 1024;
/// Group and others may write.
const WRITABLE_BY_OTHERS: u32 = 0o022;
/// Only owners may rename and remove what is in a directory.
const STICKY: u32 = 0o1000;

/// A copy of a library in memory, which nobody can change any more.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// The copy.
    pub fd: OwnedFd,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Sealed {
    /// The same copy once more.
    ///
    /// # Errors
    /// [`Refusal::Seal`] when there is no room for another descriptor.
    pub(crate) fn try_clone(&self) -> Result<Self, Refusal> {
        let fd = self.fd.try_clone();
        Ok(Self {
            fd: fd.map_err(|error| Refusal::Seal(error.to_string()))?,
            sha256: self.sha256,
        })
    }
}

/// Reads a library of the directory of plugins, checks that its bytes are the pinned ones and what they ask of the
/// loader, and seals a copy. `file` is a plain name.
///
/// # Errors
/// [`Refusal`], codes CS-P001 to CS-P020.
pub(crate) fn open(directory: &Path, file: &str, pin: &[u8; 32]) -> Result<Sealed, Refusal> {
    let library = read(directory, file)?;
    let sha256 = Sha256::digest(&library).into();
    if sha256 != *pin {
        let found = hex::encode(sha256);
        return Err(Refusal::Hash { found });
    }
    let _facts = elf::check(&library)?;
    let fd = seal(&library)?;
    Ok(Sealed { fd, sha256 })
}

/// As [`open`], for a file that nobody has pinned yet, and wherever it lies: for checking it.
///
/// # Errors
/// [`Refusal`], codes CS-P002 to CS-P020.
pub(crate) fn open_unpinned(path: &Path) -> Result<(Sealed, Facts), Refusal> {
    let refuse = |fault: String| file_refusal(path, fault);
    let file = File::open(path).map_err(|error| refuse(error.to_string()))?;
    let library = read_regular(file, path)?;
    let facts = elf::check(&library)?;
    let fd = seal(&library)?;
    let sha256 = Sha256::digest(&library).into();
    Ok((Sealed { fd, sha256 }, facts))
}

fn read(directory: &Path, name: &str) -> Result<Vec<u8>, Refusal> {
    let path = directory.join(name);
    let is_plain = !name.is_empty() && !name.contains(['/', '\0']) && name != "." && name != "..";
    if !is_plain {
        let fault = "expected the plain name of a file in the directory of plugins".to_owned();
        return Err(file_refusal(&path, fault));
    }
    let directory = check_directory(directory)?;
    let path = directory.join(name);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let opened = rustix::fs::open(&path, flags, Mode::empty());
    let file = opened.map_err(|error| match error {
        rustix::io::Errno::LOOP => file_refusal(&path, "it is a symbolic link".to_owned()),
        error => file_refusal(&path, error.to_string()),
    })?;
    read_whole(File::from(file), &path)
}

/// Each directory on the way belongs to root or to us, and nobody else may change what is in it.
fn check_directory(directory: &Path) -> Result<std::path::PathBuf, Refusal> {
    let refuse = |path: &Path, fault: String| Refusal::Directory {
        path: path.display().to_string(),
        fault,
    };
    let directory =
        fs::canonicalize(directory).map_err(|error| refuse(directory, error.to_string()))?;
    for (height, path) in directory.ancestors().enumerate() {
        let metadata = fs::metadata(path).map_err(|error| refuse(path, error.to_string()))?;
        if !metadata.is_dir() {
            return Err(refuse(path, "it is no directory".into()));
        }
        if !is_ours(metadata.uid()) {
            return Err(refuse(path, "it belongs to another user".into()));
        }
        // In a sticky directory above, others cannot move what is ours.
        let is_tolerable = height > 0 && metadata.mode() & STICKY != 0;
        if metadata.mode() & WRITABLE_BY_OTHERS != 0 && !is_tolerable {
            return Err(refuse(path, "others can write to it".into()));
        }
    }
    Ok(directory)
}

fn is_ours(owner: u32) -> bool {
    owner == 0 || owner == geteuid().as_raw()
}

fn read_whole(file: File, path: &Path) -> Result<Vec<u8>, Refusal> {
    let metadata = file.metadata();
    let metadata = metadata.map_err(|error| file_refusal(path, error.to_string()))?;
    if !is_ours(metadata.uid()) {
        return Err(file_refusal(path, "it belongs to another user".into()));
    }
    if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        return Err(file_refusal(path, "others can write to it".into()));
    }
    read_regular(file, path)
}

fn read_regular(file: File, path: &Path) -> Result<Vec<u8>, Refusal> {
    let failed = |error: std::io::Error| file_refusal(path, error.to_string());
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(file_refusal(path, "it is no regular file".into()));
    }
    let mut library = vec![];
    let mut bounded = file.take(MAX_LIBRARY_LEN + 1);
    bounded.read_to_end(&mut library).map_err(failed)?;
    if library.len() as u64 > MAX_LIBRARY_LEN {
        return Err(file_refusal(path, "it is larger than 64 MiB".into()));
    }
    Ok(library)
}

fn file_refusal(path: &Path, fault: String) -> Refusal {
    Refusal::File {
        path: path.display().to_string(),
        fault,
    }
}

/// What is opened later is this copy, and never the path again.
fn seal(library: &[u8]) -> Result<OwnedFd, Refusal> {
    let failed = |error: &dyn std::fmt::Display| Refusal::Seal(error.to_string());
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let name = "countersign-plugin";
    // Kernels before 6.3 do not know the flag; there, every such file can be executed.
    let fd = rustix::fs::memfd_create(name, flags | MemfdFlags::EXEC)
        .or_else(|_| rustix::fs::memfd_create(name, flags))
        .map_err(|error| failed(&error))?;
    let mut file = File::from(fd);
    file.write_all(library).map_err(|error| failed(&error))?;
    let fd = OwnedFd::from(file);
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&fd, seals).map_err(|error| failed(&error))?;
    Ok(fd)
}
