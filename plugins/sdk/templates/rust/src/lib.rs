//! A chain whose addresses are Ed25519 keys in hex. Replace what differs in yours: the chain's names, how an address is
//! read, what a wallet signs, and the proofs in `proofs.rs`.

#![forbid(unsafe_code)]

mod proofs;

use countersign_plugin::{
    AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, Verdict,
};
use ed25519_dalek::{Signature, VerifyingKey};

struct Plugin;

impl ChainPlugin for Plugin {
    const NAME: &'static str = env!("CARGO_PKG_NAME");
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const CHAINS: &'static [Chain] = &[Chain {
        chain_ids: &[ChainId::new("main")],
        // Whoever holds the key of an address holds it on all chains of the namespace.
        address_is_key: true,
        max_address_len: 64,
        max_signature_len: 64,
        max_public_key_len: 32,
        self_tests: &proofs::PROOFS,
        ..Chain::new("mychain", "My Chain")
    }];

    fn create(config: &str, _log: Logger) -> Result<Self, Error> {
        match config {
            "{}" => Ok(Self),
            _ => Err(Error::invalid_input("this plugin has no settings")),
        }
    }

    fn parse_address(&self, _chain: &'static Chain, text: &str) -> Result<String, AddressError> {
        key(text).map(|key| hex::encode(key.as_bytes()))
    }

    fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
        let key = key(proof.address)?;
        if proof.public_key.is_some_and(|sent| sent != key.as_bytes()) {
            return Ok(Verdict::invalid(
                "the public key sent is not the one in the address",
            ));
        }
        let signature = Signature::from_slice(proof.signature)
            .map_err(|_| Error::invalid_input("a signature has 64 bytes"))?;
        Ok(match key.verify_strict(proof.message, &signature) {
            Ok(()) => Verdict::valid(hex::encode(key.as_bytes())),
            Err(_) => Verdict::invalid("the signature is not of this message by this key"),
        })
    }
}

/// Two texts of one account must come to the same key, and no text to a key that nobody or everybody holds.
fn key(text: &str) -> Result<VerifyingKey, AddressError> {
    let malformed = AddressError::Malformed {
        expected: "64 hex digits",
    };
    let keyless = AddressError::CheckFailed {
        expected: "an Ed25519 key that a wallet can hold",
    };
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| malformed)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| keyless)?;
    let is_canonical = VerifyingKey::from(key.to_edwards()) == key;
    if key.is_weak() || !is_canonical {
        Err(keyless)
    } else {
        Ok(key)
    }
}

countersign_plugin::export_chain_plugin!(Plugin);
