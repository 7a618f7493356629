//! The data directory: there or to be made, and its owner's alone.

use std::{
    fs::Metadata,
    io::ErrorKind,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Access, access},
    process::geteuid,
};

use super::{
    finding::{Finding, quoted},
    in_use::InUse,
};

const SUBJECT: &str = "data directory";

pub(super) fn check(path: &Path, in_use: &InUse) -> Vec<Finding> {
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => return vec![unusable(path, "is a file")],
        Err(error) if error.kind() == ErrorKind::NotFound => return vec![absent(path)],
        Err(error) => return vec![unusable(path, &error.to_string())],
    };
    let faults: Vec<_> = owner(path, &metadata)
        .into_iter()
        .chain(access_refused(path))
        .chain(mode(path, metadata.permissions().mode()))
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    let in_use = match in_use {
        InUse { data_dir: true, .. } => "in use by a running server",
        InUse { database: true, .. } => "not in use, but its database is, by a running server",
        _ => "not in use",
    };
    let found = format!("{}: for its owner only, {in_use}", path.display());
    vec![Finding::ok(SUBJECT, found)]
}

/// The closest directory that is there, which is the one itself or one it will be made in.
pub(super) fn nearest_existing(path: &Path) -> PathBuf {
    let existing = path.ancestors().find(|ancestor| ancestor.exists());
    existing.unwrap_or(Path::new("/")).to_owned()
}

fn absent(path: &Path) -> Finding {
    let parent = nearest_existing(path);
    match access(&parent, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Finding::ok(
            SUBJECT,
            format!("{}: not there yet; serve makes it", path.display()),
        ),
        Err(error) => Finding::problem(
            SUBJECT,
            format!(
                "{}: not there, and cannot be made in {}: {}",
                path.display(),
                parent.display(),
                std::io::Error::from(error)
            ),
            format!(
                "as root: install -d -m 700 -o {} {}",
                geteuid().as_raw(),
                quoted(path)
            ),
        ),
    }
}

fn unusable(path: &Path, why: &str) -> Finding {
    Finding::problem(
        SUBJECT,
        format!("{}: {why}", path.display()),
        "set server.data_dir to a directory that this user can use, or to one that serve can make",
    )
}

fn access_refused(path: &Path) -> Option<Finding> {
    let error = access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).err()?;
    let error = std::io::Error::from(error);
    let found = format!("{}: cannot be used by this user: {error}", path.display());
    let cure = format!("as its owner: chmod 700 {}", quoted(path));
    Some(Finding::problem(SUBJECT, found, cure))
}

fn owner(path: &Path, metadata: &Metadata) -> Option<Finding> {
    let (owner, user) = (metadata.uid(), geteuid().as_raw());
    if owner == user {
        return None;
    }
    let found = format!(
        "{}: belongs to the user with id {owner}, and this is the user with id {user}",
        path.display()
    );
    if user == 0 {
        let found = format!("{found}; files that root makes in it are of no use to its owner");
        let cure = format!("run countersign as its owner: sudo -u '#{owner}' countersign doctor");
        return Some(Finding::warning(SUBJECT, found, cure));
    }
    let cure = format!("as root: chown -R {user} {}", quoted(path));
    Some(Finding::problem(SUBJECT, found, cure))
}

fn mode(path: &Path, mode: u32) -> Option<Finding> {
    let shown = format!("{}: mode {:03o}", path.display(), mode & 0o777);
    if mode & 0o022 != 0 {
        return Some(Finding::problem(
            SUBJECT,
            format!(
                "{shown}: other users of this machine can put a key or a database of theirs in it"
            ),
            format!("chmod 700 {}", quoted(path)),
        ));
    }
    (mode & 0o055 != 0).then(|| {
        Finding::warning(
            SUBJECT,
            format!("{shown}: other users of this machine can enter it"),
            format!("chmod 700 {}", quoted(path)),
        )
    })
}
