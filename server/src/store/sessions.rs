//! The session table.

use countersign_core::{
    account::AccountId,
    secret::HashedSecret,
    session::{Session, SessionId},
};
use sea_orm::{ConnectionTrait, DbErr};
use time::OffsetDateTime;

use super::row::{Row, execute, milliseconds, statement};

const INSERT: &str = "INSERT INTO session (id, profile, account_id, wallet, token_hash, issued_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const FIND: &str = "SELECT id, profile, account_id, wallet, issued_at, expires_at, revoked_at FROM session WHERE token_hash = $1";
const REVOKE: &str = "UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
const DELETE: &str = "DELETE FROM session WHERE expires_at < $1";

/// Whether the table can be read at all.
pub(super) async fn can_be_read(connection: &impl ConnectionTrait) -> bool {
    connection
        .query_one_raw(statement("SELECT id FROM session LIMIT 1", []))
        .await
        .is_ok()
}

pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    session: &Session,
) -> Result<u64, DbErr> {
    let values = [
        session.id.to_string().into(),
        session.profile.as_str().into(),
        session.account.to_string().into(),
        session.wallet.to_string().into(),
        session.token_hash.as_bytes().to_vec().into(),
        milliseconds(session.issued_at),
        milliseconds(session.expires_at),
    ];
    execute(connection, INSERT, values).await
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    token: &HashedSecret,
) -> Result<Option<Session>, DbErr> {
    let row = connection
        .query_one_raw(statement(FIND, [token.as_bytes().to_vec().into()]))
        .await?;
    row.map(|row| read(&Row(&row), token)).transpose()
}

fn read(row: &Row<'_>, token: &HashedSecret) -> Result<Session, DbErr> {
    Ok(Session {
        id: row.parsed(0, SessionId::parse)?,
        profile: row.profile(1)?,
        account: row.parsed(2, AccountId::parse)?,
        wallet: row.parsed(3, |text| text.parse().ok())?,
        token_hash: *token,
        issued_at: row.instant(4)?,
        expires_at: row.instant(5)?,
        revoked_at: row.optional_instant(6)?,
    })
}

pub(super) async fn revoke(
    connection: &impl ConnectionTrait,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<u64, DbErr> {
    execute(
        connection,
        REVOKE,
        [id.to_string().into(), milliseconds(now)],
    )
    .await
}

pub(super) async fn delete(
    connection: &impl ConnectionTrait,
    expired_before: OffsetDateTime,
) -> Result<u64, DbErr> {
    execute(connection, DELETE, [milliseconds(expired_before)]).await
}
