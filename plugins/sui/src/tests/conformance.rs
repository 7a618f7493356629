//! The shared vectors: addresses, and proofs with the account they claim.

use std::collections::BTreeMap;

use countersign_core::message::SignInMessage;
use countersign_plugin::AddressError;

use super::vectors::{Claimed, KindCounts, Vectors, read, say};
use crate::{
    address::Address,
    scheme,
    signature::{self, Sent},
};

fn vectors() -> Vectors {
    read("sui.json")
}

/// What the vectors call each refusal of a signature.
const STEPS: [(&str, &str); 14] = [
    (signature::EMPTY, "empty"),
    (scheme::MULTISIG, "multisig"),
    (scheme::BLS, "bls"),
    (scheme::ZKLOGIN, "zklogin"),
    (scheme::PASSKEY, "passkey"),
    (scheme::UNKNOWN, "flag"),
    (signature::LENGTH, "length"),
    (signature::OTHER_TYPE, "key-type"),
    (signature::OTHER_KEY, "public-key"),
    (signature::OTHER_ADDRESS, "other-address"),
    (signature::NO_KEY, "key"),
    (signature::RANGE, "range"),
    (signature::HIGH_S, "high-s"),
    (signature::MISMATCH, "mismatch"),
];

/// The whole of what the plugin does for a sign-in; the step that refuses.
fn sign_in(claimed: &Claimed) -> Result<(), &'static str> {
    let address = Address::read(&claimed.address).map_err(|_| "address")?;
    let public_key = claimed.public_key();
    let sent = Sent {
        public_key: public_key.as_deref(),
        key_type: claimed.key_type.as_deref(),
    };
    let checked = signature::check(&address, &claimed.message(), &claimed.signature(), sent);
    checked.map_err(|reason| {
        let step = STEPS.iter().find(|(text, _)| *text == reason);
        step.unwrap_or_else(|| panic!("{} is refused because {reason}", claimed.id))
            .1
    })
}

#[test]
fn proofs_are_judged_as_the_vectors_say() {
    let vectors = vectors();
    let mut classes = BTreeMap::<String, KindCounts>::new();
    let mut steps = BTreeMap::<String, KindCounts>::new();
    for case in &vectors.cases {
        let got = sign_in(&case.claimed).err();
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        assert_eq!(got, case.refused_for.as_deref(), "{id}: {reason}");
        assert_eq!(got.is_none(), case.valid, "{id}: {reason}");
        let counts = classes.entry(case.class.clone()).or_default();
        match got {
            None => counts.accepts += 1,
            Some(step) => {
                counts.rejects += 1;
                steps.entry(step.to_owned()).or_default().rejects += 1;
            }
        }
    }
    say(&format!("proofs by class {classes:?}"));
    say(&format!("refusals by step {steps:?}"));
    assert_eq!(classes, vectors.counts.by_class);
    assert_eq!(steps, vectors.counts.by_step);
    let unused: Vec<_> = STEPS
        .iter()
        .filter(|(_, step)| !steps.contains_key(*step))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn there_are_as_many_proofs_as_there_should_be() {
    let Vectors { counts, cases, .. } = vectors();
    let count_of = |is_valid| cases.iter().filter(|case| case.valid == is_valid).count();
    let strict_only = cases.iter().filter(|case| case.strict_only).count();
    assert_eq!(
        (count_of(true), count_of(false), strict_only),
        (counts.accepts, counts.rejects, counts.strict_only)
    );
    assert!(counts.accepts >= 40, "{}", counts.accepts);
    assert!(counts.rejects >= 80, "{}", counts.rejects);
    assert_ne!(
        strict_only, 0,
        "no proof that the official library accepts and we do not"
    );
}

/// Each refusal says what it is about, in words of its own.
#[test]
fn refusals_are_told_apart() {
    for (at, (text, _)) in STEPS.iter().enumerate() {
        assert!(
            STEPS[..at].iter().all(|(other, _)| other != text),
            "{text} twice"
        );
    }
}

/// The proofs would be worth little if the server wrote other texts.
#[test]
fn sign_in_texts_are_those_of_core() {
    let mut cases = vectors().cases;
    cases.retain(|case| case.class == "sign-in text");
    say(&format!("{} texts are core's", cases.len()));
    assert!(!cases.is_empty(), "no text");
    for case in cases {
        let id = &case.claimed.id;
        let text = case.claimed.message.as_deref().expect(id);
        let message: SignInMessage = text.parse().expect(id);
        assert_eq!(message.to_string(), text, "{id}");
        assert_eq!(message.fields().chain_name, "Sui", "{id}");
        assert_eq!(message.fields().address, case.claimed.address, "{id}");
    }
}

#[test]
fn addresses_are_read_as_the_vectors_say() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in vectors().addresses {
        let got = Address::read(&case.address);
        let refused_for = match got {
            Ok(_) => None,
            Err(AddressError::Malformed { .. }) => Some("form"),
            Err(AddressError::CheckFailed { .. }) => Some("key"),
        };
        assert_eq!(refused_for, case.refused_for.as_deref(), "{}", case.id);
        let written = got.ok().map(|address| address.to_string());
        assert_eq!(written, case.canonical, "{}", case.id);
        *counts.entry(refused_for).or_default() += 1;
    }
    say(&format!(
        "addresses by what they are refused for {counts:?}"
    ));
    assert_eq!(counts.len(), 3, "{counts:?}");
}

/// Decisions.
#[test]
fn policy_is_as_advised() {
    let cases = vectors().policy;
    assert!(!cases.is_empty(), "no policy case");
    for case in cases {
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        assert_eq!(case.recommend, "accept", "{id}");
        assert_eq!(sign_in(&case.claimed), Ok(()), "{id}: {reason}");
    }
}
