//! `countersign signing-key`: to replace the key that signs session tokens, and to see whose turn it is.

mod list;
mod rotate;

use clap::Subcommand;

use super::{Common, Outcome, manual};

#[derive(Debug, Subcommand)]
pub(super) enum SigningKeyCommand {
    /// Make a new key, which is published now and signs later
    #[command(after_help = manual::SIGNING_KEY_ROTATE)]
    Rotate(rotate::Rotate),
    /// Show the keys: which one signs, which will, and which others still need
    #[command(after_help = manual::SIGNING_KEY_LIST)]
    List {
        #[command(flatten)]
        common: Common,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(command: &SigningKeyCommand) -> Outcome {
    match command {
        SigningKeyCommand::Rotate(asked) => rotate::run(asked),
        SigningKeyCommand::List { common, json } => list::run(common, *json),
    }
}
