//! Signatures: 64 bytes of Ed25519, over the very bytes of the message.

use ed25519_dalek::{Signature, VerifyingKey};

/// Why a proof shows nothing; for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The public key that was sent is not the one in the address.
    PublicKey,
    /// The signature is not 64 bytes long.
    Length,
    /// It is not of this message by this key.
    Mismatch,
}

/// Checks a signature as the network does: RFC 8032 without its cofactor, S below the order of the group, and neither
/// R nor the key of small order. So nobody can make a second signature from a first.
///
/// # Errors
/// [`Refusal`] says why, for the log.
pub fn verify(
    key: &VerifyingKey,
    message: &[u8],
    signature: &[u8],
    public_key: Option<&[u8]>,
) -> Result<(), Refusal> {
    if public_key.is_some_and(|sent| sent != key.as_bytes()) {
        return Err(Refusal::PublicKey);
    }
    let signature = Signature::from_slice(signature).map_err(|_| Refusal::Length)?;
    key.verify_strict(message, &signature)
        .map_err(|_| Refusal::Mismatch)
}
