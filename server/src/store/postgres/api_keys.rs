//! The API-key table.

use std::collections::BTreeMap;

use countersign_core::{
    account::AccountId,
    api_key::{ApiKey, ApiKeyId, LastUse},
    instant::milliseconds,
    scope::ScopeSet,
    secret::HashedSecret,
    store::{
        ApiKeyUse, KeyHolder, KeyOwner, MAX_KEPT_API_KEYS, MAX_LIVE_API_KEYS, RevokedApiKey,
        StoreError,
    },
    wallet::WalletKey,
};
use sea_orm::sqlx::{
    Connection, PgConnection, Postgres,
    postgres::{PgArguments, PgRow},
    query,
    query::Query,
    query_scalar,
};
use time::OffsetDateTime;

use super::{
    pool::Fault,
    row::{Columns, Result, foreign},
};

/// Whoever counts an account's keys before adding one waits for whoever is doing the same.
const LOCK_ACCOUNT: &str = "SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE";
const COUNT_LIVE: &str = "SELECT count(*) FROM api_key WHERE account_id = $1 AND profile = $2 \
     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)";
/// Ids are compared by their bytes, as everywhere, whatever language the database is set to.
const FORGET_OLDEST_DEAD: &str = "DELETE FROM api_key WHERE secret_hash IN ( \
     SELECT secret_hash FROM api_key WHERE account_id = $1 AND profile = $2 \
     AND (revoked_at IS NOT NULL OR expires_at <= $3) ORDER BY created_at, id COLLATE \"C\" \
     LIMIT (SELECT greatest(count(*) + 1 - $4, 0) FROM api_key WHERE account_id = $1 AND profile = $2))";
const INSERT: &str = "INSERT INTO api_key (secret_hash, id, profile, account_id, wallet, wallet_key, name, \
     secret_prefix, scopes, allowlist, rate_limit_per_minute, created_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const FIND: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE secret_hash = $1";
const LIST_BY_ACCOUNT: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE account_id = $1 AND profile = $2 ORDER BY created_at DESC, id COLLATE \"C\" DESC";
const LIST_BY_WALLET: &str = "SELECT secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at, revoked_at, last_used_at, last_used_ip \
     FROM api_key WHERE wallet_key = $1 AND profile = $2 ORDER BY created_at DESC, id COLLATE \"C\" DESC";
/// Revocations tell all nodes, too.
const REVOKE_OF_ACCOUNT: &str = "WITH found AS (SELECT secret_hash FROM api_key WHERE id = $1 AND profile = $2 AND account_id = $3), \
     revoked AS (UPDATE api_key SET revoked_at = $4 FROM found \
     WHERE api_key.secret_hash = found.secret_hash AND api_key.revoked_at IS NULL \
     RETURNING pg_notify('countersign', 'revoked ' || encode(api_key.secret_hash, 'hex'))) \
     SELECT secret_hash, EXISTS (SELECT 1 FROM revoked) FROM found";
const REVOKE_OF_WALLET: &str = "WITH found AS (SELECT secret_hash FROM api_key WHERE id = $1 AND profile = $2 AND wallet_key = $3), \
     revoked AS (UPDATE api_key SET revoked_at = $4 FROM found \
     WHERE api_key.secret_hash = found.secret_hash AND api_key.revoked_at IS NULL \
     RETURNING pg_notify('countersign', 'revoked ' || encode(api_key.secret_hash, 'hex'))) \
     SELECT secret_hash, EXISTS (SELECT 1 FROM revoked) FROM found";
/// Rows are locked in one order, so that servers that write the uses of the same keys do not wait for each other in a
/// circle.
const RECORD_USES: &str = "WITH used AS (SELECT * FROM unnest($1::bytea[], $2::int8[], $3::text[]) AS used (secret_hash, at, ip)), \
     locked AS (SELECT secret_hash FROM api_key WHERE secret_hash = ANY($1) ORDER BY secret_hash FOR NO KEY UPDATE) \
     UPDATE api_key SET last_used_at = used.at, last_used_ip = used.ip FROM used JOIN locked USING (secret_hash) \
     WHERE api_key.secret_hash = used.secret_hash AND (last_used_at IS NULL OR last_used_at <= used.at)";
pub(super) const DELETE_DEAD: &str = "DELETE FROM api_key WHERE secret_hash IN \
     (SELECT secret_hash FROM api_key WHERE revoked_at < $1 OR expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";
/// Uses written by one statement.
const USES: usize = 1000;

/// Keeps others from adding keys to this account until the end of the transaction.
pub(super) async fn lock_account(connection: &mut PgConnection, account: AccountId) -> Result<()> {
    let lock = query(LOCK_ACCOUNT).bind(account.to_string());
    lock.execute(connection).await.map(drop)
}

/// Whether one more key would not be too many. Asked after [`lock_account`], and acted upon in the same transaction.
pub(super) async fn has_room_for(connection: &mut PgConnection, key: &ApiKey) -> Result<bool> {
    let count = query_scalar(COUNT_LIVE)
        .bind(key.account.to_string())
        .bind(key.profile.as_str())
        .bind(milliseconds(key.created_at));
    let live: i64 = count.fetch_one(connection).await?;
    Ok(usize::try_from(live).is_ok_and(|live| live < MAX_LIVE_API_KEYS))
}

/// Makes room for one more key among those that are kept.
pub(super) async fn forget_oldest_dead(connection: &mut PgConnection, key: &ApiKey) -> Result<()> {
    let most = i64::try_from(MAX_KEPT_API_KEYS).expect("a small number");
    let forget = query(FORGET_OLDEST_DEAD)
        .bind(key.account.to_string())
        .bind(key.profile.as_str())
        .bind(milliseconds(key.created_at))
        .bind(most);
    forget.execute(connection).await.map(drop)
}

/// Keeps a fresh key, unless the account has as many as it may.
pub(super) async fn insert_if_room(
    connection: &mut PgConnection,
    key: &ApiKey,
) -> std::result::Result<(), Fault> {
    let mut transaction = connection.begin().await?;
    lock_account(&mut transaction, key.account).await?;
    if !has_room_for(&mut transaction, key).await? {
        transaction.rollback().await?;
        return Err(Fault::Refused(StoreError::TooManyApiKeys));
    }
    forget_oldest_dead(&mut transaction, key).await?;
    let insert = bind(query(INSERT), key);
    insert.execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// Adds the 13 columns of a fresh key to what a statement takes.
pub(super) fn bind<'q>(
    statement: Query<'q, Postgres, PgArguments>,
    key: &'q ApiKey,
) -> Query<'q, Postgres, PgArguments> {
    statement
        .bind(&key.secret_hash.as_bytes()[..])
        .bind(key.id.as_str())
        .bind(key.profile.as_str())
        .bind(key.account.to_string())
        .bind(key.wallet.to_string())
        .bind(key.wallet_key.as_str())
        .bind(key.name.as_deref())
        .bind(&key.secret_prefix)
        .bind(key.scopes.to_string())
        .bind(key.allowlist.to_string())
        .bind(key.rate_limit_per_minute.map(i64::from))
        .bind(milliseconds(key.created_at))
        .bind(key.expires_at.map(milliseconds))
}

pub(super) async fn find(
    connection: &mut PgConnection,
    secret: &HashedSecret,
) -> Result<Option<ApiKey>> {
    let found = query(FIND).bind(&secret.as_bytes()[..]);
    let found = found.fetch_optional(connection).await?;
    found.map(|row| read(&row)).transpose()
}

pub(super) async fn list(connection: &mut PgConnection, owner: &KeyOwner) -> Result<Vec<ApiKey>> {
    let (sql, holder) = match &owner.holder {
        KeyHolder::Account(account) => (LIST_BY_ACCOUNT, account.to_string()),
        KeyHolder::Wallet(wallet) => (LIST_BY_WALLET, wallet.to_string()),
    };
    let list = query(sql).bind(holder).bind(owner.profile.as_str());
    let rows = list.fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn revoke(
    connection: &mut PgConnection,
    owner: &KeyOwner,
    id: &ApiKeyId,
    now: OffsetDateTime,
) -> Result<Option<RevokedApiKey>> {
    let (sql, holder) = match &owner.holder {
        KeyHolder::Account(account) => (REVOKE_OF_ACCOUNT, account.to_string()),
        KeyHolder::Wallet(wallet) => (REVOKE_OF_WALLET, wallet.to_string()),
    };
    let revoke = query(sql)
        .bind(id.as_str())
        .bind(owner.profile.as_str())
        .bind(holder)
        .bind(milliseconds(now));
    let Some(row) = revoke.fetch_optional(connection).await? else {
        return Ok(None);
    };
    let row = Columns(&row);
    Ok(Some(RevokedApiKey {
        secret_hash: row.digest(0)?,
        is_fresh: row.read(1)?,
    }))
}

/// Writes the last one of each key's uses.
pub(super) async fn record_uses(connection: &mut PgConnection, uses: &[ApiKeyUse]) -> Result<()> {
    let mut last: BTreeMap<&[u8; 32], LastUse> = BTreeMap::new();
    for used in uses {
        let known = last
            .entry(used.secret_hash.as_bytes())
            .or_insert(used.last_use);
        if known.at <= used.last_use.at {
            *known = used.last_use;
        }
    }
    let last: Vec<_> = last.into_iter().collect();
    for some in last.chunks(USES) {
        let hashes: Vec<&[u8]> = some.iter().map(|(hash, _)| &hash[..]).collect();
        let instants: Vec<i64> = some.iter().map(|(_, used)| milliseconds(used.at)).collect();
        let addresses: Vec<Option<String>> = some
            .iter()
            .map(|(_, used)| used.ip.map(|ip| ip.to_string()))
            .collect();
        let record = query(RECORD_USES)
            .bind(hashes)
            .bind(instants)
            .bind(addresses);
        record.execute(&mut *connection).await?;
    }
    Ok(())
}

fn read(row: &PgRow) -> Result<ApiKey> {
    let row = Columns(row);
    let last_used_at = row.optional_instant(14)?;
    let last_used_ip = row.optional_parsed(15, |text| text.parse().ok())?;
    let limit: Option<i64> = row.read(10)?;
    Ok(ApiKey {
        secret_hash: row.digest(0)?,
        id: row.parsed(1, |text| Some(ApiKeyId::from_text(text)))?,
        profile: row.profile(2)?,
        account: row.parsed(3, AccountId::parse)?,
        wallet: row.parsed(4, |text| text.parse().ok())?,
        wallet_key: row.parsed(5, |text| Some(WalletKey::from_stored(text)))?,
        name: row.read(6)?,
        secret_prefix: row.read(7)?,
        scopes: row.parsed(8, ScopeSet::parse)?,
        allowlist: row.parsed(9, |text| text.parse().ok())?,
        rate_limit_per_minute: limit
            .map(u32::try_from)
            .transpose()
            .map_err(|_| foreign(10))?,
        created_at: row.instant(11)?,
        expires_at: row.optional_instant(12)?,
        revoked_at: row.optional_instant(13)?,
        last_use: last_used_at.map(|at| LastUse {
            at,
            ip: last_used_ip,
        }),
    })
}
