//! BIP-322 simple: the signature is a witness stack, which spends a virtual transaction that holds the message.

use k256::{
    ecdsa::{self, signature::hazmat::PrehashVerifier},
    schnorr,
};

use crate::{
    hash::hash160,
    payment::{Payment, witness_program},
    signature::{HIGH_S, MISMATCH, OTHER_ADDRESS},
    transaction::{SIGHASH_ALL, SIGHASH_DEFAULT, ToSign},
};

/// Checks a witness of P2WPKH, or of P2WPKH in P2SH: a signature in DER with its type, and the compressed key.
///
/// As strict as the network is with transactions that it relays: DER in its one form, low s (BIP-66, BIP-146).
pub(crate) fn check_segwit(
    payment: &Payment,
    message: &[u8],
    witness: &[u8],
) -> Result<(), &'static str> {
    let [signature, key] = stack(witness).ok_or(SEGWIT_STACK)?;
    // 33 bytes begin with another tag where a library reads a compact point, which Bitcoin does not have.
    if !matches!(key, [2 | 3, ..]) || !payment.is_to(key) {
        return Err(OTHER_ADDRESS);
    }
    let Some((&SIGHASH_ALL, der)) = signature.split_last() else {
        return Err(HASH_TYPE);
    };
    let signature = ecdsa::Signature::from_der(der).map_err(|_| DER)?;
    if signature.to_der().as_bytes() != der {
        return Err(DER);
    }
    if signature.normalize_s() != signature {
        return Err(HIGH_S);
    }
    let key_hash = hash160(key);
    let program = witness_program(&key_hash);
    let nested = nested_script(&program);
    let script: &[u8] = match payment {
        Payment::P2sh(_) => &nested,
        _ => &program,
    };
    let digest = ToSign::new(script, message).segwit_digest(&key_hash);
    ecdsa::VerifyingKey::from_sec1_bytes(key)
        .and_then(|key| key.verify_prehash(&digest, &signature))
        .map_err(|_| MISMATCH)
}

/// Checks a witness of P2TR by the key path: 64 bytes of BIP-340, and the type where it is not the default.
pub(crate) fn check_taproot(
    output_key: &[u8; 32],
    message: &[u8],
    witness: &[u8],
) -> Result<(), &'static str> {
    let [signature] = stack(witness).ok_or(TAPROOT_STACK)?;
    let (signature, hash_type) = match signature.split_at_checked(64) {
        Some((signature, [])) => (signature, SIGHASH_DEFAULT),
        Some((signature, [SIGHASH_ALL])) => (signature, SIGHASH_ALL),
        Some((_, [_])) => return Err(HASH_TYPE),
        _ => return Err(TAPROOT_STACK),
    };
    let mut script = [0x51; 34];
    script[1] = 32;
    script[2..].copy_from_slice(output_key);
    let digest = ToSign::new(&script, message).taproot_digest(hash_type);
    let signature = schnorr::Signature::try_from(signature).map_err(|_| MISMATCH)?;
    schnorr::VerifyingKey::from_slice(output_key)
        .and_then(|key| key.verify_prehash(&digest, &signature))
        .map_err(|_| MISMATCH)
}

/// Reads a witness stack of so many items, each shorter than 253 bytes, so that all lengths take one byte.
fn stack<const N: usize>(witness: &[u8]) -> Option<[&[u8]; N]> {
    let (&count, mut rest) = witness.split_first()?;
    if usize::from(count) != N {
        return None;
    }
    let mut items = [&witness[..0]; N];
    for item in &mut items {
        let (&length, following) = rest.split_first()?;
        if length >= 0xFD {
            return None;
        }
        (*item, rest) = following.split_at_checked(length.into())?;
    }
    rest.is_empty().then_some(items)
}

/// The script of P2SH for this one.
fn nested_script(program: &[u8; 22]) -> [u8; 23] {
    let mut script = [0xA9; 23];
    script[1] = 20;
    script[2..22].copy_from_slice(&hash160(program));
    script[22] = 0x87;
    script
}

pub(crate) const SEGWIT_STACK: &str =
    "the signature is neither a legacy signed message nor a witness of a signature and a key";
pub(crate) const TAPROOT_STACK: &str = "the signature is not a witness of one BIP-340 signature: legacy signed messages are not for P2TR";
pub(crate) const HASH_TYPE: &str = "the hash type of the signature is not ALL";
pub(crate) const DER: &str =
    "the signature in the witness is not in strict DER, or r or s is out of range";
