//! What the plugin says of itself, and the limits of what it is asked.

use countersign_plugin::{Chain, ChainPlugin};
use proptest::prelude::*;

use super::vectors::read;
use crate::{
    address::{Address, Network},
    bitcoin::Bitcoin,
    payment::Payment,
};

const CHAIN: &Chain = &Bitcoin::CHAINS[0];

#[test]
fn self_tests_are_vectors_of_every_kind_of_address_on_every_chain() {
    let cases = read().cases;
    let mut kinds = Vec::new();
    for test in CHAIN.self_tests {
        let is_it = |case: &&super::vectors::Case| {
            (case.reference(), &*case.address) == (test.reference, test.address)
                && case.message.as_bytes() == test.message
                && case.signature() == test.signature
        };
        assert!(
            cases
                .iter()
                .filter(|case| case.valid)
                .any(|case| is_it(&case)),
            "{}",
            test.address
        );
        kinds.push(std::mem::discriminant(
            &Address::read(test.address).unwrap().payment,
        ));
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 4);
    for id in CHAIN.chain_ids {
        assert!(
            CHAIN
                .self_tests
                .iter()
                .any(|test| test.reference == id.reference),
            "{id:?}"
        );
    }
}

/// The limits of the description are those of what is accepted.
#[test]
fn limits_are_exact() {
    let cases = read().cases;
    let of_valid = || cases.iter().filter(|case| case.valid);
    let longest_key = of_valid()
        .filter_map(|case| Some(case.public_key()?.len()))
        .max();
    assert_eq!(longest_key, Some(CHAIN.max_public_key_len as usize));
    let longest_address = of_valid().map(|case| case.address.len()).max();
    assert_eq!(longest_address, Some(CHAIN.max_address_len as usize));
    let longest_signature = of_valid().map(|case| case.signature().len()).max();
    assert_eq!(longest_signature, Some(CHAIN.max_signature_len as usize));
}

#[test]
fn an_address_that_cannot_sign_in_is_told_why() {
    for (text, words) in [
        ("0OIl", "25 bytes in Base58"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"),
        (
            "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
            "P2WSH",
        ),
        ("bc1pfeessrawgf", "P2PKH, P2WPKH"),
        ("LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "another chain"),
    ] {
        let refusal = Bitcoin.parse_address(CHAIN, text).unwrap_err();
        assert!(refusal.expected().contains(words), "{text}: {refusal}");
    }
}

proptest! {
    #[test]
    fn every_hash_has_one_address(hash in any::<[u8; 20]>(), is_main in any::<bool>(), kind in 0..3) {
        let network = if is_main { Network::Main } else { Network::Test };
        let payment = [Payment::P2pkh(hash), Payment::P2sh(hash), Payment::P2wpkh(hash)][kind as usize];
        let address = Address { network, payment };
        let text = address.write();
        prop_assert_eq!(Address::read(&text), Ok(address));
        prop_assert_eq!(Bitcoin.parse_address(CHAIN, &text), Ok(text));
    }

    #[test]
    fn whatever_is_read_is_written_as_it_was(text in "(bc1|tb1|BC1)[qp][0-9a-zA-Z]{38,58}|[13mn2][1-9A-HJ-NP-Za-km-z]{33}|\\PC{0,70}") {
        if let Ok(canonical) = Bitcoin.parse_address(CHAIN, &text) {
            prop_assert!(canonical.eq_ignore_ascii_case(&text));
        }
    }
}
