//! The schema, as migrations. A file is frozen once released.

mod m20261123_000001_sign_in;
mod m20261123_000002_api_keys;
mod m20261128_000003_nodes;

use sea_orm_migration::prelude::*;

/// All migrations, in order. Opening a store and `countersign migrate` run them.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_sign_in::Migration),
            Box::new(m20261123_000002_api_keys::Migration),
            Box::new(m20261128_000003_nodes::Migration),
        ]
    }
}
