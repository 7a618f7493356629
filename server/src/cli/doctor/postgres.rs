//! A database of Postgres: reachable, writable, of a version and a schema that this binary works with.

use time::OffsetDateTime;

use super::{database::SUBJECT, finding::Finding};
use crate::{
    cli::block_on,
    store::{
        OpenError, PostgresOptions, Schema, Tls,
        postgres::inspect::{Inspection, inspect},
    },
};

/// What was found, and when the newest row was written.
pub(super) fn check(options: &PostgresOptions) -> (Finding, Option<OffsetDateTime>) {
    match block_on(inspect(options)) {
        Ok(Ok(found)) => (judge(options, &found), found.newest),
        Ok(Err(error)) => (unreachable(options, &error), None),
        Err(error) => (unreachable(options, &error.into()), None),
    }
}

fn unreachable(options: &PostgresOptions, error: &OpenError) -> Finding {
    let cure = "look whether Postgres runs there and lets this user in, and at database.url and database.tls";
    Finding::problem(SUBJECT, format!("{}: {error}", options.url), cure)
}

fn judge(options: &PostgresOptions, found: &Inspection) -> Finding {
    let url = &options.url;
    let version = found.server.version / 10_000;
    if found.server.is_too_old() {
        let found = format!("{url}: is PostgreSQL {version}, which is too old");
        return Finding::problem(SUBJECT, found, "use PostgreSQL 13 or newer");
    }
    if found.server.is_standby {
        let found = format!("{url}: is a standby, which cannot be written to");
        return Finding::problem(SUBJECT, found, "set database.url to the primary");
    }
    let found = match &found.schema {
        Schema::Current => "with the schema of this version".to_owned(),
        Schema::Empty => "empty; serve makes its tables".to_owned(),
        Schema::Older(missing) => {
            let found = format!(
                "{url}: made by an older version; lacks {}",
                missing.join(", ")
            );
            let cure =
                "back it up, then run countersign migrate up, or start serve, which does the same";
            return Finding::warning(SUBJECT, found, cure);
        }
        Schema::Newer(unknown) => {
            let found = format!(
                "{url}: made by a newer version than {}; unknown here: {}",
                env!("CARGO_PKG_VERSION"),
                unknown.join(", ")
            );
            return Finding::problem(SUBJECT, found, "install that version");
        }
        Schema::Foreign => {
            let found = format!("{url}: holds tables of another program");
            let cure = "make a database for countersign alone, and set database.url to it";
            return Finding::problem(SUBJECT, found, cure);
        }
    };
    let found = format!("{url}: PostgreSQL {version}, {found}");
    if options.url.is_remote() && !matches!(options.tls, Tls::VerifyFull { .. }) {
        let found = format!("{found}; whoever is on the way there can read and change all of it");
        return Finding::warning(SUBJECT, found, "set database.tls to verify-full");
    }
    Finding::ok(SUBJECT, found)
}
