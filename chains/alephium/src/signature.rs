//! Signatures of keyed accounts: 64 bytes `r | s` over a BLAKE2b-256 digest with a prefix; those
//! of passkeys follow a witness.

use k256::{ecdsa::signature::hazmat::PrehashVerifier, schnorr};

use crate::{
    hash::blake2b_256,
    public_key::PublicKey,
    reason::Reason,
    webauthn::{Assertion, RelyingParty},
};

/// Keeps a signed message from being a signed transaction, whose digest has no prefix.
const PREFIX: &[u8] = b"Alephium Signed Message: ";

/// What wallets sign under the message hasher `alephium`. The other hashers have no prefix, and
/// are not offered.
pub(crate) fn signed_digest(message: &[u8]) -> [u8; 32] {
    blake2b_256(&[PREFIX, message])
}

/// Checks a signature. The policy is pinned in this file, before the curve arithmetic, so that
/// it does not depend on the library's.
pub(crate) fn verify(
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
    relying_parties: &[RelyingParty],
) -> Result<(), Reason> {
    let (witness, signature) = signature.split_last_chunk::<64>().ok_or(Reason::Length)?;
    if !witness.is_empty() && !matches!(key, PublicKey::GlWebauthn(_)) {
        return Err(Reason::Length);
    }
    let digest = signed_digest(message);
    match key {
        PublicKey::Default(key) | PublicKey::GlSecp256k1(key) => {
            verify_secp256k1(key, &digest, signature)
        }
        PublicKey::Bip340Schnorr(key) => verify_schnorr(key, &digest, signature),
        PublicKey::GlSecp256r1(key) => verify_secp256r1(key, &digest, signature),
        PublicKey::GlEd25519(key) => verify_ed25519(key, &digest, signature),
        PublicKey::GlWebauthn(key) => {
            let assertion = Assertion::parse(witness)?;
            let hash = assertion.check(&digest, relying_parties)?;
            verify_secp256r1(key, &hash, signature)
        }
    }
}

fn verify_secp256k1(
    key: &k256::ecdsa::VerifyingKey,
    digest: &[u8; 32],
    signature: &[u8; 64],
) -> Result<(), Reason> {
    let signature = k256::ecdsa::Signature::from_slice(signature).map_err(|_| Reason::Range)?;
    verify_ecdsa(key, digest, &signature, &signature.normalize_s())
}

fn verify_secp256r1(
    key: &p256::ecdsa::VerifyingKey,
    digest: &[u8; 32],
    signature: &[u8; 64],
) -> Result<(), Reason> {
    let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| Reason::Range)?;
    verify_ecdsa(key, digest, &signature, &signature.normalize_s())
}

/// ECDSA over the digest itself: low s only.
fn verify_ecdsa<S: PartialEq>(
    key: &impl PrehashVerifier<S>,
    digest: &[u8; 32],
    signature: &S,
    with_low_s: &S,
) -> Result<(), Reason> {
    if signature != with_low_s {
        return Err(Reason::HighS);
    }
    key.verify_prehash(digest, signature)
        .map_err(|_| Reason::Mismatch)
}

/// [BIP-340] with the digest as the message. The standard takes s = 0, wallets do not.
///
/// [BIP-340]: https://github.com/bitcoin/bips/blob/master/bip-0340.mediawiki
fn verify_schnorr(
    key: &schnorr::VerifyingKey,
    digest: &[u8; 32],
    signature: &[u8; 64],
) -> Result<(), Reason> {
    if signature[32..] == [0_u8; 32] {
        return Err(Reason::Range);
    }
    let signature = schnorr::Signature::from_bytes(signature).map_err(|_| Reason::Range)?;
    key.verify_raw(digest, &signature)
        .map_err(|_| Reason::Mismatch)
}

/// [RFC 8032] with the digest as the message, without the room it leaves: a small order of R is
/// refused, the equation has no cofactor, and R is compared as bytes, so it has one spelling.
///
/// [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1.7
fn verify_ed25519(
    key: &ed25519_dalek::VerifyingKey,
    digest: &[u8; 32],
    signature: &[u8; 64],
) -> Result<(), Reason> {
    if signature[32..].iter().rev().ge(ED25519_ORDER.iter().rev()) {
        return Err(Reason::Range);
    }
    key.verify_strict(digest, &ed25519_dalek::Signature::from_bytes(signature))
        .map_err(|_| Reason::Mismatch)
}

/// The order of Ed25519's base point, 2^252 + 27742317777372353535851937790883648493, the lowest
/// byte first as in S.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

#[cfg(test)]
mod tests;
