//! The shared vectors: addresses, and proofs with the account they claim.

use std::collections::BTreeMap;

use countersign_core::message::SignInMessage;
use countersign_plugin::AddressError;

use super::vectors::{Claimed, ClassCounts, Vectors, read, say};
use crate::{address, signature};

fn vectors() -> Vectors {
    read("solana.json")
}

/// What refuses a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Address,
    PublicKey,
    Length,
    Signature,
}

const STEPS: [Step; 4] = [
    Step::Address,
    Step::PublicKey,
    Step::Length,
    Step::Signature,
];

/// The whole of what the plugin does for a sign-in.
fn sign_in(claimed: &Claimed) -> Result<(), Step> {
    let key = address::read(&claimed.address).map_err(|_| Step::Address)?;
    let public_key = claimed.public_key();
    let answer = signature::check(
        &key,
        &claimed.message(),
        &claimed.signature(),
        public_key.as_deref(),
    );
    answer.map_err(|reason| match reason {
        signature::OTHER_KEY => Step::PublicKey,
        signature::LENGTH => Step::Length,
        signature::MISMATCH => Step::Signature,
        other => panic!("{} is refused because {other}", claimed.id),
    })
}

#[test]
fn proofs_are_judged_as_the_vectors_say() {
    let vectors = vectors();
    let mut classes = BTreeMap::<String, ClassCounts>::new();
    let mut steps = BTreeMap::<_, usize>::new();
    for case in &vectors.cases {
        let got = sign_in(&case.claimed);
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        assert_eq!(got.is_ok(), case.valid, "{id} came to {got:?}: {reason}");
        let counts = classes.entry(case.class.clone()).or_default();
        match got {
            Ok(()) => counts.accepts += 1,
            Err(step) => {
                counts.rejects += 1;
                *steps.entry(step).or_default() += 1;
            }
        }
    }
    say(&format!("proofs by class {classes:?}"));
    say(&format!("refusals by step {steps:?}"));
    assert_eq!(classes, vectors.counts.by_class);
    assert_eq!(steps.into_keys().collect::<Vec<_>>(), STEPS);
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
    assert_ne!(strict_only, 0, "no proof that an official library accepts");
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
        assert_eq!(message.fields().chain_name, "Solana", "{id}");
        assert_eq!(message.fields().address, case.claimed.address, "{id}");
    }
}

#[test]
fn addresses_are_read_as_the_vectors_say() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in vectors().addresses {
        let got = address::read(&case.address);
        let refused_for = match got {
            Ok(_) => None,
            Err(AddressError::Malformed { .. }) => Some("form"),
            Err(AddressError::CheckFailed { .. }) => Some("key"),
        };
        assert_eq!(refused_for, case.refused_for.as_deref(), "{}", case.id);
        assert_eq!(refused_for.is_none(), case.valid, "{}", case.id);
        if let Ok(key) = got {
            assert_eq!(address::write(&key), case.address, "{}", case.id);
        }
        *counts.entry(refused_for).or_default() += 1;
    }
    say(&format!(
        "addresses by what they are refused for {counts:?}"
    ));
    assert_eq!(counts.len(), 3, "{counts:?}");
}

/// Decisions. Those left open are printed.
#[test]
fn policy_is_as_advised() {
    let cases = vectors().policy;
    assert!(!cases.is_empty(), "no policy case");
    for case in cases {
        let got = sign_in(&case.claimed);
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        match case.recommend.as_str() {
            "accept" => assert_eq!(got, Ok(()), "{id}: {reason}"),
            "reject" => assert_eq!(got, Err(Step::Signature), "{id}: {reason}"),
            advice => say(&format!("{id} came to {got:?}; advice: {advice}; {reason}")),
        }
    }
}
