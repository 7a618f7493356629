//! The servers that share the database. A file of SQLite has one, which needs no row.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A server killed in the middle must find all of it or nothing.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let nodes = Table::create()
            .table("node")
            .col(text("id").primary_key())
            .col(big_integer("beat"))
            .col(big_integer("started_at"))
            .col(big_integer("seen_at"))
            .col(text("signing_keys"))
            .to_owned();
        manager.create_table(nodes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let nodes = Table::drop().table("node").to_owned();
        manager.drop_table(nodes).await
    }
}
