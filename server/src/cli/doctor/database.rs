//! The database: readable, sound, and of a schema that this binary works with.

use std::path::Path;

use rusqlite::{Error, ErrorCode};
use time::OffsetDateTime;

use super::{
    finding::{Finding, quoted},
    in_use::InUse,
    postgres,
};
use crate::{
    settings::Settings,
    store::{
        Location, Schema,
        sqlite::inspect::{Inspection, inspect},
    },
};

pub(super) const SUBJECT: &str = "database";

/// What was found, and when the newest row was written.
pub(super) fn check(settings: &Settings, in_use: &InUse) -> (Finding, Option<OffsetDateTime>) {
    match &settings.database {
        Location::Sqlite(file) => check_file(file, settings, in_use),
        Location::Postgres(options) => postgres::check(options),
    }
}

fn check_file(
    file: &Path,
    settings: &Settings,
    in_use: &InUse,
) -> (Finding, Option<OffsetDateTime>) {
    if !file.exists() {
        return (absent(file, &settings.data_dir), None);
    }
    if file.is_dir() {
        let found = format!("{}: is a directory", file.display());
        let cure = "set database.url to a file: sqlite:///PATH/countersign.sqlite";
        return (Finding::problem(SUBJECT, found, cure), None);
    }
    match inspect(file) {
        Ok(found) => (judge(file, &found, in_use), found.newest),
        Err(error) => (unreadable(file, &error), None),
    }
}

fn absent(file: &Path, data_dir: &Path) -> Finding {
    let parent = file.parent().unwrap_or(Path::new("/"));
    let shown = file.display();
    if parent == data_dir || parent.is_dir() {
        return Finding::ok(SUBJECT, format!("{shown}: not there yet; serve makes it"));
    }
    Finding::problem(
        SUBJECT,
        format!("{shown}: its directory is not there"),
        format!("mkdir -m 700 -p {}", quoted(parent)),
    )
}

fn judge(file: &Path, found: &Inspection, in_use: &InUse) -> Finding {
    if let Some(damage) = &found.damage {
        return damaged(file, damage);
    }
    if found.has_unread_log {
        return log_unread(file);
    }
    let current = match &found.schema {
        Schema::Current => "sound, with the schema of this version",
        Schema::Empty => "empty; serve makes its tables",
        Schema::Older(missing) => return older(file, missing, in_use),
        Schema::Newer(unknown) => return newer(file, unknown),
        Schema::Foreign => return foreign(file),
    };
    Finding::ok(SUBJECT, format!("{}: {current}", file.display()))
}

fn log_unread(file: &Path) -> Finding {
    let shown = file.display();
    let found = format!(
        "{shown}: not looked at, because the log beside it ({shown}-wal) has no index, as after a copy"
    );
    let cure = "start serve once, which takes the log in, then run this again";
    Finding::warning(SUBJECT, found, cure)
}

fn older(file: &Path, missing: &[String], in_use: &InUse) -> Finding {
    let found = format!(
        "{}: made by an older version; lacks {}",
        file.display(),
        missing.join(", ")
    );
    let cure = if in_use.database {
        "copy the data directory, then restart the server: serve brings it up to date, and the older version cannot use it then"
    } else {
        "copy the data directory, then start serve, which brings it up to date; the older version cannot use it then"
    };
    Finding::warning(SUBJECT, found, cure)
}

fn newer(file: &Path, unknown: &[String]) -> Finding {
    let found = format!(
        "{}: made by a newer version than {}; unknown here: {}",
        file.display(),
        env!("CARGO_PKG_VERSION"),
        unknown.join(", ")
    );
    let cure = "install that version, or restore the copy made before it was started";
    Finding::problem(SUBJECT, found, cure)
}

fn foreign(file: &Path) -> Finding {
    let found = format!("{}: holds tables of another program", file.display());
    let cure = "set database.url to a file of its own: sqlite:///PATH/countersign.sqlite";
    Finding::problem(SUBJECT, found, cure)
}

fn damaged(file: &Path, damage: &str) -> Finding {
    let found = format!("{}: damaged: {damage}", file.display());
    let cure = format!(
        "stop the server and restore a backup; without one: sqlite3 {} .recover | sqlite3 recovered.sqlite",
        quoted(file)
    );
    Finding::problem(SUBJECT, found, cure)
}

fn unreadable(file: &Path, error: &Error) -> Finding {
    let (shown, path) = (file.display(), quoted(file));
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => damaged(file, &error.to_string()),
        Some(ErrorCode::NotADatabase) => Finding::problem(
            SUBJECT,
            format!("{shown}: is no SQLite database"),
            format!("restore a backup, or begin anew: mv {path} {path}.old"),
        ),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Finding::problem(
            SUBJECT,
            format!("{shown}: cannot be opened: {error}"),
            format!("run this as the owner of the file, which is shown by: ls -l {path}"),
        ),
        _ => Finding::problem(
            SUBJECT,
            format!("{shown}: cannot be read: {error}"),
            "run this again; if it stays so, restore a backup",
        ),
    }
}
