//! API keys; the wallet of a session, whatever chain it named; challenges found by their address.

use sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Until now every account had exactly one wallet. Without the index every session would read all wallets.
const FILL_WALLET_KEYS: [&str; 3] = [
    "CREATE INDEX wallet_by_account ON wallet (account_id)",
    "UPDATE session SET wallet_key = \
     (SELECT wallet.key FROM wallet WHERE wallet.account_id = session.account_id)",
    "DROP INDEX wallet_by_account",
];
/// The clean-up looks for what ended long ago.
const API_KEYS_BY_END: [&str; 2] = [
    "CREATE INDEX api_key_by_revocation ON api_key (revoked_at) WHERE revoked_at IS NOT NULL",
    "CREATE INDEX api_key_by_expiry ON api_key (expires_at) WHERE expires_at IS NOT NULL",
];
/// Only challenges that wait and whose message the server built: the index costs sign-in with
/// messages of the client's nothing.
const CHALLENGES_BY_ADDRESS: &str = "CREATE INDEX challenge_by_address ON challenge (address, issued_at) \
     WHERE message IS NOT NULL AND consumed_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A server killed in the middle must find all of it or nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let wallet_key = Table::alter()
            .table("session")
            .add_column(text("wallet_key").default(""))
            .to_owned();
        manager.alter_table(wallet_key).await?;
        for statement in FILL_WALLET_KEYS {
            connection.execute_unprepared(statement).await?;
        }
        connection.execute_unprepared(CHALLENGES_BY_ADDRESS).await?;
        let mut api_keys = api_keys();
        if manager.get_database_backend() == DbBackend::Sqlite {
            api_keys.extra("WITHOUT ROWID");
        }
        manager.create_table(api_keys).await?;
        for statement in API_KEYS_BY_END {
            connection.execute_unprepared(statement).await?;
        }
        manager.create_index(by("account_id")).await?;
        manager.create_index(by("wallet_key")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let api_keys = Table::drop().table("api_key").to_owned();
        manager.drop_table(api_keys).await?;
        let index = Index::drop().name("challenge_by_address").to_owned();
        manager.drop_index(index).await?;
        let wallet_key = Table::alter()
            .table("session")
            .drop_column("wallet_key")
            .to_owned();
        manager.alter_table(wallet_key).await
    }
}

fn api_keys() -> TableCreateStatement {
    Table::create()
        .table("api_key")
        // SHA-256 of the secret, by which every request finds its key.
        .col(binary("secret_hash").primary_key())
        .col(text("id").unique_key())
        .col(text("profile"))
        .col(text("account_id"))
        .col(text("wallet"))
        .col(text("wallet_key"))
        .col(text_null("name"))
        .col(text("secret_prefix"))
        // Names with a space between.
        .col(text("scopes"))
        // Networks with a comma between.
        .col(text("allowlist"))
        .col(big_integer_null("rate_limit_per_minute"))
        .col(big_integer("created_at"))
        .col(big_integer_null("expires_at"))
        .col(big_integer_null("revoked_at"))
        .col(big_integer_null("last_used_at"))
        .col(text_null("last_used_ip"))
        .foreign_key(
            ForeignKey::create()
                .from("api_key", "account_id")
                .to("account", "id"),
        )
        .to_owned()
}

fn by(column: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("api_key_by_{column}"))
        .table("api_key")
        .col(column)
        .col("created_at")
        .to_owned()
}
