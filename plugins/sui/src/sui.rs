//! The plugin: what the chain is, and what a proof of it comes to.

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, Verdict,
};

use crate::{
    address::Address,
    scheme::Scheme,
    self_tests::SELF_TESTS,
    signature::{self, Sent},
};

/// Sui. It has neither settings nor state.
pub(crate) struct Sui;

impl ChainPlugin for Sui {
    const NAME: &'static str = "sui";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const CHAINS: &'static [Chain] = &[Chain {
        chain_ids: &CHAIN_IDS,
        key_types: &[
            Scheme::Ed25519.name(),
            Scheme::Secp256k1.name(),
            Scheme::Secp256r1.name(),
        ],
        // An address is the hash of a public key, the same on every network. There is no contract account that signs.
        address_is_key: true,
        max_address_len: 66,
        // One that is taken has 97 or 98 bytes. The others get here to be told apart: one of zkLogin has up to 2 KiB.
        max_signature_len: 4096,
        // None is needed, but a dialect may send one with every proof: 33 bytes and a flag.
        max_public_key_len: 34,
        self_tests: &SELF_TESTS,
        ..Chain::new("sui", "Sui")
    }];

    fn create(config: &str, _log: Logger) -> Result<Self, Error> {
        if config == "{}" {
            return Ok(Self);
        }
        Err(Error::invalid_input("the sui plugin has no settings"))
    }

    fn parse_address(&self, _chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        Address::read(text).map(|address| address.to_string())
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        let address = Address::read(proof.address)?;
        let sent = Sent {
            public_key: proof.public_key,
            key_type: proof.key_type,
        };
        let checked = signature::check(&address, proof.message, proof.signature, sent);
        Ok(match checked {
            Ok(()) => Verdict::valid(address.to_string()),
            Err(reason) => Verdict::invalid(reason),
        })
    }
}

/// The names first, as wallets have them; then the first four bytes of the genesis checkpoint's digest
/// (<https://namespaces.chainagnostic.org/sui/caip2>) of mainnet and of testnet. Devnet's changes with each reset.
const CHAIN_IDS: [ChainId; 5] = [
    ChainId::new("mainnet"),
    ChainId::new("testnet"),
    ChainId::new("devnet"),
    ChainId::new("35834a8a"),
    ChainId::new("4c78adac"),
];
