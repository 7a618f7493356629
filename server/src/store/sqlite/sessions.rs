//! The session table.

use countersign_core::{
    account::AccountId,
    instant::milliseconds,
    secret::HashedSecret,
    session::{Session, SessionId},
    wallet::WalletKey,
};
use rusqlite::{Connection, OptionalExtension, Result, params};
use time::OffsetDateTime;

use super::row::Columns;

const INSERT: &str = "INSERT INTO session (id, profile, account_id, wallet, wallet_key, token_hash, issued_at, expires_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const FIND: &str = "SELECT id, profile, account_id, wallet, wallet_key, issued_at, expires_at, revoked_at FROM session WHERE token_hash = ?1";
const REVOKE: &str = "UPDATE session SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
const DELETE: &str = "DELETE FROM session WHERE expires_at < ?1";
const READ_ANY: &str = "SELECT id FROM session LIMIT 1";

/// Reads the table, whatever is in it.
pub(super) fn read_any(connection: &Connection) -> Result<()> {
    connection.prepare_cached(READ_ANY)?.exists([]).map(|_| ())
}

pub(super) fn insert(connection: &Connection, session: &Session) -> Result<usize> {
    connection.prepare_cached(INSERT)?.execute(params![
        session.id.to_string(),
        session.profile.as_str(),
        session.account.to_string(),
        session.wallet.to_string(),
        session.wallet_key.as_str(),
        session.token_hash.as_bytes(),
        milliseconds(session.issued_at),
        milliseconds(session.expires_at),
    ])
}

pub(super) fn find(connection: &Connection, token: &HashedSecret) -> Result<Option<Session>> {
    let mut find = connection.prepare_cached(FIND)?;
    find.query_row([token.as_bytes()], |row| read(&Columns(row), token))
        .optional()
}

fn read(row: &Columns<'_>, token: &HashedSecret) -> Result<Session> {
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

pub(super) fn revoke(connection: &Connection, id: SessionId, now: OffsetDateTime) -> Result<usize> {
    connection
        .prepare_cached(REVOKE)?
        .execute(params![id.to_string(), milliseconds(now)])
}

pub(super) fn delete(connection: &Connection, expired_before: OffsetDateTime) -> Result<usize> {
    connection
        .prepare_cached(DELETE)?
        .execute([milliseconds(expired_before)])
}
