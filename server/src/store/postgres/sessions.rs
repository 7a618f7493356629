//! The session table.

use countersign_core::{
    account::AccountId,
    instant::milliseconds,
    secret::HashedSecret,
    session::{Session, SessionId},
    wallet::WalletKey,
};
use sea_orm::sqlx::{PgConnection, postgres::PgRow, query};
use time::OffsetDateTime;

use super::row::{Columns, Result};

const FIND: &str = "SELECT id, profile, account_id, wallet, wallet_key, issued_at, expires_at, revoked_at FROM session WHERE token_hash = $1";
/// Tells all nodes, too.
const REVOKE: &str = "UPDATE session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL \
     RETURNING pg_notify('countersign', 'revoked ' || encode(token_hash, 'hex'))";
/// Servers that clean up at once pass over what another one deletes.
pub(super) const DELETE: &str = "DELETE FROM session WHERE id IN \
     (SELECT id FROM session WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";

pub(super) async fn find(
    connection: &mut PgConnection,
    token: &HashedSecret,
) -> Result<Option<Session>> {
    let found = query(FIND).bind(&token.as_bytes()[..]);
    let found = found.fetch_optional(connection).await?;
    found.map(|row| read(&row, token)).transpose()
}

fn read(row: &PgRow, token: &HashedSecret) -> Result<Session> {
    let row = Columns(row);
    Ok(Session {
        id: row.parsed(0, SessionId::parse)?,
        profile: row.profile(1)?,
        account: row.parsed(2, AccountId::parse)?,
        wallet: row.parsed(3, |text| text.parse().ok())?,
        wallet_key: row.parsed(4, |text| Some(WalletKey::from_stored(text)))?,
        token_hash: *token,
        issued_at: row.instant(5)?,
        expires_at: row.instant(6)?,
        revoked_at: row.optional_instant(7)?,
    })
}

pub(super) async fn revoke(
    connection: &mut PgConnection,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<bool> {
    let revoke = query(REVOKE).bind(id.to_string()).bind(milliseconds(now));
    Ok(revoke.execute(connection).await?.rows_affected() == 1)
}
