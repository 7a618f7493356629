//! A look at a database that changes nothing.

use countersign_core::{
    api_key::ApiKey, instant::from_milliseconds, secret::HashedSecret, session::Session,
};
use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use time::OffsetDateTime;

use super::{PostgresOptions, Server, api_keys, connect::connect, sessions};
use crate::store::{OpenError, Schema};

const TABLES: &str =
    "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
const APPLIED: &str = "SELECT version::text FROM seaql_migrations ORDER BY version";
/// Ids begin with the time they were made at, so the newest row is the last one of its table.
const NEWEST: &str = "SELECT greatest( \
     (SELECT created_at FROM account ORDER BY id DESC LIMIT 1), \
     (SELECT issued_at FROM challenge ORDER BY id DESC LIMIT 1), \
     (SELECT issued_at FROM session ORDER BY id DESC LIMIT 1))";

/// What a database is, and what lies in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// Who serves it.
    pub server: Server,
    /// What the schema is to this binary.
    pub schema: Schema,
    /// When the newest account, challenge or session was made.
    pub newest: Option<OffsetDateTime>,
}

/// Looks at a database.
///
/// # Errors
/// [`OpenError`] when it cannot be reached.
pub(crate) async fn inspect(options: &PostgresOptions) -> Result<Inspection, OpenError> {
    let mut connection = connect(options).await?;
    let server = Server::ask(&mut connection).await?;
    let schema = schema(&mut connection).await?;
    // An older schema may lack a table.
    let newest: Option<i64> = match &schema {
        Schema::Current => query_scalar(NEWEST).fetch_one(&mut connection).await?,
        _ => None,
    };
    connection.close().await?;
    Ok(Inspection {
        server,
        schema,
        newest: newest.and_then(from_milliseconds),
    })
}

/// The API key of a secret with this hash.
///
/// # Errors
/// As [`inspect`].
pub(crate) async fn find_api_key(
    options: &PostgresOptions,
    hash: &HashedSecret,
) -> Result<Option<ApiKey>, OpenError> {
    let mut connection = connect(options).await?;
    Ok(api_keys::find(&mut connection, hash).await?)
}

/// The session of a token with this hash.
///
/// # Errors
/// As [`inspect`].
pub(crate) async fn find_session(
    options: &PostgresOptions,
    hash: &HashedSecret,
) -> Result<Option<Session>, OpenError> {
    let mut connection = connect(options).await?;
    Ok(sessions::find(&mut connection, hash).await?)
}

async fn schema(connection: &mut PgConnection) -> Result<Schema, OpenError> {
    let tables: Vec<String> = query_scalar(TABLES).fetch_all(&mut *connection).await?;
    if tables.is_empty() {
        return Ok(Schema::Empty);
    }
    if !tables.iter().any(|table| table == "seaql_migrations") {
        return Ok(Schema::Foreign);
    }
    let applied = query_scalar(APPLIED).fetch_all(connection).await?;
    Ok(Schema::of(&tables, applied))
}
