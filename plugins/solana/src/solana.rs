//! The plugin: what the chain is, and what a proof of it comes to.

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, Verdict,
};

use crate::{address, self_tests::SELF_TESTS, signature};

/// Solana. It has neither settings nor state.
pub(crate) struct Solana;

impl ChainPlugin for Solana {
    const NAME: &'static str = "solana";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const CHAINS: &'static [Chain] = &[Chain {
        chain_ids: &[MAINNET, DEVNET, TESTNET],
        key_types: &["ed25519"],
        // An address is a public key, the same on every cluster. There is no contract account that signs.
        address_is_key: true,
        max_address_len: 44,
        max_signature_len: 64,
        // None is needed, but a dialect may send one with every proof.
        max_public_key_len: 32,
        self_tests: &SELF_TESTS,
        ..Chain::new("solana", "Solana")
    }];

    fn create(config: &str, _log: Logger) -> Result<Self, Error> {
        if config == "{}" {
            return Ok(Self);
        }
        Err(Error::invalid_input("the solana plugin has no settings"))
    }

    fn parse_address(&self, _chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        address::read(text).map(|key| address::write(&key))
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        let key = address::read(proof.address)?;
        let checked = signature::check(&key, proof.message, proof.signature, proof.public_key);
        Ok(match checked {
            Ok(()) => Verdict::valid(address::write(&key)),
            Err(reason) => Verdict::invalid(reason),
        })
    }
}

// A reference is the first 32 characters of the genesis hash (https://namespaces.chainagnostic.org/solana/caip2). The
// texts are those of Sign-In With Solana.
const MAINNET: ChainId = ChainId::written("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "mainnet");
const DEVNET: ChainId = ChainId::written("EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "devnet");
const TESTNET: ChainId = ChainId::written("4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z", "testnet");
