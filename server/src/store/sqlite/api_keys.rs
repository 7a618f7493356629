//! The API-key table.

use countersign_core::{
    account::AccountId,
    api_key::{ApiKey, ApiKeyId, LastUse},
    instant::milliseconds,
    scope::ScopeSet,
    secret::HashedSecret,
    store::{ApiKeyUse, KeyHolder, KeyOwner, MAX_KEPT_API_KEYS, MAX_LIVE_API_KEYS, RevokedApiKey},
    wallet::WalletKey,
};
use rusqlite::{Connection, OptionalExtension, Result, params};
use time::OffsetDateTime;

use super::row::Columns;

const COUNT_LIVE: &str = "SELECT COUNT(*) FROM api_key WHERE account_id = ?1 AND profile = ?2 \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?3)";
const FORGET_OLDEST_DEAD: &str = "DELETE FROM api_key WHERE secret_hash IN ( \
     SELECT secret_hash FROM api_key WHERE account_id = ?1 AND profile = ?2 \
     AND (revoked_at IS NOT NULL OR expires_at <= ?3) ORDER BY created_at, id LIMIT ?4)";
const COUNT: &str = "SELECT COUNT(*) FROM api_key WHERE account_id = ?1 AND profile = ?2";
const INSERT: &str = "INSERT INTO api_key (secret_hash, id, profile, account_id, wallet, wallet_key, name, \
     secret_prefix, scopes, allowlist, rate_limit_per_minute, created_at, expires_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const FIND: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE secret_hash = ?1";
const LIST_BY_ACCOUNT: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE account_id = ?1 AND profile = ?2 ORDER BY created_at DESC, id DESC";
const LIST_BY_WALLET: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE wallet_key = ?1 AND profile = ?2 ORDER BY created_at DESC, id DESC";
const FIND_OF_ACCOUNT: &str =
    "SELECT secret_hash FROM api_key WHERE id = ?1 AND profile = ?2 AND account_id = ?3";
const FIND_OF_WALLET: &str =
    "SELECT secret_hash FROM api_key WHERE id = ?1 AND profile = ?2 AND wallet_key = ?3";
const REVOKE: &str =
    "UPDATE api_key SET revoked_at = ?2 WHERE secret_hash = ?1 AND revoked_at IS NULL";
const RECORD_USE: &str = "UPDATE api_key SET last_used_at = ?2, last_used_ip = ?3 \
     WHERE secret_hash = ?1 AND (last_used_at IS NULL OR last_used_at <= ?2)";
const DELETE_DEAD: &str = "DELETE FROM api_key WHERE revoked_at < ?1 OR expires_at < ?1";

/// Whether one more key would not be too many. Asked and acted upon in one transaction.
pub(super) fn has_room_for(transaction: &Connection, key: &ApiKey) -> Result<bool> {
    let live: i64 = transaction.prepare_cached(COUNT_LIVE)?.query_row(
        params![
            key.account.to_string(),
            key.profile.as_str(),
            milliseconds(key.created_at)
        ],
        |row| row.get(0),
    )?;
    Ok(usize::try_from(live).is_ok_and(|live| live < MAX_LIVE_API_KEYS))
}

/// Runs inside a transaction, after [`has_room_for`].
pub(super) fn insert(transaction: &Connection, key: &ApiKey) -> Result<usize> {
    forget_oldest_dead(transaction, key)?;
    transaction.prepare_cached(INSERT)?.execute(params![
        key.secret_hash.as_bytes(),
        key.id.as_str(),
        key.profile.as_str(),
        key.account.to_string(),
        key.wallet.to_string(),
        key.wallet_key.as_str(),
        key.name,
        key.secret_prefix,
        key.scopes.to_string(),
        key.allowlist.to_string(),
        key.rate_limit_per_minute,
        milliseconds(key.created_at),
        key.expires_at.map(milliseconds),
    ])
}

/// Makes room for one more key among those that are kept.
fn forget_oldest_dead(transaction: &Connection, key: &ApiKey) -> Result<()> {
    let (account, profile) = (key.account.to_string(), key.profile.as_str());
    let kept: i64 = transaction
        .prepare_cached(COUNT)?
        .query_row(params![account, profile], |row| row.get(0))?;
    let most = i64::try_from(MAX_KEPT_API_KEYS).expect("a small number");
    let too_many = kept + 1 - most;
    if too_many > 0 {
        let now = milliseconds(key.created_at);
        let mut forget = transaction.prepare_cached(FORGET_OLDEST_DEAD)?;
        forget.execute(params![account, profile, now, too_many])?;
    }
    Ok(())
}

pub(super) fn find(connection: &Connection, secret: &HashedSecret) -> Result<Option<ApiKey>> {
    let mut find = connection.prepare_cached(FIND)?;
    find.query_row([secret.as_bytes()], |row| read(&Columns(row)))
        .optional()
}

pub(super) fn list(connection: &Connection, owner: &KeyOwner) -> Result<Vec<ApiKey>> {
    let (sql, holder) = match &owner.holder {
        KeyHolder::Account(account) => (LIST_BY_ACCOUNT, account.to_string()),
        KeyHolder::Wallet(wallet) => (LIST_BY_WALLET, wallet.to_string()),
    };
    let mut list = connection.prepare_cached(sql)?;
    let keys = list.query_map(params![holder, owner.profile.as_str()], |row| {
        read(&Columns(row))
    })?;
    keys.collect()
}

/// Runs inside a transaction.
pub(super) fn revoke(
    transaction: &Connection,
    owner: &KeyOwner,
    id: &ApiKeyId,
    now: OffsetDateTime,
) -> Result<Option<RevokedApiKey>> {
    let (sql, holder) = match &owner.holder {
        KeyHolder::Account(account) => (FIND_OF_ACCOUNT, account.to_string()),
        KeyHolder::Wallet(wallet) => (FIND_OF_WALLET, wallet.to_string()),
    };
    let found: Option<[u8; 32]> = transaction
        .prepare_cached(sql)?
        .query_row(
            params![id.as_str(), owner.profile.as_str(), holder],
            |row| row.get(0),
        )
        .optional()?;
    let Some(digest) = found else {
        return Ok(None);
    };
    let revoked = transaction
        .prepare_cached(REVOKE)?
        .execute(params![digest, milliseconds(now)])?;
    Ok(Some(RevokedApiKey {
        secret_hash: HashedSecret::from_bytes(digest),
        is_fresh: revoked == 1,
    }))
}

pub(super) fn record_uses(transaction: &Connection, uses: &[ApiKeyUse]) -> Result<usize> {
    let mut record = transaction.prepare_cached(RECORD_USE)?;
    let mut recorded = 0;
    for used in uses {
        let LastUse { at, ip } = used.last_use;
        let ip = ip.map(|ip| ip.to_string());
        recorded += record.execute(params![used.secret_hash.as_bytes(), milliseconds(at), ip])?;
    }
    Ok(recorded)
}

pub(super) fn delete_dead(transaction: &Connection, before: OffsetDateTime) -> Result<usize> {
    transaction
        .prepare_cached(DELETE_DEAD)?
        .execute([milliseconds(before)])
}

fn read(row: &Columns<'_>) -> Result<ApiKey> {
    let last_used_at = row.optional_instant(14)?;
    let last_used_ip = row.optional_parsed(15, |text| text.parse().ok())?;
    Ok(ApiKey {
        secret_hash: HashedSecret::from_bytes(row.read(0)?),
        id: row.parsed(1, |text| Some(ApiKeyId::from_text(text)))?,
        profile: row.profile(2)?,
        account: row.parsed(3, AccountId::parse)?,
        wallet: row.parsed(4, |text| text.parse().ok())?,
        wallet_key: row.parsed(5, |text| Some(WalletKey::from_stored(text)))?,
        name: row.read(6)?,
        secret_prefix: row.read(7)?,
        scopes: row.parsed(8, ScopeSet::parse)?,
        allowlist: row.parsed(9, |text| text.parse().ok())?,
        rate_limit_per_minute: row.read(10)?,
        created_at: row.instant(11)?,
        expires_at: row.optional_instant(12)?,
        revoked_at: row.optional_instant(13)?,
        last_use: last_used_at.map(|at| LastUse {
            at,
            ip: last_used_ip,
        }),
    })
}
