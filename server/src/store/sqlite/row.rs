//! Values as columns hold them.

use countersign_core::{instant::from_milliseconds, profile::Profile};
use rusqlite::{
    Row,
    types::{FromSql, Type},
};
use time::OffsetDateTime;

/// A row whose columns are read in the order the statement selects them.
pub(super) struct Columns<'a>(pub(super) &'a Row<'a>);

impl Columns<'_> {
    pub(super) fn read<T: FromSql>(&self, index: usize) -> rusqlite::Result<T> {
        self.0.get(index)
    }

    /// A column that holds what `parse` accepts; anything else means the file was changed from outside.
    pub(super) fn parsed<T>(
        &self,
        index: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> rusqlite::Result<T> {
        let text = self.0.get_ref(index)?.as_str()?;
        parse(text).ok_or_else(|| foreign(index, Type::Text))
    }

    /// The same for a column that may be null.
    pub(super) fn optional_parsed<T>(
        &self,
        index: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> rusqlite::Result<Option<T>> {
        match self.0.get_ref(index)?.as_str_or_null()? {
            Some(text) => parse(text)
                .map(Some)
                .ok_or_else(|| foreign(index, Type::Text)),
            None => Ok(None),
        }
    }

    pub(super) fn profile(&self, index: usize) -> rusqlite::Result<Profile> {
        self.parsed(index, Profile::parse)
    }

    pub(super) fn instant(&self, index: usize) -> rusqlite::Result<OffsetDateTime> {
        instant(index, self.read(index)?)
    }

    pub(super) fn optional_instant(
        &self,
        index: usize,
    ) -> rusqlite::Result<Option<OffsetDateTime>> {
        self.read::<Option<i64>>(index)?
            .map(|milliseconds| instant(index, milliseconds))
            .transpose()
    }
}

fn instant(index: usize, milliseconds: i64) -> rusqlite::Result<OffsetDateTime> {
    from_milliseconds(milliseconds).ok_or_else(|| foreign(index, Type::Integer))
}

fn foreign(index: usize, kind: Type) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        index,
        kind,
        "a value this server did not write".into(),
    )
}
