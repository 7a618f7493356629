//! The command line.

mod config_check;
mod migrate;
mod openapi;
mod serve;
mod wallet;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, Overrides},
    settings::Settings,
};

/// What a command ends with: a fault is one sentence for the person who typed it.
type Outcome = Result<(), Box<dyn Error>>;

/// Turns a wallet's signature into access: sessions for people, checked on every request.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server. Without any configuration it listens on 127.0.0.1:8080
    Serve(Common),
    /// Bring the database's schema up to date, then stop. `serve` does this by itself
    Migrate(Common),
    /// Look at the configuration without starting anything
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a dialect's OpenAPI document, from which clients are generated
    Openapi(openapi::OpenApi),
    /// A developer's wallet, to try signing in without a browser
    #[command(subcommand)]
    Wallet(wallet::WalletCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration and show what it comes to
    Check(Common),
}

/// Where the configuration comes from, and what overrides it.
#[derive(Debug, Args)]
struct Common {
    /// Configuration file [default: countersign.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Directory of the database and the signing keys
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database, as sqlite://PATH [default: a file in the data directory]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Common {
    fn config(&self) -> Result<Config, Box<dyn Error>> {
        let Self {
            config,
            listen,
            data_dir,
            database_url,
        } = self;
        let overrides = Overrides {
            listen: listen.clone(),
            data_dir: data_dir.clone(),
            database_url: database_url.clone(),
        };
        Ok(Config::load(config.as_deref(), overrides)?)
    }

    fn settings(&self) -> Result<Settings, Box<dyn Error>> {
        Ok(Settings::parse(&self.config()?)?)
    }
}

/// Runs the command the process was started with.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(common) => serve::run(&common),
        Command::Migrate(common) => migrate::run(&common),
        Command::Config(ConfigCommand::Check(common)) => config_check::run(&common),
        Command::Openapi(asked) => openapi::run(&asked),
        Command::Wallet(command) => wallet::run(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("countersign: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The runtime of the commands that need one.
fn block_on<T>(future: impl Future<Output = T>) -> std::io::Result<T> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(future))
}

/// Writes to stdout, which is this program's output; a closed pipe is an error like any other.
fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
