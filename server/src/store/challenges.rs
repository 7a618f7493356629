//! The challenge table, and the redeem that spans all tables.

use countersign_core::{
    account::AccountId,
    chain::{Address, ChainId, Namespace},
    challenge::{Challenge, ChallengeId, Message, Purpose},
    nonce::Nonce,
    profile::Profile,
    store::{Granted, Redeem},
    wallet::Wallet,
};
use sea_orm::{ConnectionTrait, DbErr, Value};
use time::OffsetDateTime;

use super::{
    row::{Row, execute, milliseconds, statement},
    sessions,
};

const COUNT: &str = "SELECT COUNT(*) FROM challenge WHERE consumed_at IS NULL";
const INSERT: &str = "INSERT INTO challenge (id, profile, purpose, nonce, address, chain, message, issued_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const FIND: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE id = $1 AND profile = $2 AND purpose = $3";
const FIND_BY_NONCE: &str = "SELECT id, profile, purpose, nonce, address, chain, message, issued_at, expires_at, consumed_at \
     FROM challenge WHERE nonce = $1 AND profile = $2 AND purpose = $3";
const CONSUME: &str = "UPDATE challenge SET consumed_at = $2 WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2";
const DELETE: &str = "DELETE FROM challenge WHERE expires_at < $1";
const FIND_ACCOUNT: &str = "SELECT account_id FROM wallet WHERE key = $1";
const INSERT_ACCOUNT: &str = "INSERT INTO account (id, created_at) VALUES ($1, $2)";
const INSERT_WALLET: &str = "INSERT INTO wallet (key, account_id, chain, address, control, created_at) VALUES ($1, $2, $3, $4, $5, $6)";

pub(super) async fn count_waiting(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let row = connection.query_one_raw(statement(COUNT, [])).await?;
    let count: i64 = row.as_ref().map_or(Ok(0), |row| Row(row).read(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    challenge: &Challenge,
) -> Result<u64, DbErr> {
    let (chain, message) = match &challenge.message {
        Message::ByClient { namespace } => (namespace.to_string(), None),
        Message::ByServer { chain, text } => (chain.to_string(), Some(text.clone())),
    };
    let values = [
        challenge.id.to_string().into(),
        challenge.profile.as_str().into(),
        challenge.purpose.as_str().into(),
        challenge.nonce.as_str().into(),
        challenge.address.as_str().into(),
        chain.into(),
        message.into(),
        milliseconds(challenge.issued_at),
        milliseconds(challenge.expires_at),
    ];
    execute(connection, INSERT, values).await
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    profile: Profile,
    purpose: Purpose,
    id: ChallengeId,
) -> Result<Option<Challenge>, DbErr> {
    find_one(
        connection,
        FIND,
        [
            id.to_string().into(),
            profile.as_str().into(),
            purpose.as_str().into(),
        ],
    )
    .await
}

pub(super) async fn find_by_nonce(
    connection: &impl ConnectionTrait,
    profile: Profile,
    purpose: Purpose,
    nonce: &Nonce,
) -> Result<Option<Challenge>, DbErr> {
    find_one(
        connection,
        FIND_BY_NONCE,
        [
            nonce.as_str().into(),
            profile.as_str().into(),
            purpose.as_str().into(),
        ],
    )
    .await
}

async fn find_one(
    connection: &impl ConnectionTrait,
    sql: &'static str,
    values: [Value; 3],
) -> Result<Option<Challenge>, DbErr> {
    let row = connection.query_one_raw(statement(sql, values)).await?;
    row.map(|row| read(&Row(&row))).transpose()
}

fn read(row: &Row<'_>) -> Result<Challenge, DbErr> {
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

pub(super) async fn delete(
    connection: &impl ConnectionTrait,
    expired_before: OffsetDateTime,
) -> Result<u64, DbErr> {
    execute(connection, DELETE, [milliseconds(expired_before)]).await
}

/// Runs inside a transaction. The conditional update decides a race before anything else is written.
pub(super) async fn redeem(
    transaction: &impl ConnectionTrait,
    redeem: &Redeem,
) -> Result<Option<Granted>, DbErr> {
    let consumed = execute(
        transaction,
        CONSUME,
        [
            redeem.challenge.to_string().into(),
            milliseconds(redeem.now),
        ],
    )
    .await?;
    if consumed == 0 {
        return Ok(None);
    }
    let known = find_account(transaction, redeem).await?;
    if known.is_none() {
        insert_account(transaction, redeem).await?;
    }
    let issued = (redeem.grant)(known.unwrap_or(redeem.new_account));
    sessions::insert(transaction, &issued.session).await?;
    Ok(Some(Granted {
        issued,
        is_new_account: known.is_none(),
    }))
}

async fn find_account(
    transaction: &impl ConnectionTrait,
    redeem: &Redeem,
) -> Result<Option<AccountId>, DbErr> {
    let row = transaction
        .query_one_raw(statement(FIND_ACCOUNT, [redeem.wallet.key.as_str().into()]))
        .await?;
    row.map(|row| Row(&row).parsed(0, AccountId::parse))
        .transpose()
}

async fn insert_account(transaction: &impl ConnectionTrait, redeem: &Redeem) -> Result<(), DbErr> {
    let account: Value = redeem.new_account.to_string().into();
    let Wallet {
        key,
        address,
        control,
    } = &redeem.wallet;
    execute(
        transaction,
        INSERT_ACCOUNT,
        [account.clone(), milliseconds(redeem.now)],
    )
    .await?;
    let wallet = [
        key.as_str().into(),
        account,
        address.chain.to_string().into(),
        address.address.as_str().into(),
        control.as_str().into(),
        milliseconds(redeem.now),
    ];
    execute(transaction, INSERT_WALLET, wallet).await?;
    Ok(())
}
