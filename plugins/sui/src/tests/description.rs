//! What the plugin says of itself, and the limits of what it is asked.

use countersign_plugin::{Chain, ChainPlugin, SelfTest};
use proptest::prelude::*;

use super::vectors::{Case, Claimed, Vectors, read};
use crate::{
    address::Address,
    hash::signed_digest,
    scheme::Scheme,
    signature::{self, Sent},
    sui::Sui,
};

const CHAIN: &Chain = &Sui::CHAINS[0];
const SCHEMES: [Scheme; 3] = [Scheme::Ed25519, Scheme::Secp256k1, Scheme::Secp256r1];

/// The bytes of a proof without its public key and key type.
type Signed = (String, Vec<u8>, Vec<u8>);

fn of_vector(claimed: &Claimed) -> Signed {
    let account = format!("{} {}", claimed.chain, claimed.address);
    (account, claimed.message(), claimed.signature())
}

fn of_self_test(test: &SelfTest) -> Signed {
    let account = format!("sui:{} {}", test.reference, test.address);
    (account, test.message.to_vec(), test.signature.to_vec())
}

#[test]
fn self_tests_are_vectors_one_for_each_scheme() {
    let Vectors { mut cases, .. } = read("sui.json");
    cases.retain(|case| case.valid);
    let vectors: Vec<_> = cases.iter().map(|case| of_vector(&case.claimed)).collect();
    for test in CHAIN.self_tests {
        assert!(vectors.contains(&of_self_test(test)), "{}", test.address);
        let sent = Sent {
            public_key: test.public_key,
            key_type: test.key_type,
        };
        let address = Address::read(test.address).unwrap();
        let checked = signature::check(&address, test.message, test.signature, sent);
        assert_eq!(checked, Ok(()), "{}", test.address);
    }
    let flags = CHAIN.self_tests.iter().map(|test| test.signature[0]);
    assert!(flags.eq(SCHEMES.map(Scheme::flag)));
}

#[test]
fn key_types_are_the_schemes() {
    assert_eq!(CHAIN.key_types, SCHEMES.map(Scheme::name));
    for scheme in SCHEMES {
        assert_eq!(Scheme::of_flag(scheme.flag()), Ok(scheme));
    }
}

/// The text of each chain is what the vectors' texts write for it.
#[test]
fn chains_are_written_as_in_the_texts() {
    let Vectors { cases, .. } = read("sui.json");
    for id in CHAIN.chain_ids {
        let (chain, line) = (
            format!("sui:{}", id.reference),
            format!("\nChain ID: {}\n", id.text),
        );
        let of_chain = |case: &&Case| case.class == "sign-in text" && case.claimed.chain == chain;
        let texts: Vec<_> = cases.iter().filter(of_chain).collect();
        assert!(!texts.is_empty(), "{id:?}");
        for case in texts {
            let text = case.claimed.message.as_deref().expect(&case.claimed.id);
            assert!(text.contains(&line), "{}", case.claimed.id);
        }
    }
}

/// What is accepted fits the description, and so do signatures of the schemes that are refused by name.
#[test]
fn limits_are_wide_enough_and_no_wider_for_addresses_and_keys() {
    let Vectors { cases, .. } = read("sui.json");
    let most =
        |length: fn(&Case) -> usize| cases.iter().filter(|case| case.valid).map(length).max();
    let address = most(|case| case.claimed.address.len());
    let public_key = most(|case| case.claimed.public_key().unwrap_or_default().len());
    assert_eq!(address, Some(as_length(CHAIN.max_address_len)));
    assert_eq!(public_key, Some(as_length(CHAIN.max_public_key_len)));
    assert_eq!(most(|case| case.claimed.signature().len()), Some(98));
    let other_schemes = cases.iter().filter(|case| case.class == "other scheme");
    let longest = other_schemes
        .map(|case| case.claimed.signature().len())
        .max();
    assert!(longest.is_some_and(|longest| longest <= as_length(CHAIN.max_signature_len)));
}

fn as_length(limit: u32) -> usize {
    limit.try_into().expect("a small number")
}

#[test]
fn an_address_that_cannot_sign_in_is_told_why() {
    for (text, words) in [
        ("0x2", "0x and 64 hex digits"),
        (
            "0x0000000000000000000000000000000000000000000000000000000000000002",
            "whose key a wallet holds",
        ),
    ] {
        let refusal = Sui.parse_address(CHAIN, text).unwrap_err();
        assert!(refusal.expected().contains(words), "{refusal}");
    }
}

#[test]
fn the_same_bytes_under_another_flag_are_another_address() {
    let key = [2; 33];
    let [k1, r1] = [Scheme::Secp256k1, Scheme::Secp256r1].map(|scheme| Address::of(scheme, &key));
    assert_ne!(k1, r1);
    let ed25519 = Address::of(Scheme::Ed25519, &key[..32]);
    assert!(ed25519 != k1 && ed25519 != r1);
}

/// A signature of Ed25519 by the key of this seed.
fn serialized(seed: &[u8; 32], message: &[u8]) -> (Address, Vec<u8>) {
    use ed25519_dalek::{Signer, SigningKey};
    let key = SigningKey::from_bytes(seed);
    let signature = key.sign(&signed_digest(message)).to_bytes();
    let public_key = key.verifying_key().to_bytes();
    let address = Address::of(Scheme::Ed25519, &public_key);
    (address, [&[0], &signature[..], &public_key[..]].concat())
}

proptest! {
    #[test]
    fn what_a_key_signs_is_accepted_and_nothing_else(
        seed in any::<[u8; 32]>(),
        message in proptest::collection::vec(any::<u8>(), 0..300),
        at in 0_usize..97,
        bit in 0_u32..8,
    ) {
        let (address, mut signature) = serialized(&seed, &message);
        prop_assert_eq!(signature::check(&address, &message, &signature, Sent::default()), Ok(()));
        signature[at] ^= 1 << bit;
        prop_assert!(signature::check(&address, &message, &signature, Sent::default()).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(
        message in proptest::collection::vec(any::<u8>(), 0..200),
        mut signature in proptest::collection::vec(any::<u8>(), 0..140),
        flag in 0_u8..8,
    ) {
        if let Some(first) = signature.first_mut() {
            *first = flag;
        }
        let (flag, key) = (signature.first().copied(), signature.get(65..).unwrap_or_default());
        let scheme = flag.and_then(|flag| Scheme::of_flag(flag).ok()).unwrap_or(Scheme::Ed25519);
        let address = Address::of(scheme, key);
        prop_assert!(signature::check(&address, &message, &signature, Sent::default()).is_err());
    }

    #[test]
    fn whatever_is_read_is_written_as_it_was_but_for_its_case(
        text in "0x[0-9a-fA-F]{64}|(0x)?[0-9a-fA-F]{62,66}|\\PC{0,70}",
    ) {
        if let Ok(canonical) = Sui.parse_address(CHAIN, &text) {
            prop_assert_eq!(&canonical, &text.to_lowercase());
            prop_assert_eq!(Sui.parse_address(CHAIN, &canonical), Ok(canonical));
        }
    }
}
