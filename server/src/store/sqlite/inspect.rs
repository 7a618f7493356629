//! A look at a database that changes nothing: no file appears, and none is written to.

use std::{
    fmt::Write,
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use countersign_core::{
    api_key::ApiKey, instant::from_milliseconds, secret::HashedSecret, session::Session,
};
use rusqlite::{Connection, OpenFlags};
use time::OffsetDateTime;

use super::{api_keys, connect::BUSY_TIMEOUT, sessions};
use crate::store::Schema;

/// What lies in a database's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// What the schema is to this binary.
    pub schema: Schema,
    /// The first thing that is wrong with the file's structure.
    pub damage: Option<String>,
    /// When the newest account, challenge or session was made.
    pub newest: Option<OffsetDateTime>,
    /// Whether there is a log that could not be read without writing to it.
    pub has_unread_log: bool,
}

/// Looks at the database in a file.
///
/// # Errors
/// What SQLite says, such as that the file is no database.
pub(crate) fn inspect(file: &Path) -> rusqlite::Result<Inspection> {
    let way = Way::of(file);
    let inspection = way.inspect(file);
    // A server may have begun to write meanwhile, which a frozen view takes for damage.
    match Way::of(file) {
        other if way == Way::Frozen && other != way => other.inspect(file),
        _ => inspection,
    }
}

/// The API key of a secret with this hash, in the database in a file.
///
/// # Errors
/// What SQLite says, such as that the file is no database.
pub(crate) fn find_api_key(file: &Path, hash: &HashedSecret) -> rusqlite::Result<Option<ApiKey>> {
    api_keys::find(&Way::of(file).open(file)?, hash)
}

/// The session of a token with this hash, in the database in a file.
///
/// # Errors
/// As [`find_api_key`].
pub(crate) fn find_session(file: &Path, hash: &HashedSecret) -> rusqlite::Result<Option<Session>> {
    sessions::find(&Way::of(file).open(file)?, hash)
}

/// How a file is read without changing it or anything beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Everything is in the file itself. SQLite would create its side files, so it is told that
    /// nobody writes.
    Frozen,
    /// There are a log and its index. SQLite shares the index with a running server, reading only.
    Live,
    /// There is a log without an index, which SQLite would create.
    WithoutLog,
}

impl Way {
    fn of(file: &Path) -> Self {
        let length = |suffix| std::fs::metadata(side_file(file, suffix)).map(|found| found.len());
        match (length("-wal"), length("-shm")) {
            (Err(_) | Ok(0), _) => Self::Frozen,
            (Ok(_), Ok(_)) => Self::Live,
            (Ok(_), Err(_)) => Self::WithoutLog,
        }
    }

    fn inspect(self, file: &Path) -> rusqlite::Result<Inspection> {
        let connection = self.open(file)?;
        let has_unread_log = self == Self::WithoutLog;
        Ok(Inspection {
            schema: schema(&connection)?,
            // Without its log a sound file may look damaged.
            damage: if has_unread_log {
                None
            } else {
                damage(&connection)?
            },
            newest: newest(&connection),
            has_unread_log,
        })
    }

    fn open(self, file: &Path) -> rusqlite::Result<Connection> {
        let option = match self {
            Self::Frozen | Self::WithoutLog => "immutable=1",
            Self::Live => "readonly_shm=1",
        };
        let uri = format!("{}?mode=ro&{option}", uri(file).map_err(no_path)?);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(uri, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        Ok(connection)
    }
}

/// The files that SQLite keeps beside a database while it is in use.
pub(crate) fn side_files(file: &Path) -> [PathBuf; 2] {
    ["-wal", "-shm"].map(|suffix| side_file(file, suffix))
}

fn side_file(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `file:` and the path, with every byte escaped that means something in a URI.
fn uri(file: &Path) -> io::Result<String> {
    let mut uri = "file://".to_owned();
    for byte in std::path::absolute(file)?.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text cannot fail.
            let _written = write!(uri, "%{byte:02x}");
        }
    }
    Ok(uri)
}

fn no_path(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

fn schema(connection: &Connection) -> rusqlite::Result<Schema> {
    let tables = texts(
        connection,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )?;
    if tables.is_empty() {
        return Ok(Schema::Empty);
    }
    if !tables.iter().any(|table| table == "seaql_migrations") {
        return Ok(Schema::Foreign);
    }
    let applied = texts(
        connection,
        "SELECT version FROM seaql_migrations ORDER BY version",
    )?;
    Ok(Schema::of(&tables, applied))
}

fn texts(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

fn damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

/// Ids begin with the time they were made at, so the newest row is the last one of its table.
fn newest(connection: &Connection) -> Option<OffsetDateTime> {
    let last = |(table, column): (&str, &str)| {
        let sql = format!("SELECT {column} FROM {table} ORDER BY id DESC LIMIT 1");
        let milliseconds: i64 = connection.query_row(&sql, [], |row| row.get(0)).ok()?;
        from_milliseconds(milliseconds)
    };
    [
        ("account", "created_at"),
        ("challenge", "issued_at"),
        ("session", "issued_at"),
    ]
    .into_iter()
    .filter_map(last)
    .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_any_name_becomes_a_uri() {
        assert_eq!(
            uri(Path::new("/a b/50%?#.sqlite")).unwrap(),
            "file:///a%20b/50%25%3f%23.sqlite"
        );
    }
}
