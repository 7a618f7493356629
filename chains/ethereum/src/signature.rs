//! Signatures of keyed accounts: 65 bytes `r | s | v` over the [EIP-191] digest.
//!
//! [EIP-191]: https://eips.ethereum.org/EIPS/eip-191

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use sha3::{Digest, Keccak256};

/// Why a signature shows nothing. Traced, never returned to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("the signature is not 65 bytes long")]
    Length,
    #[error("the recovery byte is not 0, 1, 27 or 28")]
    RecoveryByte,
    #[error("r or s is zero or not below the curve's order")]
    Range,
    #[error("s is in the upper half: the malleated twin of a signature")]
    HighS,
    #[error("no public key gives this signature")]
    NoKey,
}

/// Keccak-256 of what `personal_sign` signs: a prefix with the length in bytes, and the message.
pub(crate) fn personal_digest(message: &[u8]) -> [u8; 32] {
    let prefix = format!("\x19Ethereum Signed Message:\n{}", message.len());
    Keccak256::new()
        .chain_update(prefix)
        .chain_update(message)
        .finalize()
        .into()
}

/// The key that made this signature. The policy is pinned here, before the curve arithmetic,
/// so that it does not depend on the library's: low s only, and v of 0, 1, 27 or 28 only.
pub(crate) fn recover(message: &[u8], signature: &[u8]) -> Result<VerifyingKey, Reason> {
    let (&v, r_and_s) = signature
        .split_last()
        .filter(|(_, rest)| rest.len() == 64)
        .ok_or(Reason::Length)?;
    let recovery_id = match v {
        0 | 27 => RecoveryId::new(false, false),
        1 | 28 => RecoveryId::new(true, false),
        _ => return Err(Reason::RecoveryByte),
    };
    let signature = Signature::from_slice(r_and_s).map_err(|_| Reason::Range)?;
    if signature.normalize_s() != signature {
        return Err(Reason::HighS);
    }
    VerifyingKey::recover_from_prehash(&personal_digest(message), &signature, recovery_id)
        .map_err(|_| Reason::NoKey)
}
