//! `countersign migrate`

use clap::{Args, Subcommand};

use super::{Common, Outcome, block_on, print};
use crate::{
    data_dir::DataDir,
    settings::Settings,
    storage::{lock_database, open_store},
    store::{Location, Schema, schema},
};

/// What to do about the schema.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(subcommand)]
    command: Option<MigrateCommand>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Subcommand)]
enum MigrateCommand {
    /// Bring the schema up to date, then stop; the same as migrate alone
    Up(Common),
    /// See whether the schema is up to date, and change nothing; fails if it is not
    Status(Common),
}

pub(super) fn run(asked: &Migrate) -> Outcome {
    match &asked.command {
        None => up(&asked.common.settings()?),
        Some(MigrateCommand::Up(common)) => up(&common.settings()?),
        Some(MigrateCommand::Status(common)) => status(&common.settings()?),
    }
}

fn up(settings: &Settings) -> Outcome {
    block_on(async {
        // Held so that no server runs on the data meanwhile. On Postgres servers wait for each other instead.
        let _locks = match &settings.database {
            Location::Sqlite(_) => {
                Some((DataDir::open(&settings.data_dir)?, lock_database(settings)?))
            }
            Location::Postgres(_) => None,
        };
        open_store(settings).await?.store.close().await;
        print(&format!(
            "the schema of {} is up to date\n",
            settings.database
        ))?;
        Ok(())
    })?
}

fn status(settings: &Settings) -> Outcome {
    let database = &settings.database;
    let cure = "`countersign migrate up` and `countersign serve` make it";
    match block_on(schema(database))?? {
        Schema::Current => Ok(print(&format!("the schema of {database} is up to date\n"))?),
        Schema::Empty => Err(format!("{database} has no schema yet; {cure}").into()),
        Schema::Older(missing) => {
            let missing = missing.join(", ");
            Err(format!("the schema of {database} lacks {missing}; {cure}").into())
        }
        Schema::Newer(unknown) => Err(format!(
            "the schema of {database} is of a newer version; unknown here: {}",
            unknown.join(", ")
        )
        .into()),
        Schema::Foreign => Err(format!("{database} holds tables of another program").into()),
    }
}
