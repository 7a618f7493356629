//! `countersign copy`

use std::{convert::Infallible, path::PathBuf};

use clap::Args;

use super::{Common, Outcome, block_on, print};
use crate::{
    config::SecretUrl,
    data_dir::Lock,
    store::{DatabaseUrl, Location, transfer},
};

/// What to move where.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The file to read, as sqlite://PATH; no server may run on it
    #[arg(long, value_name = "URL", value_parser = |url: &str| Ok::<_, Infallible>(SecretUrl::from(url)))]
    from: SecretUrl,
    /// The database to fill, as postgres://USER@HOST/DATABASE [default: the one of the configuration]
    #[arg(long, value_name = "URL", value_parser = |url: &str| Ok::<_, Infallible>(SecretUrl::from(url)))]
    to: Option<SecretUrl>,
    /// Configuration file, which says how the way to Postgres is protected
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(asked: &Copy) -> Outcome {
    let common = Common {
        config: asked.config.clone(),
        listen: None,
        data_dir: None,
        database_url: asked.to.clone(),
    };
    let settings = common.settings()?;
    let source: DatabaseUrl = asked.from.expose().parse()?;
    let (Some(from), Location::Postgres(to)) = (source.file(), &settings.database) else {
        return Err("copy goes from sqlite:// to postgres://".into());
    };
    if !from.exists() {
        return Err(format!("{source}: is not there").into());
    }
    // Held so that no server writes to the file meanwhile.
    let _lock = Lock::acquire(&from.with_added_extension("lock"), from)?;
    let mut printed = Ok(());
    let told = |line: &str| {
        if printed.is_ok() {
            printed = print(&format!("{line}\n"));
        }
    };
    block_on(transfer(from, to, told))??;
    printed?;
    print(&format!(
        "{source} is in {} now; the keys of session tokens stay in the data directory\n",
        settings.database
    ))?;
    Ok(())
}
