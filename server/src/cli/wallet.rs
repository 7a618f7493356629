//! `countersign wallet`: a developer's wallet. Its key lies in a file, in clear.

use std::{
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use clap::{Subcommand, ValueEnum};
use countersign_alephium::KeyType;
use zeroize::Zeroizing;

use super::{Outcome, manual, print};
use crate::{data_dir::write_new_secret, random::SystemRandom};

#[derive(Debug, Subcommand)]
pub(super) enum WalletCommand {
    /// Make a key in a file that only you can read, and print its address
    #[command(after_help = manual::WALLET_NEW)]
    New {
        /// The chain the key is for; there is no default
        #[arg(long)]
        chain: Chain,
        /// Alephium's key type: default, bip340-schnorr or gl-secp256k1
        #[arg(long, value_name = "TYPE", default_value_t = KeyType::Default)]
        key_type: KeyType,
        /// The file to make; one that is there is never overwritten
        #[arg(long, value_name = "FILE", default_value = "wallet.key")]
        key: PathBuf,
    },
    /// Sign a message and print the signature
    #[command(after_help = manual::WALLET_SIGN)]
    Sign {
        /// The chain the key must be for [default: the one in its file]
        #[arg(long)]
        chain: Option<Chain>,
        /// The key's file, as made by `wallet new`
        #[arg(long, value_name = "FILE", default_value = "wallet.key")]
        key: PathBuf,
        /// The file of the message, signed byte by byte [default: standard input]
        #[arg(long, value_name = "FILE")]
        message_file: Option<PathBuf>,
    },
}

/// The chains the wallet knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Chain {
    Ethereum,
    Alephium,
}

pub(super) fn run(command: &WalletCommand) -> Outcome {
    match command {
        WalletCommand::New {
            chain,
            key_type,
            key,
        } => new(*chain, *key_type, key),
        WalletCommand::Sign {
            chain,
            key,
            message_file,
        } => sign(*chain, key, message_file.as_deref()),
    }
}

/// A wallet of one of the chains.
enum Wallet {
    Ethereum(countersign_ethereum::Wallet),
    Alephium(countersign_alephium::Wallet, KeyType),
}

impl Wallet {
    fn generate(chain: Chain, key_type: KeyType) -> Self {
        match chain {
            Chain::Ethereum => {
                Self::Ethereum(countersign_ethereum::Wallet::generate(&SystemRandom))
            }
            Chain::Alephium => Self::Alephium(
                countersign_alephium::Wallet::generate(&SystemRandom, key_type),
                key_type,
            ),
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    fn from_text(text: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let words: Vec<&str> = text.trim_end().split(' ').collect();
        match words.as_slice() {
            ["ethereum", hex] => Ok(Self::Ethereum(countersign_ethereum::Wallet::from_hex(hex)?)),
            ["alephium", key_type, hex] => {
                let key_type = key_type.parse()?;
                Ok(Self::Alephium(
                    countersign_alephium::Wallet::from_hex(hex, key_type)?,
                    key_type,
                ))
            }
            _ => Err("expected a key file of `countersign wallet new`".into()),
        }
    }

    /// The chain's name, the key's kind where there are several, and the key in hex.
    fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(match self {
            Self::Ethereum(wallet) => format!("ethereum {}\n", wallet.to_hex().as_str()),
            Self::Alephium(wallet, key_type) => {
                format!("alephium {key_type} {}\n", wallet.to_hex().as_str())
            }
        })
    }

    fn chain(&self) -> Chain {
        match self {
            Self::Ethereum(_) => Chain::Ethereum,
            Self::Alephium(..) => Chain::Alephium,
        }
    }

    /// What a client needs to know of it, a line each.
    fn describe(&self) -> String {
        match self {
            Self::Ethereum(wallet) => format!("{}\n", wallet.address()),
            Self::Alephium(wallet, _) => format!("{}\n{}\n", wallet.address(), wallet.public_key()),
        }
    }

    fn sign(&self, message: &[u8]) -> String {
        match self {
            Self::Ethereum(wallet) => wallet.sign(message),
            Self::Alephium(wallet, _) => wallet.sign(message),
        }
    }
}

fn new(chain: Chain, key_type: KeyType, file: &Path) -> Outcome {
    let wallet = Wallet::generate(chain, key_type);
    write_new_secret(file, &wallet.to_text()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!(
            "{} is there already, and a key is never overwritten; name another file with --key",
            file.display()
        ),
        _ => format!("{}: {error}", file.display()),
    })?;
    eprintln!("wrote the key to {}; the address is", file.display());
    print(&wallet.describe())?;
    Ok(())
}

fn sign(chain: Option<Chain>, key: &Path, message: Option<&Path>) -> Outcome {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", key.display());
    let text = Zeroizing::new(std::fs::read_to_string(key).map_err(|error| fault(&error))?);
    let wallet = Wallet::from_text(&text).map_err(|error| fault(&error))?;
    if chain.is_some_and(|chain| chain != wallet.chain()) {
        return Err(fault(&"the key is for another chain").into());
    }
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
