//! The files that hold secrets: for their owner only, and of one owner.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::finding::{Finding, quoted};
use crate::{
    settings::Settings,
    signing_keys::{FIRST, FOLDER},
    store::sqlite::inspect::side_files,
};

const SUBJECT: &str = "private files";

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let files: Vec<_> = files(settings)
        .into_iter()
        .filter(|file| file.is_file())
        .collect();
    let owner = std::fs::metadata(&settings.data_dir).map(|found| found.uid());
    let faults: Vec<_> = files
        .iter()
        .flat_map(|file| {
            [
                too_open(file),
                of_another(file, owner.as_ref().ok().copied()),
            ]
        })
        .flatten()
        .collect();
    match (faults.is_empty(), files.len()) {
        (false, _) => faults,
        (true, 0) => vec![Finding::ok(SUBJECT, "none yet; serve makes them")],
        (true, count) => vec![Finding::ok(
            SUBJECT,
            format!("{count}, for their owner only"),
        )],
    }
}

/// Keys, the database with what belongs to it, and the locks: whoever can open a lock can hold it.
fn files(settings: &Settings) -> Vec<PathBuf> {
    let key = settings.signing_keys_dir.join(FIRST);
    let later_keys = std::fs::read_dir(settings.signing_keys_dir.join(FOLDER));
    let later_keys = later_keys.into_iter().flatten().flatten();
    let of_database = settings.database.file().map(|file| {
        let [log, index] = side_files(file);
        [
            file.to_owned(),
            log,
            index,
            file.with_added_extension("lock"),
        ]
    });
    let files = [key, settings.data_dir.join("lock")];
    let later_keys = later_keys.map(|entry| entry.path());
    let files = files.into_iter().chain(of_database.into_iter().flatten());
    files.chain(later_keys).collect()
}

fn too_open(file: &Path) -> Option<Finding> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        Finding::problem(
            SUBJECT,
            format!(
                "{}: mode {:03o}: other users of this machine can open it",
                file.display(),
                mode & 0o777
            ),
            format!("chmod 600 {}", quoted(file)),
        )
    })
}

/// Such as files that root made by running `countersign migrate`.
fn of_another(file: &Path, owner: Option<u32>) -> Option<Finding> {
    let (found, owner) = (std::fs::metadata(file).ok()?.uid(), owner?);
    (found != owner).then(|| {
        Finding::problem(
            SUBJECT,
            format!(
                "{}: belongs to the user with id {found}, the data directory to the one with id {owner}",
                file.display()
            ),
            format!("as root: chown {owner} {}", quoted(file)),
        )
    })
}
