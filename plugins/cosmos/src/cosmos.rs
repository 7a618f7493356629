//! The plugin: what the chain is, and what a proof of it comes to.

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, Verdict,
};

use crate::{
    address::{Address, LONGEST},
    self_tests::SELF_TESTS,
    settings::{KNOWN, Prefixes},
    signature,
};

/// Cosmos, with the prefixes of its chains.
pub(crate) struct Cosmos {
    prefixes: Prefixes,
}

impl ChainPlugin for Cosmos {
    const NAME: &'static str = "cosmos";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const CHAINS: &'static [Chain] = &[Chain {
        chain_ids: &CHAIN_IDS,
        key_types: &["secp256k1"],
        // An address is the hash of a key. Chains that share a prefix share the key's account; those that do not have
        // other addresses for it.
        address_is_key: true,
        needs_public_key: true,
        // The operator's settings say their prefixes.
        any_reference: true,
        max_address_len: LONGEST as u32,
        max_signature_len: 64,
        max_public_key_len: 33,
        self_tests: &SELF_TESTS,
        ..Chain::new("cosmos", "Cosmos")
    }];

    fn create(config: &str, _log: Logger) -> Result<Self, Error> {
        Prefixes::read(config).map(Self::new)
    }

    fn parse_address(&self, _chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        let address = Address::read(text)?;
        if self.prefixes.has(address.prefix) {
            Ok(address.to_string())
        } else {
            Err(OTHER_PREFIX)
        }
    }

    fn parse_account(
        &self,
        _chain: &'static Chain,
        reference: &str,
        text: &str,
    ) -> Result<String, AddressError> {
        let address = Address::read(text)?;
        if self.prefixes.of(reference) == Some(address.prefix) {
            Ok(address.to_string())
        } else {
            Err(NOT_OF_CHAIN)
        }
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        let address = Address::read(proof.address)?;
        let checked = self.judge(
            proof.reference,
            &address,
            proof.message,
            proof.signature,
            proof.public_key,
        );
        Ok(match checked {
            Ok(()) => Verdict::valid(address.to_string()),
            Err(reason) => Verdict::invalid(reason),
        })
    }
}

impl Cosmos {
    pub(crate) fn new(prefixes: Prefixes) -> Self {
        Self { prefixes }
    }

    /// Whether the address is one of the chain, and the signature one of the message by its key.
    pub(crate) fn judge(
        &self,
        reference: &str,
        address: &Address,
        message: &[u8],
        signature: &[u8],
        public_key: Option<&[u8]>,
    ) -> Result<(), &'static str> {
        let prefix = self.prefixes.of(reference).ok_or(NO_PREFIX)?;
        if prefix != address.prefix {
            return Err(OTHER_CHAIN);
        }
        let public_key = public_key.ok_or(signature::NO_KEY)?;
        signature::check(address, message, signature, public_key)
    }
}

pub(crate) const NO_PREFIX: &str =
    "the chain has no prefix: the plugin's setting prefixes says which";
pub(crate) const OTHER_CHAIN: &str = "the address is not one of the chain: it has another prefix";
const NOT_OF_CHAIN: AddressError = AddressError::CheckFailed {
    expected: "an address with the prefix of the chain that is named",
};
const OTHER_PREFIX: AddressError = AddressError::CheckFailed {
    expected: "an address with the prefix of a chain that is served here, such as cosmos1…",
};

const CHAIN_IDS: [ChainId; KNOWN.len()] = {
    let mut ids = [KNOWN[0].0; KNOWN.len()];
    let mut at = 0;
    while at < ids.len() {
        ids[at] = KNOWN[at].0;
        at += 1;
    }
    ids
};
