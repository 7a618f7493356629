//! The shared vectors: addresses, and proofs with the account they claim.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::message::SignInMessage;
use countersign_plugin::AddressError;

use super::vectors::{Case, ClassCounts, Vectors, read, say};
use crate::{
    address::Address,
    bip322::{DER, HASH_TYPE, SEGWIT_STACK, TAPROOT_STACK},
    bitcoin::{Bitcoin, OTHER_NETWORK},
    legacy::{HEADER, LENGTH},
    signature::{HIGH_S, MISMATCH, OTHER_ADDRESS, OTHER_KEY},
};

/// The whole of what the plugin does for a sign-in.
pub(super) fn sign_in(case: &Case) -> Result<(), &'static str> {
    let address = Address::read(&case.address).expect(&case.id);
    let public_key = case.public_key();
    let signature = case.signature();
    let message = case.message.as_bytes();
    Bitcoin::judge(
        case.reference(),
        &address,
        message,
        &signature,
        public_key.as_deref(),
    )
}

/// What refuses each class at the least.
const EXPECTED: [(&str, &[&str]); 8] = [
    ("public key", &[OTHER_KEY]),
    ("other network", &[OTHER_NETWORK]),
    ("other message", &[OTHER_ADDRESS, MISMATCH]),
    ("other key", &[OTHER_ADDRESS, MISMATCH]),
    (
        "other kind of address",
        &[HEADER, TAPROOT_STACK, OTHER_ADDRESS, MISMATCH, SEGWIT_STACK],
    ),
    (
        "cut or extended",
        &[LENGTH, HEADER, SEGWIT_STACK, TAPROOT_STACK],
    ),
    (
        "form",
        &[
            DER,
            HASH_TYPE,
            HEADER,
            HIGH_S,
            MISMATCH,
            OTHER_ADDRESS,
            SEGWIT_STACK,
            TAPROOT_STACK,
        ],
    ),
    ("legacy of segwit", &[HEADER, HIGH_S, LENGTH]),
];

#[test]
fn proofs_are_judged_as_the_vectors_say() {
    let vectors = read();
    let mut classes = BTreeMap::<String, ClassCounts>::new();
    let mut reasons = BTreeMap::<_, BTreeSet<_>>::new();
    for case in &vectors.cases {
        let got = sign_in(case);
        let (id, reason) = (&case.id, &case.reason);
        assert_eq!(got.is_ok(), case.valid, "{id} came to {got:?}: {reason}");
        let counts = classes.entry(case.class.clone()).or_default();
        match got {
            Ok(()) => counts.accepts += 1,
            Err(why) => {
                counts.rejects += 1;
                reasons.entry(case.class.as_str()).or_default().insert(why);
            }
        }
    }
    say(&format!("proofs by class {classes:?}"));
    assert_eq!(classes, vectors.counts.by_class);
    for (class, expected) in EXPECTED {
        let missing: Vec<_> = expected
            .iter()
            .filter(|why| !reasons[class].contains(*why))
            .collect();
        assert!(missing.is_empty(), "{class}: never because {missing:?}");
    }
}

#[test]
fn there_are_as_many_proofs_as_there_should_be() {
    let Vectors { counts, cases, .. } = read();
    let count_of = |is_valid| cases.iter().filter(|case| case.valid == is_valid).count();
    let strict_only = cases.iter().filter(|case| case.strict_only).count();
    assert_eq!(
        (count_of(true), count_of(false), strict_only),
        (counts.accepts, counts.rejects, counts.strict_only)
    );
    assert!(counts.accepts >= 40, "{}", counts.accepts);
    assert!(counts.rejects >= 80, "{}", counts.rejects);
    assert_ne!(strict_only, 0, "no proof that the official library accepts");
}

/// The proofs would be worth little if the server wrote other texts.
#[test]
fn sign_in_texts_are_those_of_core() {
    let mut cases = read().cases;
    cases.retain(|case| case.class == "sign-in text");
    assert_eq!(cases.len(), 45);
    for case in cases {
        let (id, text) = (&case.id, &case.message);
        let message: SignInMessage = text.parse().expect(id);
        assert_eq!(message.to_string(), *text, "{id}");
        assert_eq!(message.fields().chain_name, "Bitcoin", "{id}");
        assert_eq!(message.fields().address, case.address, "{id}");
        assert_eq!(message.fields().chain_id, case.reference(), "{id}");
    }
}

#[test]
fn addresses_are_read_as_the_vectors_say() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in read().addresses {
        let got = Address::read(&case.address);
        let refused_for = match got {
            Ok(_) => None,
            Err(AddressError::Malformed { .. }) => Some("form"),
            Err(AddressError::CheckFailed { .. }) => Some("check"),
        };
        assert_eq!(refused_for, case.refused_for.as_deref(), "{}", case.id);
        assert_eq!(refused_for.is_none(), case.valid, "{}", case.id);
        assert_eq!(
            got.ok().map(|address| address.write()),
            case.canonical,
            "{}",
            case.id
        );
        *counts.entry(refused_for).or_default() += 1;
    }
    say(&format!(
        "addresses by what they are refused for {counts:?}"
    ));
    assert_eq!(counts.len(), 3, "{counts:?}");
}
