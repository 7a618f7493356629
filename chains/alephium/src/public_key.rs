//! Public keys, in the one form that a key type gives them.

use k256::schnorr;

use crate::{key_type::KeyType, reason::Reason};

/// A point of a curve and how it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Default(k256::ecdsa::VerifyingKey),
    Bip340Schnorr(schnorr::VerifyingKey),
    GlSecp256k1(k256::ecdsa::VerifyingKey),
    GlSecp256r1(p256::ecdsa::VerifyingKey),
    GlEd25519(ed25519_dalek::VerifyingKey),
    GlWebauthn(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads 33 bytes of compressed SEC1, or 32 bytes: of an x coordinate for `bip340-schnorr`, of
    /// a compressed point for `gl-ed25519`.
    pub(crate) fn parse(key_type: KeyType, bytes: &[u8]) -> Result<Self, Reason> {
        match key_type {
            KeyType::Default => secp256k1(bytes).map(Self::Default),
            KeyType::Bip340Schnorr => schnorr::VerifyingKey::from_slice(bytes)
                .map(Self::Bip340Schnorr)
                .map_err(|_| Reason::PublicKey),
            KeyType::GlSecp256k1 => secp256k1(bytes).map(Self::GlSecp256k1),
            KeyType::GlSecp256r1 => secp256r1(bytes).map(Self::GlSecp256r1),
            KeyType::GlEd25519 => ed25519(bytes).map(Self::GlEd25519),
            KeyType::GlWebauthn => secp256r1(bytes).map(Self::GlWebauthn),
        }
    }

    /// The bytes that were read.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Default(key) | Self::GlSecp256k1(key) => {
                key.to_sec1_point(true).as_bytes().to_vec()
            }
            Self::Bip340Schnorr(key) => key.to_bytes().to_vec(),
            Self::GlSecp256r1(key) | Self::GlWebauthn(key) => {
                key.to_sec1_point(true).as_bytes().to_vec()
            }
            Self::GlEd25519(key) => key.to_bytes().to_vec(),
        }
    }
}

fn secp256k1(bytes: &[u8]) -> Result<k256::ecdsa::VerifyingKey, Reason> {
    k256::ecdsa::VerifyingKey::from_sec1_bytes(compressed(bytes)?).map_err(|_| Reason::PublicKey)
}

fn secp256r1(bytes: &[u8]) -> Result<p256::ecdsa::VerifyingKey, Reason> {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(compressed(bytes)?).map_err(|_| Reason::PublicKey)
}

/// SEC1 has other forms of the same point, and each would hash to another address of it.
fn compressed(bytes: &[u8]) -> Result<&[u8], Reason> {
    if bytes.len() != 33 || !matches!(bytes.first(), Some(2 | 3)) {
        return Err(Reason::PublicKey);
    }
    Ok(bytes)
}

/// The library takes y over the field's order, and a sign for the x of zero: other spellings, and
/// so other addresses, of a point. A point of small order takes signatures that nobody made.
fn ed25519(bytes: &[u8]) -> Result<ed25519_dalek::VerifyingKey, Reason> {
    let bytes: &[u8; 32] = bytes.try_into().map_err(|_| Reason::PublicKey)?;
    ed25519_dalek::VerifyingKey::from_bytes(bytes)
        .ok()
        .filter(|key| !key.is_weak() && key.to_edwards().compress().as_bytes() == bytes)
        .ok_or(Reason::PublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The x coordinate of the generator of secp256k1.
    const X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    /// Its y coordinate.
    const Y: &str = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

    /// The coordinates of the generator of P-256.
    const P256_X: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    const P256_Y: &str = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    fn check(key_type: KeyType, digits: &str, is_accepted: bool) {
        let bytes = hex::decode(digits).unwrap();
        let read = PublicKey::parse(key_type, &bytes).map(PublicKey::to_bytes);
        let expected = if is_accepted {
            Ok(bytes)
        } else {
            Err(Reason::PublicKey)
        };
        assert_eq!(read, expected, "{key_type} {digits}");
    }

    #[test]
    fn each_key_type_has_one_form() {
        for (digits, is_ecdsa, is_schnorr) in [
            (format!("02{X}"), true, false),
            (format!("03{X}"), true, false),
            (X.to_owned(), false, true),
            (format!("04{X}{Y}"), false, false),
            (format!("05{X}"), false, false),
            (format!("06{X}{Y}"), false, false),
            ("00".to_owned(), false, false),
            (String::new(), false, false),
            // Not below the field's order.
            (format!("02{}", "ff".repeat(32)), false, false),
            ("ff".repeat(32), false, false),
        ] {
            check(KeyType::Default, &digits, is_ecdsa);
            check(KeyType::GlSecp256k1, &digits, is_ecdsa);
            check(KeyType::Bip340Schnorr, &digits, is_schnorr);
        }
    }

    #[test]
    fn a_key_on_p_256_is_compressed() {
        for (digits, is_accepted) in [
            (format!("02{P256_X}"), true),
            (format!("03{P256_X}"), true),
            (P256_X.to_owned(), false),
            (format!("04{P256_X}{P256_Y}"), false),
            (format!("05{P256_X}"), false),
            (format!("02{}", "ff".repeat(32)), false),
            // On secp256k1 only.
            (format!("02{X}"), false),
            (String::new(), false),
        ] {
            check(KeyType::GlSecp256r1, &digits, is_accepted);
            check(KeyType::GlWebauthn, &digits, is_accepted);
        }
    }

    #[test]
    fn a_key_on_ed25519_has_one_spelling_and_a_large_order() {
        let base = "66".repeat(31);
        for (digits, is_accepted) in [
            (format!("58{base}"), true),
            (format!("58{base}66"), false),
            (base.clone(), false),
            (String::new(), false),
            // y = 2 is of no point; y = 3 is, and is not to be written as itself and the field's order.
            (format!("02{}", "00".repeat(31)), false),
            (format!("03{}", "00".repeat(31)), true),
            (format!("f0{}7f", "ff".repeat(30)), false),
            // The identity; with a sign for its x of zero; over the field's order; of orders 2 and 4.
            (format!("01{}", "00".repeat(31)), false),
            (format!("01{}80", "00".repeat(30)), false),
            (format!("ee{}7f", "ff".repeat(30)), false),
            (format!("ec{}7f", "ff".repeat(30)), false),
            ("00".repeat(32), false),
            // Of order 8.
            (
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".to_owned(),
                false,
            ),
        ] {
            check(KeyType::GlEd25519, &digits, is_accepted);
        }
    }
}
