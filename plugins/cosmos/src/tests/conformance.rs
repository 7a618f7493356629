//! The shared vectors: addresses, and proofs with the account they claim.

use std::collections::{BTreeMap, BTreeSet};

use countersign_core::message::SignInMessage;
use countersign_plugin::{AddressError, ChainPlugin};

use super::vectors::{Case, ClassCounts, Vectors, read, say};
use crate::{
    address::Address,
    cosmos::{Cosmos, NO_PREFIX, OTHER_CHAIN},
    settings::Prefixes,
    signature::{HIGH_S, LENGTH, MISMATCH, NO_KEY, OTHER_ADDRESS, RANGE},
};

pub(super) fn plugin() -> Cosmos {
    Cosmos::new(Prefixes::read("{}").expect("no settings are settings"))
}

/// The whole of what the plugin does for a sign-in.
fn sign_in(case: &Case) -> Result<(), &'static str> {
    let address = Address::read(&case.address).expect(&case.id);
    let (signature, public_key) = (case.signature(), case.public_key());
    plugin().judge(
        case.reference(),
        &address,
        case.message.as_bytes(),
        &signature,
        public_key.as_deref(),
    )
}

/// What refuses each class, all of it.
const EXPECTED: [(&str, &[&str]); 8] = [
    ("other message", &[MISMATCH]),
    ("other key", &[OTHER_ADDRESS, MISMATCH]),
    ("other chain", &[OTHER_CHAIN, MISMATCH, NO_PREFIX]),
    ("other document", &[MISMATCH]),
    ("cut or extended", &[LENGTH, MISMATCH]),
    ("flipped bit", &[MISMATCH]),
    ("public key", &[NO_KEY, OTHER_ADDRESS]),
    ("scalars", &[HIGH_S, RANGE, MISMATCH]),
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
    let expected = EXPECTED.map(|(class, why)| (class, why.iter().copied().collect()));
    assert_eq!(reasons, BTreeMap::from(expected));
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
}

/// The proofs would be worth little if the server wrote other texts.
#[test]
fn sign_in_texts_are_those_of_core() {
    let mut cases = read().cases;
    cases.retain(|case| case.class == "sign-in text");
    assert_eq!(cases.len(), 40);
    for case in cases {
        let (id, text) = (&case.id, &case.message);
        let message: SignInMessage = text.parse().expect(id);
        assert_eq!(message.to_string(), *text, "{id}");
        assert_eq!(message.fields().chain_name, "Cosmos", "{id}");
        assert_eq!(message.fields().address, case.address, "{id}");
        assert_eq!(message.fields().chain_id, case.reference(), "{id}");
    }
}

#[test]
fn addresses_are_read_as_the_vectors_say() {
    let (plugin, chain) = (plugin(), &Cosmos::CHAINS[0]);
    let mut counts = BTreeMap::<_, usize>::new();
    for case in read().addresses {
        let got = plugin.parse_address(chain, &case.address);
        let refused_for = match got {
            Ok(_) => None,
            Err(AddressError::Malformed { .. }) => Some("form"),
            Err(AddressError::CheckFailed { .. }) => Some("check"),
        };
        assert_eq!(refused_for, case.refused_for.as_deref(), "{}", case.id);
        assert_eq!(refused_for.is_none(), case.valid, "{}", case.id);
        assert!(
            got.is_ok_and(|text| text == case.address) == case.valid,
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
