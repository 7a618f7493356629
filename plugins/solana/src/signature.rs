//! Signatures: 64 bytes of Ed25519 over the message, nothing derived from it.

use ed25519_dalek::{Signature, VerifyingKey};

/// Checks a signature as the network does: RFC 8032 without its cofactor, S below the order of the group, and neither
/// R nor the key of small order. So nobody can make a second signature from a first. What refuses is for the log.
pub(crate) fn check(
    key: &VerifyingKey,
    message: &[u8],
    signature: &[u8],
    public_key: Option<&[u8]>,
) -> Result<(), &'static str> {
    if public_key.is_some_and(|sent| sent != key.as_bytes()) {
        return Err(OTHER_KEY);
    }
    let signature = Signature::from_slice(signature).map_err(|_| LENGTH)?;
    key.verify_strict(message, &signature).map_err(|_| MISMATCH)
}

pub(crate) const OTHER_KEY: &str = "the public key sent is not the one in the address";
pub(crate) const LENGTH: &str = "the signature is not 64 bytes long";
pub(crate) const MISMATCH: &str = "the signature is not of this message by this key";
