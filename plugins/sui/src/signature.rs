//! Serialized signatures: a flag, 64 bytes of signature, the public key. They are of the digest of a personal message.

use ed25519_dalek::VerifyingKey;
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};

use crate::{address::Address, hash::signed_digest, scheme::Scheme};

/// What a proof may say of its key beside the signature.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent<'a> {
    pub(crate) public_key: Option<&'a [u8]>,
    pub(crate) key_type: Option<&'a str>,
}

/// Checks that the signature is one of the message by the key of the address. What refuses is for the log.
///
/// It is stricter than validators, which for Ed25519 follow ZIP-215 (fastcrypto, by `ed25519-consensus`): here R and
/// the key have one encoding and no small order, and the equation has no cofactor. Of ECDSA, r and s are in range and
/// s is low, as fastcrypto demands; `@mysten/sui` takes a high s of secp256r1. So nobody can make a second signature
/// from a first.
pub(crate) fn check(
    address: &Address,
    message: &[u8],
    signature: &[u8],
    sent: Sent<'_>,
) -> Result<(), &'static str> {
    let serialized = Serialized::parse(signature)?;
    serialized.check_sent(sent)?;
    if Address::of(serialized.scheme, serialized.public_key) != *address {
        return Err(OTHER_ADDRESS);
    }
    serialized.verify(&signed_digest(message))
}

/// The parts of a signature.
struct Serialized<'a> {
    scheme: Scheme,
    signature: &'a [u8; 64],
    public_key: &'a [u8],
}

impl<'a> Serialized<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let (&flag, rest) = bytes.split_first().ok_or(EMPTY)?;
        let scheme = Scheme::of_flag(flag)?;
        let (signature, public_key) = rest.split_first_chunk().ok_or(LENGTH)?;
        if public_key.len() != scheme.key_len() {
            return Err(LENGTH);
        }
        Ok(Self {
            scheme,
            signature,
            public_key,
        })
    }

    /// The key type that is named is the scheme, and the public key that is sent the one here, with its flag or
    /// without.
    fn check_sent(&self, sent: Sent<'_>) -> Result<(), &'static str> {
        if sent.key_type.is_some_and(|name| name != self.scheme.name()) {
            return Err(OTHER_TYPE);
        }
        let is_ours = |key: &[u8]| {
            key == self.public_key
                || key.split_first() == Some((&self.scheme.flag(), self.public_key))
        };
        if sent.public_key.is_some_and(|key| !is_ours(key)) {
            return Err(OTHER_KEY);
        }
        Ok(())
    }

    fn verify(&self, digest: &[u8; 32]) -> Result<(), &'static str> {
        match self.scheme {
            Scheme::Ed25519 => self.verify_ed25519(digest),
            Scheme::Secp256k1 => self.verify_secp256k1(digest),
            Scheme::Secp256r1 => self.verify_secp256r1(digest),
        }
    }

    /// RFC 8032 without its cofactor, S below the order of the group, and neither R nor the key of small order.
    fn verify_ed25519(&self, digest: &[u8; 32]) -> Result<(), &'static str> {
        let bytes = self.public_key.try_into().map_err(|_| LENGTH)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| NO_KEY)?;
        let is_canonical = VerifyingKey::from(key.to_edwards()) == key;
        if key.is_weak() || !is_canonical {
            return Err(NO_KEY);
        }
        key.verify_strict(
            digest,
            &ed25519_dalek::Signature::from_bytes(self.signature),
        )
        .map_err(|_| MISMATCH)
    }

    fn verify_secp256k1(&self, digest: &[u8; 32]) -> Result<(), &'static str> {
        let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(self.compressed()?);
        let key = key.map_err(|_| NO_KEY)?;
        let signature = k256::ecdsa::Signature::from_slice(self.signature).map_err(|_| RANGE)?;
        verify_ecdsa(&key, digest, &signature, &signature.normalize_s())
    }

    fn verify_secp256r1(&self, digest: &[u8; 32]) -> Result<(), &'static str> {
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(self.compressed()?);
        let key = key.map_err(|_| NO_KEY)?;
        let signature = p256::ecdsa::Signature::from_slice(self.signature).map_err(|_| RANGE)?;
        verify_ecdsa(&key, digest, &signature, &signature.normalize_s())
    }

    /// The key with the tag of a compressed point. There is another tag for a point of as many bytes, which the
    /// libraries may read and Sui does not have.
    fn compressed(&self) -> Result<&'a [u8], &'static str> {
        let is_compressed = matches!(self.public_key.first(), Some(0x02 | 0x03));
        if is_compressed {
            Ok(self.public_key)
        } else {
            Err(NO_KEY)
        }
    }
}

/// ECDSA over the SHA-256 of the digest: low s only.
fn verify_ecdsa<S: PartialEq>(
    key: &impl PrehashVerifier<S>,
    digest: &[u8; 32],
    signature: &S,
    with_low_s: &S,
) -> Result<(), &'static str> {
    if signature != with_low_s {
        return Err(HIGH_S);
    }
    key.verify_prehash(&Sha256::digest(digest), signature)
        .map_err(|_| MISMATCH)
}

pub(crate) const EMPTY: &str = "the signature is empty";
pub(crate) const LENGTH: &str =
    "the signature is not a flag, 64 bytes and the public key of its scheme: 97 or 98 bytes";
pub(crate) const OTHER_TYPE: &str = "the key type named is not the scheme of the signature";
pub(crate) const OTHER_KEY: &str = "the public key sent is not the one in the signature";
pub(crate) const OTHER_ADDRESS: &str = "the public key in the signature is not of this address";
pub(crate) const NO_KEY: &str = "the public key in the signature is none that a wallet makes";
pub(crate) const RANGE: &str = "r or s of the signature is zero or not below the curve's order";
pub(crate) const HIGH_S: &str = "s of the signature is above half of the curve's order";
pub(crate) const MISMATCH: &str = "the signature is not of this message by this key";
