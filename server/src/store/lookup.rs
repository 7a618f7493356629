//! Looks into a database that nobody opens for it: nothing is migrated, and nothing written.

use countersign_core::{api_key::ApiKey, secret::HashedSecret, session::Session};

use super::{Location, OpenError, Schema, postgres, sqlite};

/// What the schema is to this binary.
///
/// # Errors
/// [`OpenError`], such as that a file is no database.
pub(crate) async fn schema(location: &Location) -> Result<Schema, OpenError> {
    match location {
        Location::Sqlite(file) if !file.exists() => Ok(Schema::Empty),
        Location::Sqlite(file) => Ok(sqlite::inspect::inspect(file)?.schema),
        Location::Postgres(options) => Ok(postgres::inspect::inspect(options).await?.schema),
    }
}

/// The API key of a secret with this hash.
///
/// # Errors
/// [`OpenError`], such as that there is no database.
pub(crate) async fn find_api_key(
    location: &Location,
    hash: &HashedSecret,
) -> Result<Option<ApiKey>, OpenError> {
    match location {
        Location::Sqlite(file) => Ok(sqlite::inspect::find_api_key(file, hash)?),
        Location::Postgres(options) => postgres::inspect::find_api_key(options, hash).await,
    }
}

/// The session of a token with this hash.
///
/// # Errors
/// As [`find_api_key`].
pub(crate) async fn find_session(
    location: &Location,
    hash: &HashedSecret,
) -> Result<Option<Session>, OpenError> {
    match location {
        Location::Sqlite(file) => Ok(sqlite::inspect::find_session(file, hash)?),
        Location::Postgres(options) => postgres::inspect::find_session(options, hash).await,
    }
}
