//! The challenge table, and the redeem that spans all tables.

use countersign_core::{
    account::AccountId,
    chain::{Address, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    instant::milliseconds,
    nonce::Nonce,
    profile::Profile,
    store::{ChallengeTarget, Granted, Issued, Redeem},
    wallet::Wallet,
};
use rusqlite::{Connection, OptionalExtension, Params, Result, params};
use time::OffsetDateTime;

use super::{api_keys, row::Columns, sessions};

const COUNT_WAITING: &str = "SELECT COUNT(*) FROM challenge WHERE consumed_at IS NULL";
const INSERT: &str = "INSERT INTO challenge (id, profile, purpose, nonce, address, chain, message, issued_at, expires_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const FIND: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE id = ?1 AND profile = ?2 AND purpose = ?3";
const FIND_BY_NONCE: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE nonce = ?1 AND profile = ?2 AND purpose = ?3";
const LIST_LIVE: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE address = ?1 AND chain = ?2 AND profile = ?3 AND purpose = ?4 \
     AND message IS NOT NULL AND consumed_at IS NULL AND issued_at > ?5 AND expires_at > ?6 ORDER BY issued_at DESC";
const IS_LIVE: &str =
    "SELECT 1 FROM challenge WHERE id = ?1 AND consumed_at IS NULL AND expires_at > ?2";
const CONSUME: &str = "UPDATE challenge SET consumed_at = ?2 WHERE id = ?1 AND consumed_at IS NULL AND expires_at > ?2";
const DELETE: &str = "DELETE FROM challenge WHERE expires_at < ?1";
const FIND_ACCOUNT: &str = "SELECT account_id FROM wallet WHERE key = ?1";
const INSERT_ACCOUNT: &str = "INSERT INTO account (id, created_at) VALUES (?1, ?2)";
const INSERT_WALLET: &str = "INSERT INTO wallet (key, account_id, chain, address, control, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(super) fn count_waiting(connection: &Connection) -> Result<u64> {
    let count: i64 = connection
        .prepare_cached(COUNT_WAITING)?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

pub(super) fn insert(connection: &Connection, challenge: &Challenge) -> Result<usize> {
    let (chain, message) = match &challenge.message {
        Message::ByClient { namespace } => (namespace.to_string(), None),
        Message::ByServer { chain, text } => (chain.to_string(), Some(text)),
    };
    connection.prepare_cached(INSERT)?.execute(params![
        challenge.id.to_string(),
        challenge.profile.as_str(),
        challenge.purpose.as_str(),
        challenge.nonce.as_str(),
        challenge.address.as_str(),
        chain,
        message,
        milliseconds(challenge.issued_at),
        milliseconds(challenge.expires_at),
    ])
}

/// What a caller is given who asks for a challenge.
pub(super) enum Offered {
    /// The fresh one.
    Inserted,
    /// One that was issued not long ago.
    Reused(Box<Challenge>),
    /// None: there is no room for a fresh one.
    TooMany,
}

/// Runs inside a transaction, so that callers who race are given one.
pub(super) fn insert_or_reuse(
    transaction: &Connection,
    challenge: &Challenge,
    issued_after: OffsetDateTime,
    has_room: bool,
) -> Result<Offered> {
    let target = ChallengeTarget::of(challenge);
    let known = match target {
        Some(target) => list(transaction, &target, issued_after, challenge.issued_at)?,
        None => vec![],
    };
    if let Some(known) = known.into_iter().next() {
        return Ok(Offered::Reused(Box::new(known)));
    }
    if !has_room {
        return Ok(Offered::TooMany);
    }
    insert(transaction, challenge)?;
    Ok(Offered::Inserted)
}

/// Those not used, issued after one instant and expiring after another, newest first.
fn list(
    connection: &Connection,
    target: &ChallengeTarget,
    issued_after: OffsetDateTime,
    expires_after: OffsetDateTime,
) -> Result<Vec<Challenge>> {
    let mut list = connection.prepare_cached(LIST_LIVE)?;
    let found = list.query_map(
        params![
            target.address.as_str(),
            target.chain.to_string(),
            target.profile.as_str(),
            target.purpose.as_str(),
            milliseconds(issued_after),
            milliseconds(expires_after),
        ],
        |row| read(&Columns(row)),
    )?;
    found.collect()
}

pub(super) fn list_live(
    connection: &Connection,
    target: &ChallengeTarget,
    now: OffsetDateTime,
) -> Result<Vec<Challenge>> {
    list(connection, target, OffsetDateTime::UNIX_EPOCH, now)
}

pub(super) fn find(
    connection: &Connection,
    profile: Profile,
    purpose: Purpose,
    id: ChallengeId,
) -> Result<Option<Challenge>> {
    find_one(
        connection,
        FIND,
        params![id.to_string(), profile.as_str(), purpose.as_str()],
    )
}

pub(super) fn find_by_nonce(
    connection: &Connection,
    profile: Profile,
    purpose: Purpose,
    nonce: &Nonce,
) -> Result<Option<Challenge>> {
    find_one(
        connection,
        FIND_BY_NONCE,
        params![nonce.as_str(), profile.as_str(), purpose.as_str()],
    )
}

fn find_one(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Option<Challenge>> {
    connection
        .prepare_cached(sql)?
        .query_row(parameters, |row| read(&Columns(row)))
        .optional()
}

fn read(row: &Columns<'_>) -> Result<Challenge> {
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

pub(super) fn delete(connection: &Connection, expired_before: OffsetDateTime) -> Result<usize> {
    connection
        .prepare_cached(DELETE)?
        .execute([milliseconds(expired_before)])
}

/// What became of a redeem.
pub(super) enum Redeemed {
    /// The challenge is no longer live.
    Lost,
    /// The account has as many keys as it may; nothing was written.
    TooManyApiKeys,
    /// It is consumed.
    Granted(Box<Granted>),
}

/// Runs inside a transaction. The conditional update decides a race before anything else is written.
pub(super) fn redeem(transaction: &Connection, redeem: &Redeem) -> Result<Redeemed> {
    if !is_live(transaction, redeem)? {
        return Ok(Redeemed::Lost);
    }
    let known = find_account(transaction, redeem)?;
    let issued = (redeem.grant)(known.unwrap_or(redeem.new_account));
    if let Issued::ApiKey(issued) = &issued
        && !api_keys::has_room_for(transaction, &issued.key)?
    {
        return Ok(Redeemed::TooManyApiKeys);
    }
    let challenge = params![redeem.challenge.to_string(), milliseconds(redeem.now)];
    if transaction.prepare_cached(CONSUME)?.execute(challenge)? == 0 {
        return Ok(Redeemed::Lost);
    }
    if known.is_none() {
        insert_account(transaction, redeem)?;
    }
    match &issued {
        Issued::Session(issued) => sessions::insert(transaction, &issued.session)?,
        Issued::ApiKey(issued) => api_keys::insert(transaction, &issued.key)?,
    };
    Ok(Redeemed::Granted(Box::new(Granted {
        issued,
        is_new_account: known.is_none(),
    })))
}

fn is_live(transaction: &Connection, redeem: &Redeem) -> Result<bool> {
    let challenge = params![redeem.challenge.to_string(), milliseconds(redeem.now)];
    transaction.prepare_cached(IS_LIVE)?.exists(challenge)
}

fn find_account(transaction: &Connection, redeem: &Redeem) -> Result<Option<AccountId>> {
    let mut find = transaction.prepare_cached(FIND_ACCOUNT)?;
    find.query_row([redeem.wallet.key.as_str()], |row| {
        Columns(row).parsed(0, AccountId::parse)
    })
    .optional()
}

fn insert_account(transaction: &Connection, redeem: &Redeem) -> Result<()> {
    let (account, now) = (redeem.new_account.to_string(), milliseconds(redeem.now));
    let Wallet {
        key,
        address,
        control,
    } = &redeem.wallet;
    transaction
        .prepare_cached(INSERT_ACCOUNT)?
        .execute(params![account, now])?;
    let (chain, address) = (address.chain.to_string(), address.address.as_str());
    let wallet = params![key.as_str(), account, chain, address, control.as_str(), now];
    transaction.prepare_cached(INSERT_WALLET)?.execute(wallet)?;
    Ok(())
}
