//! Public keys of secp256k1, in the one form that a key type gives them.

use k256::{ecdsa, schnorr};

use crate::{key_type::KeyType, reason::Reason};

/// A point of the curve and how it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Default(ecdsa::VerifyingKey),
    Bip340Schnorr(schnorr::VerifyingKey),
    GlSecp256k1(ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads 33 bytes of compressed SEC1, or the 32 bytes of an x coordinate for `bip340-schnorr`.
    pub(crate) fn parse(key_type: KeyType, bytes: &[u8]) -> Result<Self, Reason> {
        match key_type {
            KeyType::Default => compressed(bytes).map(Self::Default),
            KeyType::Bip340Schnorr => schnorr::VerifyingKey::from_slice(bytes)
                .map(Self::Bip340Schnorr)
                .map_err(|_| Reason::PublicKey),
            KeyType::GlSecp256k1 => compressed(bytes).map(Self::GlSecp256k1),
        }
    }

    /// The bytes that were read.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Default(key) | Self::GlSecp256k1(key) => {
                key.to_sec1_point(true).as_bytes().to_vec()
            }
            Self::Bip340Schnorr(key) => key.to_bytes().to_vec(),
        }
    }
}

/// SEC1 has other forms of the same point, and each would hash to another address of it.
fn compressed(bytes: &[u8]) -> Result<ecdsa::VerifyingKey, Reason> {
    if bytes.len() != 33 || !matches!(bytes.first(), Some(2 | 3)) {
        return Err(Reason::PublicKey);
    }
    ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| Reason::PublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The x coordinate of the generator of secp256k1.
    const X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    /// Its y coordinate.
    const Y: &str = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";

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
}
