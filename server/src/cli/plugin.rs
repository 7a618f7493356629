//! `countersign plugin`: to write, check, add and look after chain plugins.

mod add;
mod check;
mod list;
mod new;
mod progress;
mod stanza;
mod vectors;

use clap::Subcommand;
use countersign_plugin_host::ChildProgram;

use super::{Common, Outcome, PLUGIN_HOST, manual};

#[derive(Debug, Subcommand)]
pub(super) enum PluginCommand {
    /// Begin a plugin: a project that builds at once
    #[command(after_help = manual::PLUGIN_NEW)]
    New(new::New),
    /// Check that a library keeps the contract, in jailed processes
    #[command(after_help = manual::PLUGIN_CHECK)]
    Check(check::Check),
    /// Check a library, copy it to the server's plugins, and show or write its stanza
    #[command(after_help = manual::PLUGIN_ADD)]
    Add(add::Add),
    /// Show the plugins of the running server, and how they are
    #[command(after_help = manual::PLUGIN_LIST)]
    List {
        #[command(flatten)]
        common: Common,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have the running server load the plugins that its configuration names now
    #[command(after_help = manual::PLUGIN_RELOAD)]
    Reload(Common),
}

pub(super) fn run(command: &PluginCommand) -> Outcome {
    match command {
        PluginCommand::New(asked) => new::run(asked),
        PluginCommand::Check(asked) => check::run(asked),
        PluginCommand::Add(asked) => add::run(asked),
        PluginCommand::List { common, json } => list::list(common, *json),
        PluginCommand::Reload(common) => list::reload(common),
    }
}

/// This program, as what runs a plugin in a process of its own.
pub(super) fn child_program() -> ChildProgram {
    ChildProgram {
        program: "/proc/self/exe".into(),
        arguments: vec![PLUGIN_HOST.to_owned()],
    }
}
