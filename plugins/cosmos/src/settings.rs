//! Settings: which Bech32 prefix the addresses of a chain have.
//!
//! ```toml
//! [plugins.load.config]
//! prefixes = { "juno-1" = "juno", "my-testnet-7" = "cosmos" }
//! ```
//!
//! These are added to the chains known here, or replace theirs. A chain that is not known needs the operator's
//! `chain_ids`, too.

use std::collections::BTreeMap;

use bech32::Hrp;
use countersign_plugin::{ChainId, Error};
use serde::Deserialize;

use crate::address::uses_ethereum_keys;

/// Prefixes by the references of their chains.
#[derive(Debug)]
pub(crate) struct Prefixes(BTreeMap<String, Hrp>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    prefixes: BTreeMap<String, String>,
}

impl Prefixes {
    /// Reads the operator's JSON.
    pub(crate) fn read(config: &str) -> Result<Self, Error> {
        // A list would be read as the fields in their order. A map of serde_json's own would ask for randomness, which a
        // plugin has none of.
        if !config.starts_with('{') {
            return Err(Error::invalid_input("settings: expected an object"));
        }
        let settings: Settings = serde_json::from_str(config).map_err(|error| {
            Error::invalid_input(format!("settings: {error}; the one setting is prefixes"))
        })?;
        let known = KNOWN.map(|(id, prefix)| (id.reference.to_owned(), prefix.to_owned()));
        let mut prefixes = BTreeMap::new();
        for (reference, prefix) in known.into_iter().chain(settings.prefixes) {
            if !is_reference(&reference) {
                let what = format!(
                    "prefixes: {reference:?} is no chain id: expected 1 to 32 of a-z, A-Z, 0-9, - and _"
                );
                return Err(Error::invalid_input(what));
            }
            let hrp = read_prefix(&prefix).map_err(|expected| {
                Error::invalid_input(format!(
                    "prefixes.{reference}: expected {expected}, not {prefix:?}"
                ))
            })?;
            prefixes.insert(reference, hrp);
        }
        Ok(Self(prefixes))
    }

    /// The prefix of a chain.
    pub(crate) fn of(&self, reference: &str) -> Option<Hrp> {
        self.0.get(reference).copied()
    }

    /// Whether any chain has this prefix.
    pub(crate) fn has(&self, prefix: Hrp) -> bool {
        self.0.values().any(|known| *known == prefix)
    }
}

fn read_prefix(text: &str) -> Result<Hrp, &'static str> {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !is_plain || text.len() > 40 {
        return Err("1 to 40 of a-z and 0-9");
    }
    if uses_ethereum_keys(text) {
        return Err(
            "the prefix of a chain with secp256k1 keys; this one's are eth_secp256k1, which is not served",
        );
    }
    Hrp::parse(text).map_err(|_| "a Bech32 prefix")
}

fn is_reference(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Chains and their prefixes, as the chain registry of Cosmos has them (<https://github.com/cosmos/chain-registry>).
pub(crate) const KNOWN: [(ChainId, &str); 8] = [
    (ChainId::new("cosmoshub-4"), "cosmos"),
    (ChainId::new("osmosis-1"), "osmo"),
    (ChainId::new("celestia"), "celestia"),
    (ChainId::new("noble-1"), "noble"),
    (ChainId::new("neutron-1"), "neutron"),
    (ChainId::new("juno-1"), "juno"),
    (ChainId::new("stargaze-1"), "stars"),
    (ChainId::new("akashnet-2"), "akash"),
];
