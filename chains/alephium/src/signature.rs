//! Signatures of keyed accounts: 64 bytes `r | s` over a BLAKE2b-256 digest with a prefix.

use k256::{
    ecdsa::{self, signature::hazmat::PrehashVerifier},
    schnorr,
};

use crate::{hash::blake2b_256, public_key::PublicKey, reason::Reason};

/// Keeps a signed message from being a signed transaction, whose digest has no prefix.
const PREFIX: &[u8] = b"Alephium Signed Message: ";

/// What wallets sign under the message hasher `alephium`. The other hashers have no prefix, and
/// are not offered.
pub(crate) fn signed_digest(message: &[u8]) -> [u8; 32] {
    blake2b_256(&[PREFIX, message])
}

/// Checks a signature. The policy is pinned in this file, before the curve arithmetic, so that
/// it does not depend on the library's.
pub(crate) fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Reason> {
    let signature: &[u8; 64] = signature.try_into().map_err(|_| Reason::Length)?;
    let digest = signed_digest(message);
    match key {
        PublicKey::Default(key) | PublicKey::GlSecp256k1(key) => {
            verify_ecdsa(key, &digest, signature)
        }
        PublicKey::Bip340Schnorr(key) => verify_schnorr(key, &digest, signature),
    }
}

/// ECDSA over the digest itself: low s only.
fn verify_ecdsa(
    key: &ecdsa::VerifyingKey,
    digest: &[u8; 32],
    signature: &[u8; 64],
) -> Result<(), Reason> {
    let signature = ecdsa::Signature::from_slice(signature).map_err(|_| Reason::Range)?;
    if signature.normalize_s() != signature {
        return Err(Reason::HighS);
    }
    key.verify_prehash(digest, &signature)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_type::KeyType;

    /// The x coordinate of the generator of secp256k1.
    const X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
    const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
    const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    /// The order of secp256k1, and the number below it.
    const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const N_MINUS_1: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";

    /// From the official library, `@alephium/web3` 3.0.5.
    #[test]
    fn the_digest_has_the_prefix_and_nothing_else() {
        for (message, digest) in [
            (
                "",
                "f0fea8f6130b0f768de6a3c5007c3424bea6821050b86b14c57fce86669a5b7f",
            ),
            (
                "hello",
                "a2ee7efff547b98e8c7350a3f9ef4caaf4bfb7e62abc23e7bd8dce930f0fe05d",
            ),
        ] {
            assert_eq!(hex::encode(signed_digest(message.as_bytes())), digest);
        }
    }

    fn check(key_type: KeyType, signature: &str, reason: Reason) {
        let key = match key_type {
            KeyType::Bip340Schnorr => X.to_owned(),
            KeyType::Default | KeyType::GlSecp256k1 => format!("02{X}"),
        };
        let key = PublicKey::parse(key_type, &hex::decode(key).unwrap()).unwrap();
        let signature = hex::decode(signature).unwrap();
        assert_eq!(
            verify(&key, b"hello", &signature),
            Err(reason),
            "{key_type}"
        );
    }

    #[test]
    fn a_length_other_than_64_is_refused() {
        for key_type in KeyType::ALL {
            check(key_type, "", Reason::Length);
            check(key_type, &format!("{ONE}{}", &ONE[2..]), Reason::Length);
            check(key_type, &format!("{ONE}{ONE}1b"), Reason::Length);
        }
    }

    #[test]
    fn zero_and_the_order_are_out_of_range() {
        for key_type in KeyType::ALL {
            check(key_type, &format!("{ZERO}{ONE}"), Reason::Range);
            check(key_type, &format!("{ONE}{ZERO}"), Reason::Range);
            check(key_type, &format!("{ONE}{N}"), Reason::Range);
        }
    }

    #[test]
    fn only_ecdsa_refuses_a_high_s_as_such() {
        let high = format!("{ONE}{N_MINUS_1}");
        check(KeyType::Default, &high, Reason::HighS);
        check(KeyType::GlSecp256k1, &high, Reason::HighS);
        check(KeyType::Bip340Schnorr, &high, Reason::Mismatch);
    }

    #[test]
    fn a_signature_in_range_that_fits_nothing_is_a_mismatch() {
        for key_type in KeyType::ALL {
            check(key_type, &format!("{ONE}{ONE}"), Reason::Mismatch);
        }
    }
}
