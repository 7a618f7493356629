//! What the plugin says of itself, and the limits of what it is asked.

use countersign_plugin::{Chain, ChainPlugin, SelfTest};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;

use super::vectors::{Case, Claimed, Vectors, read};
use crate::{address, signature, solana::Solana};

const CHAIN: &Chain = &Solana::CHAINS[0];

/// The bytes of a proof without its public key: those of the account's.
type Signed = (String, Vec<u8>, Vec<u8>);

fn of_vector(claimed: &Claimed) -> Signed {
    let chain = claimed.chain.strip_prefix("solana:");
    let account = format!("{} {}", chain.expect("a chain of Solana"), claimed.address);
    (account, claimed.message(), claimed.signature())
}

fn of_self_test(test: &SelfTest) -> Signed {
    let account = format!("{} {}", test.reference, test.address);
    (account, test.message.to_vec(), test.signature.to_vec())
}

#[test]
fn self_tests_are_vectors_one_for_each_chain() {
    let Vectors { mut cases, .. } = read("solana.json");
    cases.retain(|case| case.valid);
    let vectors: Vec<_> = cases.iter().map(|case| of_vector(&case.claimed)).collect();
    for test in CHAIN.self_tests {
        assert!(vectors.contains(&of_self_test(test)), "{}", test.address);
        let key = address::read(test.address).unwrap();
        let checked = signature::check(&key, test.message, test.signature, test.public_key);
        assert_eq!(checked, Ok(()), "{}", test.address);
    }
    let tested = CHAIN.self_tests.iter().map(|test| test.reference);
    let served = CHAIN.chain_ids.iter().map(|id| id.reference);
    assert!(tested.eq(served));
}

/// The text of each chain is what the vectors' texts write for it.
#[test]
fn chains_are_written_as_in_the_texts() {
    let Vectors { cases, .. } = read("solana.json");
    for id in CHAIN.chain_ids {
        let (chain, line) = (
            format!("solana:{}", id.reference),
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

/// The limits of the description are those of what is accepted.
#[test]
fn limits_are_exact() {
    let Vectors { cases, .. } = read("solana.json");
    for case in cases.iter().filter(|case| case.valid) {
        let (claimed, id) = (&case.claimed, &case.claimed.id);
        assert_eq!(claimed.signature().len(), length(CHAIN.max_signature_len));
        assert!(
            claimed.address.len() <= length(CHAIN.max_address_len),
            "{id}"
        );
        let key = claimed.public_key();
        assert!(key.is_none_or(|key| key.len() == length(CHAIN.max_public_key_len)));
    }
}

fn length(limit: u32) -> usize {
    limit.try_into().expect("a small number")
}

#[test]
fn an_address_that_cannot_sign_in_is_told_why() {
    for (text, words) in [
        ("0OIl", "32 bytes in Base58"),
        (
            "11111111111111111111111111111111",
            "whose key a wallet holds",
        ),
    ] {
        let refusal = Solana.parse_address(CHAIN, text).unwrap_err();
        assert!(refusal.expected().contains(words), "{refusal}");
    }
}

proptest! {
    #[test]
    fn every_key_has_one_address(secret in any::<[u8; 32]>()) {
        let key = SigningKey::from_bytes(&secret).verifying_key();
        let text = address::write(&key);
        prop_assert_eq!(address::read(&text), Ok(key));
        prop_assert_eq!(Solana.parse_address(CHAIN, &text), Ok(text));
    }

    #[test]
    fn whatever_is_read_is_written_as_it_was(text in "[1-9A-HJ-NP-Za-km-z]{43,44}|\\PC{0,60}") {
        if let Ok(canonical) = Solana.parse_address(CHAIN, &text) {
            prop_assert_eq!(canonical, text);
        }
    }
}
