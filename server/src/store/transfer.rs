//! Moves an installation from a file of SQLite to a database of Postgres.
//!
//! Rows go over unchanged, and none that is there is changed: doing it again goes on where it was interrupted, and can
//! never take back what was revoked since. In the end both sides are read again and compared.

use std::path::Path;

use rusqlite::{Connection as Sqlite, OpenFlags, params_from_iter};
use sea_orm::sqlx::{AssertSqlSafe, Connection, PgConnection, Row, postgres::PgRow, query};
use sha2::{Digest, Sha256};

use super::{OpenError, PostgresOptions, Schema, postgres, sqlite};

/// A table; its first column is its primary key.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind)],
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    Bytes,
    Integer,
}

use Kind::{Bytes, Integer, Text};

/// All that is kept, what is referred to first. `node`, the servers that run now, is not.
const TABLES: [Table; 5] = [
    Table {
        name: "account",
        columns: &[("id", Text), ("created_at", Integer)],
    },
    Table {
        name: "wallet",
        columns: &[
            ("key", Text),
            ("account_id", Text),
            ("chain", Text),
            ("address", Text),
            ("control", Text),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "challenge",
        columns: &[
            ("id", Text),
            ("profile", Text),
            ("purpose", Text),
            ("nonce", Text),
            ("address", Text),
            ("chain", Text),
            ("message", Text),
            ("issued_at", Integer),
            ("expires_at", Integer),
            ("consumed_at", Integer),
        ],
    },
    Table {
        name: "session",
        columns: &[
            ("id", Text),
            ("profile", Text),
            ("account_id", Text),
            ("wallet", Text),
            ("wallet_key", Text),
            ("token_hash", Bytes),
            ("issued_at", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table {
        name: "api_key",
        columns: &[
            ("secret_hash", Bytes),
            ("id", Text),
            ("profile", Text),
            ("account_id", Text),
            ("wallet", Text),
            ("wallet_key", Text),
            ("name", Text),
            ("secret_prefix", Text),
            ("scopes", Text),
            ("allowlist", Text),
            ("rate_limit_per_minute", Integer),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
            ("last_used_at", Integer),
            ("last_used_ip", Text),
        ],
    },
];

/// Rows read and written at a time.
const PAGE: usize = 1000;

/// Why an installation was not moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError {
    /// A database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Postgres failed.
    #[error("Postgres: {0}")]
    Postgres(#[from] sea_orm::SqlxError),
    /// The file is not one of this version.
    #[error("the file has not the schema of this version: run countersign migrate up on it first")]
    Schema,
    /// What was written is not what was read.
    #[error(
        "table {table}: the file has {from}, Postgres {to}: somebody has written there, or to the file after an interrupted copy; begin again with an empty database"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// What the file has.
        from: Sum,
        /// What Postgres has.
        to: Sum,
    },
}

/// How many rows a table has, and a digest of them in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    rows: u64,
    digest: u128,
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} rows (digest {:032x})", self.rows, self.digest)
    }
}

impl Sum {
    fn add(&mut self, row: &[Value]) {
        let mut digest = Sha256::new();
        for value in row {
            value.digest(&mut digest);
        }
        let [half, _] = *digest.finalize().as_chunks::<16>().0 else {
            unreachable!("a digest has 32 bytes");
        };
        self.rows += 1;
        self.digest = self.digest.wrapping_add(u128::from_be_bytes(half));
    }
}

/// Moves all rows, and compares both sides. `tell` hears of each table's progress.
///
/// # Errors
/// [`TransferError`]. What was written stays, and is passed over the next time.
pub(crate) async fn transfer(
    from: &Path,
    to: &PostgresOptions,
    mut tell: impl FnMut(&str),
) -> Result<(), TransferError> {
    if sqlite::inspect::inspect(from)?.schema != Schema::Current {
        return Err(TransferError::Schema);
    }
    let source = Sqlite::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = postgres::prepare(to).await?;
    for table in &TABLES {
        let name = table.name;
        let mut last = None;
        let mut read = 0;
        loop {
            let page = table.read_sqlite(&source, last.as_ref())?;
            table.write(&mut target, &page).await?;
            read += page.len();
            last = page.last().map(|row| row[0].clone());
            if page.len() < PAGE {
                break;
            }
            tell(&format!("{name}: {read} rows"));
        }
        let (from, to) = (
            table.sum_sqlite(&source)?,
            table.sum_postgres(&mut target).await?,
        );
        if from != to {
            return Err(TransferError::Differs {
                table: name,
                from,
                to,
            });
        }
        tell(&format!("{name}: {from}, the same on both sides"));
    }
    Ok(target.close().await?)
}

/// What a column holds in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Integer(Option<i64>),
}

impl Value {
    fn of_sqlite(row: &rusqlite::Row<'_>, index: usize, kind: Kind) -> rusqlite::Result<Self> {
        Ok(match kind {
            Text => Self::Text(row.get(index)?),
            Bytes => Self::Bytes(row.get(index)?),
            Integer => Self::Integer(row.get(index)?),
        })
    }

    fn of_postgres(row: &PgRow, index: usize, kind: Kind) -> Result<Self, sea_orm::SqlxError> {
        Ok(match kind {
            Text => Self::Text(row.try_get(index)?),
            Bytes => Self::Bytes(row.try_get(index)?),
            Integer => Self::Integer(row.try_get(index)?),
        })
    }

    /// Null differs from empty, and no two rows have the same bytes.
    fn digest(&self, digest: &mut Sha256) {
        let integer;
        let bytes = match self {
            Self::Text(text) => text.as_deref().map(str::as_bytes),
            Self::Bytes(bytes) => bytes.as_deref(),
            Self::Integer(number) => {
                integer = number.map(i64::to_be_bytes);
                integer.as_ref().map(<[u8; 8]>::as_slice)
            }
        };
        match bytes {
            None => digest.update([0]),
            Some(bytes) => {
                digest.update([1]);
                digest.update((bytes.len() as u64).to_be_bytes());
                digest.update(bytes);
            }
        }
    }

    fn into_sqlite(self) -> rusqlite::types::Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Integer(number) => number.into(),
        }
    }
}

impl Table {
    fn key(&self) -> &'static str {
        self.columns[0].0
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The rows after this key, in its order.
    fn select(&self, is_first: bool, parameter: &str) -> String {
        let (names, name, key) = (self.names(), self.name, self.key());
        let after = match is_first {
            true => String::new(),
            false => format!("WHERE {key} > {parameter}"),
        };
        format!("SELECT {names} FROM {name} {after} ORDER BY {key} LIMIT {PAGE}")
    }

    fn read_sqlite(
        &self,
        source: &Sqlite,
        after: Option<&Value>,
    ) -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut select = source.prepare_cached(&self.select(after.is_none(), "?1"))?;
        let after = after.cloned().map(Value::into_sqlite);
        let rows = select.query_map(params_from_iter(after), |row| {
            let columns = self.columns.iter().enumerate();
            columns
                .map(|(index, (_, kind))| Value::of_sqlite(row, index, *kind))
                .collect()
        })?;
        rows.collect()
    }

    async fn read_postgres(
        &self,
        target: &mut PgConnection,
        after: Option<&Value>,
    ) -> Result<Vec<Vec<Value>>, sea_orm::SqlxError> {
        let select = query(AssertSqlSafe(self.select(after.is_none(), "$1")));
        let select = match after {
            None => select,
            Some(Value::Text(text)) => select.bind(text),
            Some(Value::Bytes(bytes)) => select.bind(bytes),
            Some(Value::Integer(number)) => select.bind(number),
        };
        let rows = select.fetch_all(target).await?;
        let read = |row: &PgRow| {
            let columns = self.columns.iter().enumerate();
            columns
                .map(|(index, (_, kind))| Value::of_postgres(row, index, *kind))
                .collect()
        };
        rows.iter().map(read).collect()
    }

    /// One statement with a list for each column. Rows that are there stay as they are.
    async fn write(
        &self,
        target: &mut PgConnection,
        page: &[Vec<Value>],
    ) -> Result<(), sea_orm::SqlxError> {
        let lists: Vec<_> = (1..)
            .zip(self.columns)
            .map(|(number, (_, kind))| match kind {
                Text => format!("${number}::text[]"),
                Bytes => format!("${number}::bytea[]"),
                Integer => format!("${number}::int8[]"),
            })
            .collect();
        let (names, name, key) = (self.names(), self.name, self.key());
        let sql = format!(
            "INSERT INTO {name} ({names}) SELECT * FROM unnest({}) ON CONFLICT ({key}) DO NOTHING",
            lists.join(", ")
        );
        let mut insert = query(AssertSqlSafe(sql));
        for (index, (_, kind)) in self.columns.iter().enumerate() {
            let column = page.iter().map(|row| &row[index]);
            insert = match kind {
                Text => insert.bind(column.map(text).collect::<Vec<_>>()),
                Bytes => insert.bind(column.map(bytes).collect::<Vec<_>>()),
                Integer => insert.bind(column.map(integer).collect::<Vec<_>>()),
            };
        }
        insert.execute(target).await.map(drop)
    }

    fn sum_sqlite(&self, source: &Sqlite) -> rusqlite::Result<Sum> {
        let (mut sum, mut last) = (Sum::default(), None);
        loop {
            let page = self.read_sqlite(source, last.as_ref())?;
            page.iter().for_each(|row| sum.add(row));
            last = page.last().map(|row| row[0].clone());
            if page.len() < PAGE {
                return Ok(sum);
            }
        }
    }

    async fn sum_postgres(&self, target: &mut PgConnection) -> Result<Sum, sea_orm::SqlxError> {
        let (mut sum, mut last) = (Sum::default(), None);
        loop {
            let page = self.read_postgres(target, last.as_ref()).await?;
            page.iter().for_each(|row| sum.add(row));
            last = page.last().map(|row| row[0].clone());
            if page.len() < PAGE {
                return Ok(sum);
            }
        }
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => text.as_deref(),
        _ => unreachable!("the column holds texts"),
    }
}

fn bytes(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Bytes(bytes) => bytes.as_deref(),
        _ => unreachable!("the column holds bytes"),
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => *number,
        _ => unreachable!("the column holds numbers"),
    }
}

#[cfg(test)]
mod tests {
    use countersign_test_postgres::Cluster;
    use sea_orm::sqlx::query_scalar;

    use super::*;
    use crate::store::DatabaseUrl;

    fn options(url: &str) -> PostgresOptions {
        match url.parse() {
            Ok(DatabaseUrl::Postgres(url)) => PostgresOptions::new(url),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn every_column_of_every_table_is_moved_to_postgres() {
        let url = Cluster::shared().create_database();
        let mut target = postgres::prepare(&options(&url)).await.unwrap();
        let columns = "SELECT table_name || '.' || column_name FROM information_schema.columns \
                       WHERE table_schema = 'public' AND table_name NOT IN ('seaql_migrations', 'node') ORDER BY 1";
        let there: Vec<String> = query_scalar(columns).fetch_all(&mut target).await.unwrap();
        let of = |table: &Table| {
            let name = table.name;
            table
                .columns
                .iter()
                .map(move |(column, _)| format!("{name}.{column}"))
        };
        let mut moved: Vec<String> = TABLES.iter().flat_map(of).collect();
        moved.sort_unstable();
        let mut there = there;
        there.sort_unstable();
        assert_eq!(moved, there);
    }
}
