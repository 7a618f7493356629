//! What an address pays to: a key, by its hash or by itself.

use k256::{
    ProjectivePoint, Scalar,
    elliptic_curve::{PrimeField, point::AffineCoordinates},
    schnorr,
};

use crate::hash::{hash160, tagged};

/// The kinds of payment that one key can sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payment {
    /// To the hash of a key, compressed or not.
    P2pkh([u8; 20]),
    /// To the hash of a script, which may be the one of P2WPKH: that shows only when somebody signs.
    P2sh([u8; 20]),
    /// To the hash of a compressed key, by segregated witness (BIP-141).
    P2wpkh([u8; 20]),
    /// To a key on the curve, by its x coordinate (BIP-341).
    P2tr([u8; 32]),
}

impl Payment {
    /// Whether this key, in SEC1 or for P2TR by its x coordinate, is the one that is paid.
    pub(crate) fn is_to(&self, key: &[u8]) -> bool {
        match (self, key.len()) {
            (Self::P2pkh(hash), COMPRESSED | UNCOMPRESSED) | (Self::P2wpkh(hash), COMPRESSED) => {
                hash160(key) == *hash
            }
            (Self::P2sh(hash), COMPRESSED) => hash160(&witness_program(&hash160(key))) == *hash,
            (Self::P2tr(output), COMPRESSED) => {
                matches!(key.split_first(), Some((2 | 3, x)) if tweaked(x) == Some(*output))
            }
            (Self::P2tr(output), X_ONLY) => key == output || tweaked(key) == Some(*output),
            _ => false,
        }
    }
}

/// The script of P2WPKH.
pub(crate) fn witness_program(key_hash: &[u8; 20]) -> [u8; 22] {
    let mut script = [0; 22];
    script[1] = 20;
    script[2..].copy_from_slice(key_hash);
    script
}

/// The output key of an internal key without scripts (BIP-341, and BIP-86 for wallets), both by their x coordinates.
fn tweaked(internal: &[u8]) -> Option<[u8; 32]> {
    let key = schnorr::VerifyingKey::from_slice(internal).ok()?;
    let tweak = Scalar::from_repr(tagged("TapTweak", &[internal]).into()).into_option()?;
    let output = ProjectivePoint::from(*key.as_affine()) + ProjectivePoint::GENERATOR * tweak;
    Some(output.to_affine().x().into())
}

/// Lengths of keys.
const X_ONLY: usize = 32;
const COMPRESSED: usize = 33;
const UNCOMPRESSED: usize = 65;
