//! Values as columns hold them: the same texts, digests and milliseconds as in SQLite.

use countersign_core::{instant::from_milliseconds, profile::Profile, secret::HashedSecret};
use sea_orm::{
    SqlxError,
    sqlx::{Decode, Postgres, Row, Type, postgres::PgRow},
};
use time::OffsetDateTime;

pub(super) type Result<T> = std::result::Result<T, SqlxError>;

/// A row whose columns are read in the order the statement selects them.
pub(super) struct Columns<'a>(pub(super) &'a PgRow);

impl<'a> Columns<'a> {
    pub(super) fn read<T: Decode<'a, Postgres> + Type<Postgres>>(&self, index: usize) -> Result<T> {
        self.0.try_get(index)
    }

    /// A column that holds what `parse` accepts; anything else was written by somebody else.
    pub(super) fn parsed<T>(&self, index: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        parse(self.read(index)?).ok_or_else(|| foreign(index))
    }

    /// The same for a column that may be null.
    pub(super) fn optional_parsed<T>(
        &self,
        index: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let text: Option<&str> = self.read(index)?;
        let parsed = text.map(|text| parse(text).ok_or_else(|| foreign(index)));
        parsed.transpose()
    }

    pub(super) fn profile(&self, index: usize) -> Result<Profile> {
        self.parsed(index, Profile::parse)
    }

    pub(super) fn digest(&self, index: usize) -> Result<HashedSecret> {
        let bytes: &[u8] = self.read(index)?;
        let digest = bytes.try_into().map_err(|_| foreign(index))?;
        Ok(HashedSecret::from_bytes(digest))
    }

    pub(super) fn instant(&self, index: usize) -> Result<OffsetDateTime> {
        from_milliseconds(self.read(index)?).ok_or_else(|| foreign(index))
    }

    pub(super) fn optional_instant(&self, index: usize) -> Result<Option<OffsetDateTime>> {
        let milliseconds: Option<i64> = self.read(index)?;
        let instant =
            milliseconds.map(|text| from_milliseconds(text).ok_or_else(|| foreign(index)));
        instant.transpose()
    }
}

pub(super) fn foreign(index: usize) -> SqlxError {
    SqlxError::ColumnDecode {
        index: index.to_string(),
        source: "a value this server did not write".into(),
    }
}
