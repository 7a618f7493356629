//! What a database's schema is to this binary.

use sea_orm_migration::MigratorTrait;

use super::Migrator;

/// A schema, as this binary sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Nothing is there yet.
    Empty,
    /// The one this binary works with.
    Current,
    /// Migrations are missing.
    Older(Vec<String>),
    /// There are migrations that this binary does not know.
    Newer(Vec<String>),
    /// Tables of another program.
    Foreign,
}

impl Schema {
    /// The one that has these tables and migrations.
    pub(super) fn of(tables: &[String], applied: Vec<String>) -> Self {
        let known: Vec<_> = Migrator::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        let missing: Vec<_> = known
            .iter()
            .filter(|name| !applied.contains(name))
            .cloned()
            .collect();
        let has_other_tables = tables.len() > 1;
        let is_ours = missing.len() < known.len();
        let unknown: Vec<_> = applied
            .into_iter()
            .filter(|name| !known.contains(name))
            .collect();
        match () {
            () if !is_ours && (has_other_tables || !unknown.is_empty()) => Self::Foreign,
            () if !unknown.is_empty() => Self::Newer(unknown),
            // A server that was killed on its first start leaves the table of migrations, empty.
            () if !is_ours => Self::Empty,
            () if !missing.is_empty() => Self::Older(missing),
            () => Self::Current,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(tables: &[&str], applied: &[&str]) -> Schema {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let tables: Vec<String> = texts(tables);
        Schema::of(&tables, texts(applied))
    }

    const FIRST: &str = "m20261123_000001_sign_in";

    #[test]
    fn a_schema_is_told_by_its_migrations() {
        let all: Vec<_> = Migrator::migrations()
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect();
        let mut all: Vec<_> = all.iter().map(String::as_str).collect();
        let ours = ["seaql_migrations", "account"];
        assert_eq!(judged(&ours, &all), Schema::Current);
        all.push("m29991231_000001_later");
        assert_eq!(
            judged(&ours, &all),
            Schema::Newer(vec!["m29991231_000001_later".into()])
        );
        let Schema::Older(missing) = judged(&ours, &[FIRST]) else {
            panic!("the first migration alone is an older schema");
        };
        assert_eq!(missing.len(), Migrator::migrations().len() - 1);
        assert_eq!(judged(&["seaql_migrations"], &[]), Schema::Empty);
        assert_eq!(
            judged(&["seaql_migrations", "cake"], &["m2022_cake"]),
            Schema::Foreign
        );
        assert_eq!(judged(&ours, &[]), Schema::Foreign);
    }
}
