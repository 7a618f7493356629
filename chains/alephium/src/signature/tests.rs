use super::*;
use crate::key_type::KeyType;

/// The x coordinate of the generator of secp256k1.
const X: &str = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
/// The x coordinate of the generator of P-256.
const P256_X: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
/// The base point of Ed25519.
const ED25519_BASE: &str = "5866666666666666666666666666666666666666666666666666666666666666";

const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The order of secp256k1, and its half.
const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
const HALF_N: &str = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
/// The order of P-256, and its half.
const P256_N: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P256_HALF_N: &str = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8";
/// The order of Ed25519, and the number below it, the lowest byte first.
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
const L_MINUS_1: &str = "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

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
        KeyType::Default | KeyType::GlSecp256k1 => format!("02{X}"),
        KeyType::Bip340Schnorr => X.to_owned(),
        KeyType::GlSecp256r1 | KeyType::GlWebauthn => format!("03{P256_X}"),
        KeyType::GlEd25519 => ED25519_BASE.to_owned(),
    };
    let key = PublicKey::parse(key_type, &hex::decode(key).unwrap()).unwrap();
    let signature = hex::decode(signature).unwrap();
    assert_eq!(
        verify(&key, b"hello", &signature, &[]),
        Err(reason),
        "{key_type}"
    );
}

#[test]
fn a_length_other_than_64_is_refused() {
    for key_type in KeyType::ALL {
        check(key_type, "", Reason::Length);
        check(key_type, &format!("{ONE}{}", &ONE[2..]), Reason::Length);
        let longer = match key_type {
            KeyType::GlWebauthn => Reason::Witness,
            _ => Reason::Length,
        };
        check(key_type, &format!("{ONE}{ONE}1b"), longer);
        check(key_type, &format!("{ONE}{ONE}{ONE}{ONE}"), longer);
    }
    check(KeyType::GlWebauthn, &format!("{ONE}{ONE}"), Reason::Witness);
}

#[test]
fn zero_and_the_order_are_out_of_range() {
    for (key_type, order) in [
        (KeyType::Default, N),
        (KeyType::Bip340Schnorr, N),
        (KeyType::GlSecp256k1, N),
        (KeyType::GlSecp256r1, P256_N),
    ] {
        check(key_type, &format!("{ZERO}{ONE}"), Reason::Range);
        check(key_type, &format!("{ONE}{ZERO}"), Reason::Range);
        check(key_type, &format!("{ONE}{order}"), Reason::Range);
    }
}

#[test]
fn only_ecdsa_refuses_a_high_s_as_such() {
    for (key_type, half, next_digit) in [
        (KeyType::Default, HALF_N, '1'),
        (KeyType::GlSecp256k1, HALF_N, '1'),
        (KeyType::GlSecp256r1, P256_HALF_N, '9'),
    ] {
        let high = format!("{}{next_digit}", &half[..63]);
        check(key_type, &format!("{ONE}{half}"), Reason::Mismatch);
        check(key_type, &format!("{ONE}{high}"), Reason::HighS);
    }
    let higher = format!("{}0", &N[..63]);
    check(
        KeyType::Bip340Schnorr,
        &format!("{ONE}{higher}"),
        Reason::Mismatch,
    );
}

#[test]
fn ed25519_has_an_s_below_the_order_and_an_r_of_large_order_in_one_spelling() {
    let check = |r: &str, s: &str, reason| {
        check(KeyType::GlEd25519, &format!("{r}{s}"), reason);
    };
    check(ED25519_BASE, L, Reason::Range);
    check(ED25519_BASE, &"ff".repeat(32), Reason::Range);
    check(ED25519_BASE, L_MINUS_1, Reason::Mismatch);
    let identity = format!("01{}", &ZERO[2..]);
    for r in [ZERO, &identity, &"ff".repeat(32)] {
        check(r, ZERO, Reason::Mismatch);
    }
}

#[test]
fn a_signature_in_range_that_fits_nothing_is_a_mismatch() {
    for key_type in KeyType::ON_BY_DEFAULT {
        check(key_type, &format!("{ONE}{ONE}"), Reason::Mismatch);
    }
    check(
        KeyType::GlSecp256r1,
        &format!("{ONE}{ONE}"),
        Reason::Mismatch,
    );
}
