//! `countersign wallet`: a developer's wallet. Its key lies in a file, in clear.

use std::{
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use clap::{Subcommand, ValueEnum};
use countersign_ethereum::Wallet;

use super::{Outcome, print};
use crate::{data_dir::write_new_secret, random::SystemRandom};

#[derive(Debug, Subcommand)]
pub(super) enum WalletCommand {
    /// Make a new key, write it to a file that only you can read, and print its address
    New {
        /// The chain the key is for
        #[arg(long)]
        chain: Chain,
        /// File to create
        #[arg(long, value_name = "FILE", default_value = "wallet.key")]
        key: PathBuf,
    },
    /// Sign a message and print the signature
    Sign {
        /// The key's file, as written by `wallet new`
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The message's file, signed byte by byte [default: standard input]
        #[arg(long, value_name = "FILE")]
        message_file: Option<PathBuf>,
    },
}

/// The chains the wallet knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Chain {
    Ethereum,
}

pub(super) fn run(command: &WalletCommand) -> Outcome {
    match command {
        WalletCommand::New {
            chain: Chain::Ethereum,
            key,
        } => new_ethereum(key),
        WalletCommand::Sign { key, message_file } => sign(key, message_file.as_deref()),
    }
}

fn new_ethereum(file: &Path) -> Outcome {
    let wallet = Wallet::generate(&SystemRandom);
    let text = zeroize::Zeroizing::new(format!("ethereum {}\n", wallet.to_hex().as_str()));
    write_new_secret(file, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!(
            "{} is there already, and a key is never overwritten; name another file with --key",
            file.display()
        ),
        _ => format!("{}: {error}", file.display()),
    })?;
    eprintln!("wrote the key to {}; the address is", file.display());
    print(&format!("{}\n", wallet.address()))?;
    Ok(())
}

fn sign(key: &Path, message: Option<&Path>) -> Outcome {
    let text =
        std::fs::read_to_string(key).map_err(|error| format!("{}: {error}", key.display()))?;
    let text = zeroize::Zeroizing::new(text);
    let hex = text.trim_end().strip_prefix("ethereum ").ok_or_else(|| {
        format!("{}: expected a key file of `countersign wallet new`: the chain's name, a space and the key in hex", key.display())
    })?;
    let wallet = Wallet::from_hex(hex).map_err(|error| format!("{}: {error}", key.display()))?;
    print(&format!("{}\n", wallet.sign(&read_message(message)?)))?;
    Ok(())
}

fn read_message(file: Option<&Path>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut message = Vec::new();
    match file {
        Some(file) => {
            message = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
        None => {
            std::io::stdin().read_to_end(&mut message)?;
        }
    }
    Ok(message)
}
