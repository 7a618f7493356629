//! Signatures: r and s of secp256k1 over the SHA-256 of the document, 64 bytes.

use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier};
use sha2::{Digest, Sha256};

use crate::{address::Address, sign_doc::sign_doc};

/// Checks that the signature is one of the message by the key of the address. What refuses is for the log.
///
/// As strict as the Cosmos SDK: a compressed key and a low s, so that nobody can make a second signature from a first.
pub(crate) fn check(
    address: &Address,
    message: &[u8],
    signature: &[u8],
    public_key: &[u8],
) -> Result<(), &'static str> {
    // Another tag before 32 bytes would be a compact point, which Cosmos does not have.
    if !matches!(public_key, [2 | 3, rest @ ..] if rest.len() == 32) {
        return Err(NO_KEY);
    }
    if !address.is_of(public_key) {
        return Err(OTHER_ADDRESS);
    }
    let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| NO_KEY)?;
    if signature.len() != 64 {
        return Err(LENGTH);
    }
    let signature = Signature::from_slice(signature).map_err(|_| RANGE)?;
    if signature.normalize_s() != signature {
        return Err(HIGH_S);
    }
    let digest = Sha256::digest(sign_doc(message, address));
    key.verify_prehash(&digest, &signature)
        .map_err(|_| MISMATCH)
}

pub(crate) const NO_KEY: &str = "the public key is not a compressed point of secp256k1";
pub(crate) const OTHER_ADDRESS: &str = "the public key is not of this address";
pub(crate) const LENGTH: &str = "the signature is not 64 bytes long";
pub(crate) const RANGE: &str = "r or s of the signature is zero or not below the curve's order";
pub(crate) const HIGH_S: &str = "s of the signature is above half of the curve's order";
pub(crate) const MISMATCH: &str = "the signature is not of this message by this key";
