use proptest::prelude::*;

use super::*;
use crate::{key_type::KeyType, public_key::PublicKey, signature, wallet::Wallet};

const DIGEST: [u8; 32] = [7; 32];

/// Of `DIGEST`.
const CHALLENGE: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

fn site() -> RelyingParty {
    RelyingParty {
        id: "wallet.example".to_owned(),
        origin: "https://wallet.example".to_owned(),
    }
}

/// The witness of a good assertion, without its signature.
fn witness() -> Vec<u8> {
    let mut signed = assertion_for(&DIGEST, &site(), |_| [0; 64]);
    signed.truncate(signed.len() - 64);
    signed
}

fn check(witness: &[u8], sites: &[RelyingParty]) -> Result<[u8; 32], Reason> {
    Assertion::parse(witness)?.check(&DIGEST, sites)
}

#[test]
fn a_challenge_is_base64url_without_padding() {
    assert_eq!(base64url(&DIGEST), CHALLENGE);
    assert_eq!(base64url(&[0xfb; 32])[..4], *"-_v7");
}

#[test]
fn the_hash_is_of_the_authenticator_data_and_the_hash_of_the_client_data() {
    let client_data = format!(
        r#"{{"type":"webauthn.get","challenge":"{CHALLENGE}","origin":"https://wallet.example","crossOrigin":false}}"#
    );
    let expected = Sha256::new()
        .chain_update(Sha256::digest("wallet.example"))
        .chain_update([1, 0, 0, 0, 0])
        .chain_update(Sha256::digest(client_data))
        .finalize();
    assert_eq!(check(&witness(), &[site()]), Ok(expected.into()));
}

#[test]
fn a_witness_reads_back_and_fills_its_chunks() {
    for length in 1..200 {
        let (bytes, flags) = (vec![b'x'; length], [1; 37]);
        let assertion = Assertion {
            authenticator_data: &flags,
            before_challenge: &bytes,
            after_challenge: &[],
        };
        let witness = assertion.to_witness();
        assert_eq!(witness.len() % 64, 0);
        assert_eq!(Assertion::parse(&witness), Ok(assertion));
    }
}

#[test]
fn another_layout_is_refused() {
    let good = witness();
    let bare = Assertion::parse(&good).unwrap();
    let body = [
        field(bare.authenticator_data),
        field(bare.before_challenge),
        field(bare.after_challenge),
    ]
    .concat();
    let padded = |mut bytes: Vec<u8>| {
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        bytes
    };
    let mut dirty = good.clone();
    *dirty.last_mut().unwrap() = 1;
    for bytes in [
        Vec::new(),
        vec![0; 64],
        good[..good.len() - 64].to_vec(),
        good[64..].to_vec(),
        [good.clone(), vec![0; 64]].concat(),
        [good.clone(), vec![0]].concat(),
        dirty,
        // The layout of the on-chain instruction: no length before the body.
        padded(body.clone()),
        // Two fields, and a fourth.
        padded(field(
            &body[..body.len() - field(bare.after_challenge).len()],
        )),
        padded(field(&[body.clone(), vec![0]].concat())),
        // A length in more bytes than it needs.
        padded(field(&[&[0x40, 31], [0; 31].as_slice()].concat())),
    ] {
        assert_eq!(Assertion::parse(&bytes), Err(Reason::Witness), "{bytes:?}");
    }
}

#[test]
fn a_witness_has_a_longest_length() {
    let (flags, long) = ([1; 37], vec![b' '; LONGEST]);
    let assertion = |length| Assertion {
        authenticator_data: &flags,
        before_challenge: &long[..length],
        after_challenge: &[],
    };
    // Beside these, lengths of 2, 2, 2 and 1 bytes, and the 37.
    let longest = assertion(LONGEST - 44);
    assert_eq!(longest.to_witness().len(), LONGEST);
    assert!(Assertion::parse(&longest.to_witness()).is_ok());
    let longer = assertion(LONGEST - 43).to_witness();
    assert_eq!(Assertion::parse(&longer), Err(Reason::Witness));
}

#[test]
fn authenticator_data_names_the_site_and_has_flags() {
    let good = witness();
    let good = Assertion::parse(&good).unwrap();
    let check = |authenticator_data: &[u8], reason| {
        let assertion = Assertion {
            authenticator_data,
            ..good
        };
        assert_eq!(assertion.check(&DIGEST, &[site()]), Err(reason));
    };
    let flags = |flags: u8| [&good.authenticator_data[..32], &[flags]].concat();
    check(&[], Reason::Witness);
    check(&good.authenticator_data[..32], Reason::Witness);
    for absent in [0, 4, 0xfe] {
        check(&flags(absent), Reason::UserPresence);
    }
    let another_site = [&[7; 32], &good.authenticator_data[32..]].concat();
    check(&another_site, Reason::RelyingParty);
}

#[test]
fn id_and_origin_must_be_of_one_accepted_site() {
    let site = |id: &str, origin: &str| RelyingParty {
        id: id.to_owned(),
        origin: origin.to_owned(),
    };
    let (id, origin) = ("wallet.example", "https://wallet.example");
    let evil = site("evil.example", "https://evil.example");
    for (sites, is_accepted) in [
        (vec![], false),
        (vec![site(id, origin)], true),
        (vec![evil.clone(), site(id, origin)], true),
        (vec![evil], false),
        (vec![site(id, "https://wallet.example:8443")], false),
        (vec![site(id, "https://WALLET.example")], false),
        (vec![site(id, "https://wallet.example/")], false),
        (vec![site("example", origin)], false),
        (
            vec![site(id, "https://b.example"), site("b.example", origin)],
            false,
        ),
    ] {
        let outcome = check(&witness(), &sites).map(|_| ());
        let expected = if is_accepted {
            Ok(())
        } else {
            Err(Reason::RelyingParty)
        };
        assert_eq!(outcome, expected, "{sites:?}");
    }
}

/// The client data is put together with the digest that was asked for, so only the hash differs.
#[test]
fn an_assertion_of_another_digest_has_another_hash() {
    let good = witness();
    let hash = |digest| Assertion::parse(&good).unwrap().check(digest, &[site()]);
    assert_ne!(hash(&[8; 32]).unwrap(), hash(&DIGEST).unwrap());
}

#[test]
fn an_assertion_of_another_type_is_refused() {
    let good = witness();
    let creation = Assertion {
        before_challenge: br#"{"type":"webauthn.create","challenge":""#,
        ..Assertion::parse(&good).unwrap()
    };
    let outcome = creation.check(&DIGEST, &[site()]);
    assert_eq!(outcome, Err(Reason::ClientData));
}

/// A signature by a passkey, and its key.
fn signed() -> (PublicKey, Vec<u8>) {
    let wallet = Wallet::from_hex(&"11".repeat(32), KeyType::GlWebauthn).unwrap();
    let key = hex::decode(wallet.public_key()).unwrap();
    let key = PublicKey::parse(KeyType::GlWebauthn, &key).unwrap();
    (key, hex::decode(wallet.sign(b"hello")).unwrap())
}

fn verify(key: &PublicKey, signature: &[u8]) -> Result<(), Reason> {
    signature::verify(key, b"hello", signature, &[Wallet::relying_party()])
}

#[test]
fn no_byte_may_change_or_be_missing() {
    let (key, good) = signed();
    assert_eq!(verify(&key, &good), Ok(()));
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut changed = good.clone();
            changed[at] ^= 1 << bit;
            assert_ne!(verify(&key, &changed), Ok(()), "bit {bit} of byte {at}");
        }
        assert_ne!(verify(&key, &good[..at]), Ok(()), "the first {at} bytes");
        assert_ne!(verify(&key, &good[at + 1..]), Ok(()), "all after {at}");
        let without = [&good[..at], &good[at + 1..]].concat();
        assert_ne!(verify(&key, &without), Ok(()), "all but byte {at}");
    }
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
        let (key, _) = signed();
        prop_assert_ne!(verify(&key, &bytes), Ok(()));
    }

    #[test]
    fn a_good_signature_with_a_part_replaced_is_refused(
        (from, to) in (0_usize..256, 0_usize..256),
        with in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let (key, good) = signed();
        let (from, to) = (from.min(to), from.max(to));
        let changed = [&good[..from], &with, &good[to..]].concat();
        prop_assume!(changed != good);
        prop_assert_ne!(verify(&key, &changed), Ok(()));
    }
}
