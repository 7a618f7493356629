use super::*;
use crate::{Chain, ChainId, SelfTest};

const TEST: SelfTest = SelfTest {
    reference: "mainnet",
    address: "alice",
    message: b"message",
    signature: b"signature",
    public_key: None,
    key_type: None,
};

const CHAIN: Chain = Chain {
    chain_ids: &[ChainId::new("mainnet")],
    max_signature_len: 64,
    max_public_key_len: 4,
    self_tests: &[TEST],
    ..Chain::new("mirror", "Mirror")
};

const TWICE: &[ChainId] = &[ChainId::new("mainnet"), ChainId::new("mainnet")];
const ALIKE: &[ChainId] = &[ChainId::new("mainnet"), ChainId::written("one", "mainnet")];

/// Judges a chain with one thing changed.
fn check_with(change: impl FnOnce(&mut Chain)) -> Result<(), Fault> {
    let mut chain = CHAIN;
    change(&mut chain);
    check("plugin", "1.0.0", &[chain])
}

/// Judges a chain with one thing changed in its self-test.
fn check_with_test(change: impl FnOnce(&mut SelfTest)) -> Result<(), Fault> {
    let mut test = TEST;
    change(&mut test);
    let tests = Vec::leak(vec![test]);
    check_with(|chain| chain.self_tests = tests)
}

#[test]
fn a_description_that_keeps_the_rules_is_accepted() {
    assert_eq!(check("a-1", "1.0.0", &[CHAIN]), Ok(()));
    let name = "a".repeat(32);
    let other = Chain::new("other", "O");
    let other = Chain {
        any_reference: true,
        chain_ids: &[],
        ..with_lists(other)
    };
    assert_eq!(check(&name, &"~".repeat(32), &[CHAIN, other]), Ok(()));
}

fn with_lists(chain: Chain) -> Chain {
    Chain {
        namespace: chain.namespace,
        display_name: chain.display_name,
        ..CHAIN
    }
}

#[test]
fn names_and_versions_keep_their_grammar() {
    let name = Err("NAME has to be 3 to 32 of -, a-z, 0-9");
    for text in [
        "",
        "ab",
        "Abc",
        "a_b",
        "a\0b",
        "abcdefghijklmnopqrstuvwxyz0123456",
    ] {
        assert_eq!(check(text, "1", &[CHAIN]), name, "{text}");
    }
    let version = Err("VERSION has to be 1 to 32 printable ASCII characters");
    for text in ["", "1\n", "ä", "123456789012345678901234567890123"] {
        assert_eq!(check("abc", text, &[CHAIN]), version, "{text}");
    }
}

#[test]
fn chains_are_one_to_sixteen_with_a_namespace_each() {
    let count = Err("CHAINS has to hold 1 to 16 chains");
    assert_eq!(check("abc", "1", &[]), count);
    assert_eq!(check("abc", "1", &[CHAIN; 17]), count);
    let twice = Err("two chains have one namespace");
    assert_eq!(check("abc", "1", &[CHAIN; 2]), twice);
}

#[test]
fn a_chain_keeps_its_limits() {
    let namespace = Err("a namespace has to be 3 to 8 of -, a-z, 0-9");
    for text in ["", "ab", "abcdefghi", "Abc"] {
        assert_eq!(
            check_with(|chain| chain.namespace = text),
            namespace,
            "{text}"
        );
    }
    let name = Err(
        "a display name has to be 1 to 32 letters, digits, blanks and hyphens, a letter or digit at both ends",
    );
    for text in [
        "",
        " A",
        "A-",
        "A_B",
        "Ä",
        "A\nB",
        "A bcdefghijklmnopqrstuvwxyz012345",
    ] {
        assert_eq!(
            check_with(|chain| chain.display_name = text),
            name,
            "{text}"
        );
    }
    let address = Err("max_address_len has to be 1 to 128");
    assert_eq!(check_with(|chain| chain.max_address_len = 0), address);
    assert_eq!(check_with(|chain| chain.max_address_len = 129), address);
    let signature = Err("max_signature_len has to be 1 to 16384");
    assert_eq!(check_with(|chain| chain.max_signature_len = 0), signature);
    assert_eq!(
        check_with(|chain| chain.max_signature_len = 16385),
        signature
    );
    let key = Err("max_public_key_len has to be at most 4096");
    assert_eq!(check_with(|chain| chain.max_public_key_len = 4097), key);
    let needed = check_with(|chain| {
        chain.needs_public_key = true;
        chain.max_public_key_len = 0;
    });
    let missing = "a chain that needs a public key has to say max_public_key_len";
    assert_eq!(needed, Err(missing));
}

#[test]
fn lists_keep_their_grammar_and_name_nothing_twice() {
    let none = Err("a chain has to list a chain id or say any_reference");
    assert_eq!(check_with(|chain| chain.chain_ids = &[]), none);
    let many = Err("a chain has to list at most 64 chain ids");
    let ids = const { &[ChainId::new("mainnet"); 65] };
    assert_eq!(check_with(|chain| chain.chain_ids = ids), many);
    let reference = Err("a reference has to be 1 to 32 of -, _, a-z, A-Z, 0-9");
    let ids = const { &[ChainId::new("main:net")] };
    assert_eq!(check_with(|chain| chain.chain_ids = ids), reference);
    let text = Err("a chain id's text has to be 1 to 78 of -, _, a-z, A-Z, 0-9");
    let ids = const { &[ChainId::written("mainnet", "main net")] };
    assert_eq!(check_with(|chain| chain.chain_ids = ids), text);
    let twice = Err("two chain ids have one reference");
    assert_eq!(check_with(|chain| chain.chain_ids = TWICE), twice);
    let alike = Err("two chain ids are written alike");
    assert_eq!(check_with(|chain| chain.chain_ids = ALIKE), alike);

    let many = Err("a chain has to list at most 64 key types");
    assert_eq!(check_with(|chain| chain.key_types = &["a"; 65]), many);
    let grammar = Err("a key type has to be 1 to 32 of -, _, ., a-z, A-Z, 0-9");
    assert_eq!(check_with(|chain| chain.key_types = &[""]), grammar);
    let twice = Err("a key type is listed twice");
    assert_eq!(check_with(|chain| chain.key_types = &["a", "a"]), twice);
}

#[test]
fn self_tests_fit_their_chain() {
    let count = Err("a chain has to have 1 to 64 self-tests");
    assert_eq!(check_with(|chain| chain.self_tests = &[]), count);
    assert_eq!(check_with(|chain| chain.self_tests = &[TEST; 65]), count);
    let reference = Err("a self-test is of a chain id that is not listed");
    assert_eq!(
        check_with_test(|test| test.reference = "testnet"),
        reference
    );
    let address =
        Err("a self-test's address has to be 1 to max_address_len of -, ., %, a-z, A-Z, 0-9");
    assert_eq!(check_with_test(|test| test.address = ""), address);
    assert_eq!(check_with_test(|test| test.address = "a:b"), address);
    let message = Err("a self-test's message has to be 1 to 16384 bytes");
    assert_eq!(check_with_test(|test| test.message = b""), message);
    assert_eq!(check_with_test(|test| test.message = &[0; 16385]), message);
    let signature = Err("a self-test's signature has to be 1 to max_signature_len bytes");
    assert_eq!(check_with_test(|test| test.signature = b""), signature);
    assert_eq!(check_with_test(|test| test.signature = &[0; 65]), signature);
    let key = Err("a self-test's public key has to be 1 to max_public_key_len bytes");
    assert_eq!(check_with_test(|test| test.public_key = Some(&[0; 5])), key);
    assert_eq!(check_with_test(|test| test.public_key = Some(&[])), key);
    let missing = Err("a self-test of a chain that needs a public key has none");
    assert_eq!(check_with(|chain| chain.needs_public_key = true), missing);
    let key_type = Err("a self-test's key type is not listed");
    assert_eq!(
        check_with_test(|test| test.key_type = Some("iron")),
        key_type
    );
}
