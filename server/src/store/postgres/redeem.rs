//! The redeem, which spans all tables.
//!
//! What is granted is made for an account, so the account is read first. Then one statement consumes the challenge
//! and inserts all that comes of it, for that account and no other: if another server has made the wallet's account
//! meanwhile, it changes nothing, and all is done again with that account.

use countersign_core::{
    account::AccountId,
    api_key::ApiKey,
    instant::milliseconds,
    session::Session,
    store::{Granted, Issued, Redeem, StoreError},
    wallet::Wallet,
};
use sea_orm::{
    SqlxError,
    sqlx::{
        Connection, PgConnection, Postgres,
        postgres::{PgArguments, PgRow},
        query,
        query::Query,
    },
};

use super::{
    api_keys,
    pool::Fault,
    row::{Columns, Result},
};

const LOOK: &str = "SELECT \
     EXISTS (SELECT 1 FROM challenge WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2), \
     (SELECT account_id FROM wallet WHERE key = $3)";

/// Consumes the challenge ($1, $2) if the wallet ($3) is the account's ($4), or new ($5), and then creates both of
/// these; a wallet that another server has just made violates its primary key. What comes after takes its rows
/// `FROM consumed`, so that without it nothing is inserted.
macro_rules! consuming {
    ($insert:literal) => {
        concat!(
            "WITH consumed AS (UPDATE challenge SET consumed_at = $2 \
             WHERE id = $1 AND consumed_at IS NULL AND expires_at > $2 \
             AND ($5 OR EXISTS (SELECT 1 FROM wallet WHERE key = $3 AND account_id = $4)) RETURNING 1), \
             new_account AS (INSERT INTO account (id, created_at) SELECT $4, $2 FROM consumed WHERE $5), \
             new_wallet AS (INSERT INTO wallet (key, account_id, chain, address, control, created_at) \
             SELECT $3, $4, $6, $7, $8, $2 FROM consumed WHERE $5) ",
            $insert
        )
    };
}

const GRANT_SESSION: &str = consuming!(
    "INSERT INTO session (id, profile, account_id, wallet, wallet_key, token_hash, issued_at, expires_at) \
     SELECT $9, $10, $11, $12, $13, $14, $15, $16 FROM consumed"
);
const GRANT_API_KEY: &str = consuming!(
    "INSERT INTO api_key (secret_hash, id, profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, \
     allowlist, rate_limit_per_minute, created_at, expires_at) \
     SELECT $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21 FROM consumed"
);
/// Whoever loses against another server's new account wins the next time, because accounts stay.
const ATTEMPTS: usize = 3;
/// The constraint that says that the wallet is there already.
const WALLET_IS_NEW: &str = "wallet_pkey";

/// Redeems a challenge; `None` if it is no longer live.
pub(super) async fn redeem(
    connection: &mut PgConnection,
    redeem: &Redeem,
) -> std::result::Result<Option<Granted>, Fault> {
    for _ in 0..ATTEMPTS {
        let Some(owner) = look(connection, redeem).await? else {
            return Ok(None);
        };
        let issued = (redeem.grant)(owner.account);
        let is_granted = match &issued {
            Issued::Session(issued) => {
                grant_session(connection, redeem, owner, &issued.session).await
            }
            Issued::ApiKey(issued) => grant_api_key(connection, redeem, owner, &issued.key).await,
        };
        match is_granted {
            Ok(true) => {
                return Ok(Some(Granted {
                    issued,
                    is_new_account: owner.is_new,
                }));
            }
            // The challenge is gone, or the wallet has another account: the next look tells.
            Ok(false) => {}
            Err(Fault::Sql(error)) if is_of_known_wallet(&error) => {}
            Err(fault) => return Err(fault),
        }
    }
    tracing::error!("the account of a wallet changes all the time");
    Err(Fault::Refused(StoreError::Unavailable))
}

/// Whose the wallet is.
#[derive(Debug, Clone, Copy)]
struct Owner {
    account: AccountId,
    is_new: bool,
}

/// The account of the wallet, or the one to create; `None` if the challenge is not live.
async fn look(connection: &mut PgConnection, redeem: &Redeem) -> Result<Option<Owner>> {
    let look = query(LOOK)
        .bind(redeem.challenge.to_string())
        .bind(milliseconds(redeem.now))
        .bind(redeem.wallet.key.as_str());
    let row: PgRow = look.fetch_one(connection).await?;
    let row = Columns(&row);
    let is_live: bool = row.read(0)?;
    let known = row.optional_parsed(1, AccountId::parse)?;
    Ok(is_live.then_some(Owner {
        account: known.unwrap_or(redeem.new_account),
        is_new: known.is_none(),
    }))
}

async fn grant_session(
    connection: &mut PgConnection,
    redeem: &Redeem,
    owner: Owner,
    session: &Session,
) -> std::result::Result<bool, Fault> {
    let grant = bind(query(GRANT_SESSION), redeem, owner)
        .bind(session.id.to_string())
        .bind(session.profile.as_str())
        .bind(session.account.to_string())
        .bind(session.wallet.to_string())
        .bind(session.wallet_key.as_str())
        .bind(&session.token_hash.as_bytes()[..])
        .bind(milliseconds(session.issued_at))
        .bind(milliseconds(session.expires_at));
    Ok(grant.execute(connection).await?.rows_affected() == 1)
}

/// An account's keys are counted under its lock: a statement counts what was there when it began.
async fn grant_api_key(
    connection: &mut PgConnection,
    redeem: &Redeem,
    owner: Owner,
    key: &ApiKey,
) -> std::result::Result<bool, Fault> {
    let mut transaction = connection.begin().await?;
    if !owner.is_new {
        api_keys::lock_account(&mut transaction, owner.account).await?;
        if !api_keys::has_room_for(&mut transaction, key).await? {
            transaction.rollback().await?;
            return Err(Fault::Refused(StoreError::TooManyApiKeys));
        }
        api_keys::forget_oldest_dead(&mut transaction, key).await?;
    }
    let grant = api_keys::bind(bind(query(GRANT_API_KEY), redeem, owner), key);
    let is_granted = grant.execute(&mut *transaction).await?.rows_affected() == 1;
    match is_granted {
        true => transaction.commit().await?,
        false => transaction.rollback().await?,
    }
    Ok(is_granted)
}

/// What [`consuming!`] takes.
fn bind<'q>(
    statement: Query<'q, Postgres, PgArguments>,
    redeem: &'q Redeem,
    owner: Owner,
) -> Query<'q, Postgres, PgArguments> {
    let Wallet {
        key,
        address,
        control,
    } = &redeem.wallet;
    statement
        .bind(redeem.challenge.to_string())
        .bind(milliseconds(redeem.now))
        .bind(key.as_str())
        .bind(owner.account.to_string())
        .bind(owner.is_new)
        .bind(address.chain.to_string())
        .bind(address.address.as_str())
        .bind(control.as_str())
}

fn is_of_known_wallet(error: &SqlxError) -> bool {
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    constraint == Some(WALLET_IS_NEW)
}
