//! The file systems of the data: room, writable, and of a kind that SQLite works on.

use std::{collections::BTreeSet, path::Path};

use rustix::fs::{StatVfs, StatVfsMountFlags, statvfs};

use super::{data_dir::nearest_existing, finding::Finding};
use crate::settings::Settings;

const SUBJECT: &str = "disk";
const MIB: u64 = 1024 * 1024;
/// Less room than the database's log may need before it is copied into the file.
const TOO_LITTLE: u64 = 64 * MIB;
/// Room that may be used up before somebody looks again.
const LITTLE: u64 = 1024 * MIB;

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let database = settings.database.file();
    let database = database.map(|file| file.parent().unwrap_or(Path::new("/")));
    let places = [settings.data_dir.as_path()].into_iter().chain(database);
    let places: BTreeSet<_> = places.map(nearest_existing).collect();
    places.iter().flat_map(|place| examine(place)).collect()
}

fn examine(place: &Path) -> Vec<Finding> {
    let shown = place.display().to_string();
    let room = match statvfs(place) {
        Ok(found) => room(&shown, &found),
        Err(error) => {
            let error = std::io::Error::from(error);
            let found = format!("{shown}: its free space cannot be asked for: {error}");
            Finding::warning(SUBJECT, found, format!("df -h {shown}"))
        }
    };
    [room].into_iter().chain(network(place, &shown)).collect()
}

fn room(place: &str, found: &StatVfs) -> Finding {
    if found.f_flag.contains(StatVfsMountFlags::RDONLY) {
        let cure = "mount it for writing, or set server.data_dir to a place that can be written to";
        return Finding::problem(SUBJECT, format!("{place}: mounted read-only"), cure);
    }
    // A file system without a limit on files says 0 of 0.
    if found.f_files > 0 && found.f_favail == 0 {
        let found = format!("{place}: no file can be made, because all inodes are in use");
        return Finding::problem(SUBJECT, found, format!("df -i {place}; delete files"));
    }
    judge(place, found.f_bavail.saturating_mul(found.f_frsize))
}

fn judge(place: &str, free: u64) -> Finding {
    let found = format!("{place}: {} MiB free", free / MIB);
    let cure = "make room, or set server.data_dir to a place that has some";
    match free {
        ..TOO_LITTLE => Finding::problem(
            SUBJECT,
            format!("{found}; sign-in fails when nothing can be written"),
            cure,
        ),
        TOO_LITTLE..LITTLE => Finding::warning(SUBJECT, found, cure),
        _ => Finding::ok(SUBJECT, found),
    }
}

/// SQLite's log needs shared memory and locks, which network file systems do not have or not always.
#[cfg(target_os = "linux")]
fn network(place: &Path, shown: &str) -> Option<Finding> {
    let kind = network_kind(rustix::fs::statfs(place).ok()?.f_type.cast_unsigned())?;
    let found =
        format!("{shown}: on {kind}, where a database can be damaged (sqlite.org/wal.html)");
    let cure = "set server.data_dir to a directory on a disk of this machine";
    Some(Finding::warning(SUBJECT, found, cure))
}

#[cfg(not(target_os = "linux"))]
fn network(_place: &Path, _shown: &str) -> Option<Finding> {
    None
}

/// The numbers of statfs(2).
#[cfg(target_os = "linux")]
fn network_kind(number: u64) -> Option<&'static str> {
    match number & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_warning_and_less_a_problem() {
        for (free, expected) in [
            (0, "problem"),
            (TOO_LITTLE - 1, "problem"),
            (TOO_LITTLE, "warning"),
            (LITTLE - 1, "warning"),
            (LITTLE, "ok"),
        ] {
            let line = judge("/x", free).to_string();
            assert!(line.starts_with(expected), "{free}: {line}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn network_file_systems_are_known_by_number() {
        assert_eq!(network_kind(0x6969), Some("NFS"));
        // On 32 bits the sign is carried on.
        assert_eq!(network_kind(0xffff_ffff_ff53_4d42), Some("SMB"));
        assert_eq!(network_kind(0xef53), None);
    }
}
