//! The plugin: what the chain is, and what a proof of it comes to.

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, Verdict,
};

use crate::{
    address::{Address, LONGEST, Network},
    self_tests::SELF_TESTS,
    signature,
};

/// Bitcoin. It has neither settings nor state.
pub(crate) struct Bitcoin;

impl ChainPlugin for Bitcoin {
    const NAME: &'static str = "bitcoin";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const CHAINS: &'static [Chain] = &[Chain {
        chain_ids: &[MAINNET, TESTNET, SIGNET],
        key_types: &["secp256k1"],
        // An address is a key or its hash. Those of mainnet are no others' addresses; testnet and signet share theirs,
        // and whoever holds the key on one holds it on the other.
        address_is_key: true,
        max_address_len: LONGEST as u32,
        // A witness of P2WPKH: two lengths and a count, 71 bytes of DER with low s, a hash type, a key.
        max_signature_len: 3 + 71 + 1 + 33,
        // None is needed, but a dialect may send one with every proof: at most an uncompressed key.
        max_public_key_len: 65,
        self_tests: &SELF_TESTS,
        ..Chain::new("bip122", "Bitcoin")
    }];

    fn create(config: &str, _log: Logger) -> Result<Self, Error> {
        if config == "{}" {
            return Ok(Self);
        }
        Err(Error::invalid_input("the bitcoin plugin has no settings"))
    }

    fn parse_address(&self, _chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        Address::read(text).map(|address| address.write())
    }

    fn parse_account(
        &self,
        _chain: &'static Chain,
        reference: &str,
        text: &str,
    ) -> Result<String, AddressError> {
        let address = Address::read(text)?;
        match (address.network, network_of(reference)) {
            (Network::Test, Network::Main) => Err(NOT_MAINNET),
            (Network::Main, Network::Test) => Err(NOT_TESTNET),
            _ => Ok(address.write()),
        }
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        let address = Address::read(proof.address)?;
        let checked = Self::judge(
            proof.reference,
            &address,
            proof.message,
            proof.signature,
            proof.public_key,
        );
        Ok(match checked {
            Ok(()) => Verdict::valid(address.write()),
            Err(reason) => Verdict::invalid(reason),
        })
    }
}

impl Bitcoin {
    /// Whether the address is one of the chain, and the signature one of the message by its key.
    pub(crate) fn judge(
        reference: &str,
        address: &Address,
        message: &[u8],
        signature: &[u8],
        public_key: Option<&[u8]>,
    ) -> Result<(), &'static str> {
        if address.network != network_of(reference) {
            return Err(OTHER_NETWORK);
        }
        signature::check(address, message, signature, public_key)
    }
}

fn network_of(reference: &str) -> Network {
    if reference == MAINNET.reference {
        Network::Main
    } else {
        Network::Test
    }
}

const NOT_MAINNET: AddressError = AddressError::CheckFailed {
    expected: "an address of mainnet, which begins with 1, 3 or bc1",
};
const NOT_TESTNET: AddressError = AddressError::CheckFailed {
    expected: "an address of testnet or signet, which begins with m, n, 2 or tb1",
};
pub(crate) const OTHER_NETWORK: &str = "the address is not one of the network of the chain id";

// The first 32 digits of the genesis block's hash (https://namespaces.chainagnostic.org/bip122/caip2). Testnet is the
// third one.
const MAINNET: ChainId = ChainId::new("000000000019d6689c085ae165831e93");
const TESTNET: ChainId = ChainId::new("000000000933ea01ad0ee984209779ba");
const SIGNET: ChainId = ChainId::new("00000008819873e925422c1ff0f99f7c");
