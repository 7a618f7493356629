//! Accounts, wallets, challenges and sessions. Times are Unix milliseconds, ids ULIDs as text.
//!
//! On SQLite a table is its primary key's index (`WITHOUT ROWID`): one tree less to write in each.

use sea_orm::DbBackend;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A server killed on its first start must find all of it or nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clustered(manager, accounts())).await?;
        manager.create_table(clustered(manager, wallets())).await?;
        manager
            .create_table(clustered(manager, challenges()))
            .await?;
        manager.create_table(clustered(manager, sessions())).await?;
        manager.create_index(expiry_index("challenge")).await?;
        manager.create_index(expiry_index("session")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["session", "challenge", "wallet", "account"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn clustered(manager: &SchemaManager, mut table: TableCreateStatement) -> TableCreateStatement {
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

fn accounts() -> TableCreateStatement {
    Table::create()
        .table("account")
        .col(text("id").primary_key())
        .col(big_integer("created_at"))
        .to_owned()
}

fn wallets() -> TableCreateStatement {
    Table::create()
        .table("wallet")
        .col(text("key").primary_key())
        .col(text("account_id"))
        .col(text("chain"))
        .col(text("address"))
        .col(text("control"))
        .col(big_integer("created_at"))
        .foreign_key(
            ForeignKey::create()
                .from("wallet", "account_id")
                .to("account", "id"),
        )
        .to_owned()
}

fn challenges() -> TableCreateStatement {
    Table::create()
        .table("challenge")
        .col(text("id").primary_key())
        .col(text("profile"))
        .col(text("purpose"))
        .col(text("nonce").unique_key())
        .col(text("address"))
        // The namespace where the client builds the message, the chain where the server did.
        .col(text("chain"))
        .col(text_null("message"))
        .col(big_integer("issued_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("consumed_at"))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(text("id").primary_key())
        .col(text("profile"))
        .col(text("account_id"))
        .col(text("wallet"))
        .col(binary("token_hash").unique_key())
        .col(big_integer("issued_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("revoked_at"))
        .foreign_key(
            ForeignKey::create()
                .from("session", "account_id")
                .to("account", "id"),
        )
        .to_owned()
}

fn expiry_index(table: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("{table}_by_expiry"))
        .table(table)
        .col("expires_at")
        .to_owned()
}
