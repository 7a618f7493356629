//! Values as columns hold them.

use countersign_core::profile::Profile;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value};
use time::OffsetDateTime;

/// A fixed statement with its parameters, which it names `$1`, `$2`, ….
pub(super) fn statement<const N: usize>(sql: &'static str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// Runs a statement and tells how many rows it changed.
pub(super) async fn execute<const N: usize>(
    connection: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; N],
) -> Result<u64, DbErr> {
    Ok(connection
        .execute_raw(statement(sql, values))
        .await?
        .rows_affected())
}

pub(super) fn milliseconds(instant: OffsetDateTime) -> Value {
    let milliseconds = instant.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(milliseconds)
        .expect("no calendar date is 292 million years away")
        .into()
}

/// A row whose columns are read in the order the statement selects them.
pub(super) struct Row<'a>(pub(super) &'a QueryResult);

impl Row<'_> {
    pub(super) fn read<T: TryGetable>(&self, index: usize) -> Result<T, DbErr> {
        self.0.try_get_by_index(index)
    }

    /// A column that holds what `parse` accepts; anything else means the file was changed from outside.
    pub(super) fn parsed<T>(
        &self,
        index: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, DbErr> {
        let text: String = self.read(index)?;
        parse(&text).ok_or_else(|| {
            DbErr::Custom(format!(
                "column {index} holds a value this server did not write"
            ))
        })
    }

    pub(super) fn profile(&self, index: usize) -> Result<Profile, DbErr> {
        self.parsed(index, Profile::parse)
    }

    pub(super) fn instant(&self, index: usize) -> Result<OffsetDateTime, DbErr> {
        from_milliseconds(self.read(index)?)
    }

    pub(super) fn optional_instant(&self, index: usize) -> Result<Option<OffsetDateTime>, DbErr> {
        self.read::<Option<i64>>(index)?
            .map(from_milliseconds)
            .transpose()
    }
}

fn from_milliseconds(milliseconds: i64) -> Result<OffsetDateTime, DbErr> {
    let nanoseconds = i128::from(milliseconds) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
        .map_err(|error| DbErr::Custom(error.to_string()))
}
