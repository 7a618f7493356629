//! `countersign migrate`

use super::{Common, Outcome, block_on, print};
use crate::{
    data_dir::{DataDir, Lock},
    storage::open_store,
};

pub(super) fn run(common: &Common) -> Outcome {
    let settings = common.settings()?;
    block_on(async {
        // Held so that no server runs on the data meanwhile.
        let _data_dir = DataDir::open(&settings.data_dir)?;
        let database = settings.database.file();
        let _database = Lock::acquire(&database.with_added_extension("lock"), database)?;
        open_store(&settings).await?.close().await;
        print(&format!(
            "the schema of {} is up to date\n",
            settings.database
        ))?;
        Ok(())
    })?
}
