//! What the plugin says of itself, and its settings.

use countersign_plugin::{Chain, ChainPlugin, Error};
use proptest::prelude::*;

use super::{
    conformance::plugin,
    vectors::{Case, read},
};
use crate::{address::Address, cosmos::Cosmos, settings::Prefixes, sign_doc::sign_doc};

const CHAIN: &Chain = &Cosmos::CHAINS[0];

#[test]
fn self_tests_are_vectors_of_three_chains() {
    let cases = read().cases;
    for test in CHAIN.self_tests {
        let is_it = |case: &Case| {
            (case.reference(), &*case.address) == (test.reference, test.address)
                && case.message.as_bytes() == test.message
                && case.signature() == test.signature
                && case.public_key().as_deref() == test.public_key
        };
        assert!(
            cases.iter().any(|case| case.valid && is_it(case)),
            "{}",
            test.address
        );
    }
}

/// The vectors have every chain that is known without settings.
#[test]
fn every_chain_has_its_prefix() {
    let prefixes = Prefixes::read("{}").unwrap();
    let cases = read().cases;
    for id in CHAIN.chain_ids {
        let case = cases
            .iter()
            .find(|case| case.valid && case.reference() == id.reference);
        let address = Address::read(&case.expect(id.reference).address).unwrap();
        assert_eq!(prefixes.of(id.reference), Some(address.prefix), "{id:?}");
    }
}

#[test]
fn the_document_is_the_one_of_adr_36() {
    let address = Address::read("osmo150rtrmj2f8vl9tem8qpfw36ylw5jg9j2mcee0t");
    let document = sign_doc(b"hi", &address.unwrap());
    let parsed: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(parsed["msgs"][0]["value"]["data"], "aGk=");
    assert_eq!(serde_json::to_string(&parsed).unwrap(), document);
}

#[test]
fn settings_add_a_chain_and_replace_a_prefix() {
    let prefixes =
        Prefixes::read(r#"{"prefixes": {"my-testnet-7": "cosmos", "juno-1": "other"}}"#).unwrap();
    let text = |reference| prefixes.of(reference).map(|hrp| hrp.to_string());
    assert_eq!(text("my-testnet-7").as_deref(), Some("cosmos"));
    assert_eq!(text("juno-1").as_deref(), Some("other"));
    assert_eq!(text("osmosis-1").as_deref(), Some("osmo"));
    assert_eq!(text("unknown-1"), None);
}

#[test]
fn settings_that_are_wrong_are_refused_by_name() {
    for (config, words) in [
        (r#"{"prefix": {}}"#, "unknown field `prefix`"),
        (r#"{"prefixes": ["cosmos"]}"#, "expected a map"),
        (r#"{"prefixes": {"a-1": 5}}"#, "expected a string"),
        (
            r#"{"prefixes": {"a 1": "cosmos"}}"#,
            "\"a 1\" is no chain id",
        ),
        (r#"{"prefixes": {"": "cosmos"}}"#, "\"\" is no chain id"),
        (
            r#"{"prefixes": {"a-1": ""}}"#,
            "prefixes.a-1: expected 1 to 40",
        ),
        (
            r#"{"prefixes": {"a-1": "Cosmos"}}"#,
            "prefixes.a-1: expected 1 to 40",
        ),
        (
            r#"{"prefixes": {"injective-1": "inj"}}"#,
            "eth_secp256k1, which is not served",
        ),
        (
            r#"{"prefixes": {"evmos_9001-2": "evmos"}}"#,
            "eth_secp256k1, which is not served",
        ),
        ("[]", "settings"),
        ("", "settings"),
    ] {
        match Prefixes::read(config) {
            Err(Error::InvalidInput(text)) => assert!(text.contains(words), "{config}: {text}"),
            other => panic!("{config} came to {other:?}"),
        }
    }
}

#[test]
fn an_address_that_cannot_sign_in_is_told_why() {
    let of = |id: &str| {
        read()
            .addresses
            .into_iter()
            .find(|case| case.id == id)
            .expect("a vector")
            .address
    };
    for (id, words) in [
        ("upper case", "lower-case Bech32"),
        ("a character changed", "checksum"),
        ("32 bytes", "contracts and interchain accounts"),
        ("eth_secp256k1 of evmos", "eth_secp256k1"),
        ("another prefix", "prefix of a chain that is served"),
    ] {
        let refusal = plugin().parse_address(CHAIN, &of(id)).unwrap_err();
        assert!(refusal.expected().contains(words), "{id}: {refusal}");
    }
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_as_it_was(text in "(cosmos|osmo)1[0-9a-z]{38,39}|\\PC{0,100}") {
        if let Ok(canonical) = plugin().parse_address(CHAIN, &text) {
            prop_assert_eq!(canonical, text);
        }
    }

    #[test]
    fn settings_of_any_text_never_panic(text in "\\PC{0,200}") {
        let _ = Prefixes::read(&text);
    }
}
