//! The challenge table.

use countersign_core::{
    chain::{Address, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    instant::milliseconds,
    nonce::Nonce,
    profile::Profile,
    secret::HashedSecret,
    store::{ChallengeTarget, StoreError},
};
use sea_orm::sqlx::{Connection, PgConnection, postgres::PgRow, query, query_scalar};
use time::OffsetDateTime;

use super::{
    pool::Fault,
    row::{Columns, Result},
};

const COUNT_WAITING: &str = "SELECT count(*) FROM challenge WHERE consumed_at IS NULL";
const INSERT: &str = "INSERT INTO challenge (id, profile, purpose, nonce, address, chain, message, issued_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FIND: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE id = $1 AND profile = $2 AND purpose = $3";
const FIND_BY_NONCE: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE nonce = $1 AND profile = $2 AND purpose = $3";
const LIST_LIVE: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE address = $1 AND chain = $2 AND profile = $3 AND purpose = $4 \
     AND message IS NOT NULL AND consumed_at IS NULL AND issued_at > $5 AND expires_at > $6 ORDER BY issued_at DESC";
const LOCK_TARGET: &str = "SELECT pg_advisory_xact_lock($1)";
/// Servers that clean up at once pass over what another one deletes.
pub(super) const DELETE: &str = "DELETE FROM challenge WHERE id IN \
     (SELECT id FROM challenge WHERE expires_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)";

pub(super) async fn count_waiting(connection: &mut PgConnection) -> Result<u64> {
    let count: i64 = query_scalar(COUNT_WAITING).fetch_one(connection).await?;
    Ok(count.unsigned_abs())
}

pub(super) async fn insert(connection: &mut PgConnection, challenge: &Challenge) -> Result<()> {
    let (chain, message) = match &challenge.message {
        Message::ByClient { namespace } => (namespace.to_string(), None),
        Message::ByServer { chain, text } => (chain.to_string(), Some(text.as_str())),
    };
    let insert = query(INSERT)
        .bind(challenge.id.to_string())
        .bind(challenge.profile.as_str())
        .bind(challenge.purpose.as_str())
        .bind(challenge.nonce.as_str())
        .bind(challenge.address.as_str())
        .bind(chain)
        .bind(message)
        .bind(milliseconds(challenge.issued_at))
        .bind(milliseconds(challenge.expires_at));
    insert.execute(connection).await.map(drop)
}

/// Keeps a fresh challenge, unless there is one for the same target that was issued after this instant: then returns
/// it. Callers who race wait for each other, and are given one.
pub(super) async fn insert_or_reuse(
    connection: &mut PgConnection,
    target: &ChallengeTarget,
    challenge: &Challenge,
    issued_after: OffsetDateTime,
    has_room: bool,
) -> std::result::Result<Option<Challenge>, Fault> {
    let mut transaction = connection.begin().await?;
    lock_target(&mut transaction, target).await?;
    let known = list(&mut transaction, target, issued_after, challenge.issued_at).await?;
    if let Some(known) = known.into_iter().next() {
        transaction.rollback().await?;
        return Ok(Some(known));
    }
    if !has_room {
        transaction.rollback().await?;
        return Err(Fault::Refused(StoreError::TooManyChallenges));
    }
    insert(&mut transaction, challenge).await?;
    transaction.commit().await?;
    Ok(None)
}

/// Until the end of the transaction, whoever else asks for a challenge for this target waits.
async fn lock_target(connection: &mut PgConnection, target: &ChallengeTarget) -> Result<()> {
    let ChallengeTarget {
        profile,
        purpose,
        chain,
        address,
    } = target;
    // Targets that share a number wait for each other, and nothing worse.
    let (profile, purpose) = (profile.as_str(), purpose.as_str());
    let name = format!("{profile} {purpose} {chain} {address}");
    let digest = *HashedSecret::of(name.as_bytes()).as_bytes();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    let number = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
    query(LOCK_TARGET)
        .bind(number)
        .execute(connection)
        .await
        .map(drop)
}

/// Those not used, issued after one instant and expiring after another, newest first.
pub(super) async fn list(
    connection: &mut PgConnection,
    target: &ChallengeTarget,
    issued_after: OffsetDateTime,
    expires_after: OffsetDateTime,
) -> Result<Vec<Challenge>> {
    let list = query(LIST_LIVE)
        .bind(target.address.as_str())
        .bind(target.chain.to_string())
        .bind(target.profile.as_str())
        .bind(target.purpose.as_str())
        .bind(milliseconds(issued_after))
        .bind(milliseconds(expires_after));
    let rows = list.fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn find(
    connection: &mut PgConnection,
    profile: Profile,
    purpose: Purpose,
    id: ChallengeId,
) -> Result<Option<Challenge>> {
    find_one(connection, FIND, &id.to_string(), profile, purpose).await
}

pub(super) async fn find_by_nonce(
    connection: &mut PgConnection,
    profile: Profile,
    purpose: Purpose,
    nonce: &Nonce,
) -> Result<Option<Challenge>> {
    find_one(connection, FIND_BY_NONCE, nonce.as_str(), profile, purpose).await
}

async fn find_one(
    connection: &mut PgConnection,
    sql: &'static str,
    key: &str,
    profile: Profile,
    purpose: Purpose,
) -> Result<Option<Challenge>> {
    let found = query(sql)
        .bind(key)
        .bind(profile.as_str())
        .bind(purpose.as_str());
    let found = found.fetch_optional(connection).await?;
    found.map(|row| read(&row)).transpose()
}

fn read(row: &PgRow) -> Result<Challenge> {
    let row = Columns(row);
    let message = match row.read::<Option<String>>(6)? {
        None => Message::ByClient {
            namespace: row.parsed(5, |text| Namespace::new(text).ok())?,
        },
        Some(text) => Message::ByServer {
            chain: row.parsed(5, |text| text.parse::<ChainId>().ok())?,
            text,
        },
    };
    Ok(Challenge {
        id: row.parsed(0, ChallengeId::parse)?,
        profile: row.profile(1)?,
        purpose: row.parsed(2, Purpose::parse)?,
        nonce: row.parsed(3, Nonce::parse)?,
        address: row.parsed(4, |text| Address::new(text).ok())?,
        message,
        issued_at: row.instant(7)?,
        expires_at: row.instant(8)?,
        consumed_at: row.optional_instant(9)?,
    })
}
