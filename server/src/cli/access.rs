//! `countersign access`: which rule decides about a request, and what comes of it.

mod explain;
mod table;
mod verdict;

use clap::Subcommand;
use countersign_core::profile::Profile;

use super::{Outcome, manual};

#[derive(Debug, Subcommand)]
pub(super) enum AccessCommand {
    /// Say which rule decides about a request, and why
    #[command(after_help = manual::ACCESS_EXPLAIN)]
    Explain(explain::Explain),
    /// Hold the rules against a table of expectations
    #[command(after_help = manual::ACCESS_TEST)]
    Test(table::Test),
}

pub(super) fn run(command: &AccessCommand) -> Outcome {
    match command {
        AccessCommand::Explain(asked) => explain::run(asked),
        AccessCommand::Test(asked) => table::run(asked),
    }
}

/// Reads the name of a dialect.
fn profile(text: &str) -> Result<Profile, String> {
    Profile::parse(text).ok_or_else(|| "expected ocx or aura".to_owned())
}
