//! The command line.

mod access;
mod config_check;
mod copy;
mod doctor;
mod health;
mod manual;
mod migrate;
mod openapi;
mod plugin;
mod probe;
mod serve;
mod service_credential;
mod signing_key;
mod wallet;

use std::{convert::Infallible, error::Error, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, Draft, Overrides, SecretUrl},
    settings::Settings,
};

/// What a command ends with: a fault is one sentence for the person who typed it.
type Outcome = Result<(), Box<dyn Error>>;

/// Turns a wallet's signature into access: sessions for people, API keys for programs.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, arg_required_else_help = true)]
#[command(after_help = manual::COUNTERSIGN)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The command by which the server starts itself as a plugin's process; nobody types it.
const PLUGIN_HOST: &str = "plugin-host";

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; without any configuration it listens on 127.0.0.1:8080
    #[command(after_help = manual::SERVE)]
    Serve(Common),
    /// Bring the database's schema up to date, or see whether it is; serve does this by itself
    #[command(after_help = manual::MIGRATE, args_conflicts_with_subcommands = true)]
    Migrate(migrate::Migrate),
    /// Move all that a file of SQLite holds to a database of Postgres
    #[command(after_help = manual::COPY)]
    Copy(copy::Copy),
    /// Find out what is wrong, or soon will be, and what to do about it
    #[command(after_help = manual::DOCTOR)]
    Doctor(Common),
    /// Ask the running server whether it is ready, as a container's health check does
    #[command(after_help = manual::HEALTH)]
    Health(Common),
    /// Look at the configuration without starting anything
    #[command(subcommand, after_help = manual::CONFIG)]
    Config(ConfigCommand),
    /// Who may do what: explain a decision, or test a table of them
    #[command(subcommand, after_help = manual::ACCESS)]
    Access(access::AccessCommand),
    /// Print an OpenAPI document, from which clients are generated
    #[command(after_help = manual::OPENAPI)]
    Openapi(openapi::OpenApi),
    /// Chain plugins: write one, check it, add it, look after it
    #[command(subcommand, after_help = manual::PLUGIN)]
    Plugin(plugin::PluginCommand),
    /// What services of a platform show when they ask about their callers' tokens
    #[command(subcommand, after_help = manual::SERVICE_CREDENTIAL)]
    ServiceCredential(service_credential::ServiceCredentialCommand),
    /// The keys that sign session tokens: replace them, see whose turn it is
    #[command(subcommand, after_help = manual::SIGNING_KEY)]
    SigningKey(signing_key::SigningKeyCommand),
    /// A developer's wallet, to try signing in without a browser
    #[command(subcommand, after_help = manual::WALLET)]
    Wallet(wallet::WalletCommand),
    #[command(name = PLUGIN_HOST, hide = true)]
    PluginHost,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration and show what it comes to
    #[command(after_help = manual::CONFIG_CHECK)]
    Check(Common),
}

/// Where the configuration comes from, and what overrides it.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Configuration file [default: countersign.toml in this directory, if it is there]
    ///
    /// There is no variable for it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    ///
    /// Port 0 takes a free one. Setting: server.listen; variable: COUNTERSIGN__SERVER__LISTEN.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Directory of the signing keys and the database [default: countersign-data]
    ///
    /// It is made for its owner only. Setting: server.data_dir; variable: COUNTERSIGN__SERVER__DATA_DIR.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database, as sqlite://PATH or postgres://USER@HOST/DATABASE [default: countersign.sqlite in the data directory]
    ///
    /// Setting: database.url; variable: COUNTERSIGN__DATABASE__URL, in which a password is not seen by other users.
    #[arg(long, value_name = "URL", value_parser = |url: &str| Ok::<_, Infallible>(SecretUrl::from(url)))]
    database_url: Option<SecretUrl>,
}

impl Common {
    fn config(&self) -> Result<Config, Box<dyn Error>> {
        Ok(Config::load(self.config.as_deref(), self.overrides())?)
    }

    /// The file, the variables and the flags that something is set by.
    fn sources(&self) -> Vec<String> {
        let flags = self.overrides().flags();
        let draft = Draft::read(self.config.as_deref(), self.overrides());
        let flags = flags.into_iter().map(str::to_owned);
        draft.sources.into_iter().chain(flags).collect()
    }

    /// The configuration file, if one is named.
    fn config_file(&self) -> Option<PathBuf> {
        self.config.clone()
    }

    fn overrides(&self) -> Overrides {
        Overrides {
            listen: self.listen.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
        }
    }

    fn settings(&self) -> Result<Settings, Box<dyn Error>> {
        let settings = Settings::parse(&self.config()?)?;
        Ok(settings.with_plugin_program(plugin::child_program()))
    }
}

/// Runs the command the process was started with; `countersign --help` lists them. A fault is one line on
/// standard error and exit code 1, a mistyped command line exit code 2.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(common) => serve::run(&common),
        Command::Doctor(common) => return doctor::run(&common),
        Command::Health(common) => health::run(&common),
        Command::Migrate(command) => migrate::run(&command),
        Command::Copy(asked) => copy::run(&asked),
        Command::Config(ConfigCommand::Check(common)) => config_check::run(&common),
        Command::Access(command) => access::run(&command),
        Command::Openapi(asked) => openapi::run(&asked),
        Command::Plugin(command) => plugin::run(&command),
        Command::ServiceCredential(command) => service_credential::run(&command),
        Command::SigningKey(command) => signing_key::run(&command),
        Command::Wallet(command) => wallet::run(&command),
        Command::PluginHost => return countersign_plugin_host::child_main(),
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
