//! The shared vectors: addresses, and proofs with the account they claim.
//!
//! `COUNTERSIGN_VECTORS` names another directory with the same files.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use countersign_core::message::SignInMessage;
use countersign_plugin_solana::{InvalidAddress, Refusal, parse, verify};
use serde::Deserialize;

/// The sets of the file; the README beside the vectors describes every field.
#[derive(Deserialize)]
struct Vectors {
    counts: Counts,
    cases: Vec<Case>,
    addresses: Vec<AddressCase>,
    policy: Vec<PolicyCase>,
}

/// How many cases the file says it holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    accepts: usize,
    rejects: usize,
    strict_only: usize,
    by_class: BTreeMap<String, ClassCounts>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
struct ClassCounts {
    accepts: usize,
    rejects: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    class: String,
    #[serde(flatten)]
    claimed: Claimed,
    valid: bool,
    strict_only: bool,
}

/// A sign-in as a client would claim it. The message is given as text or in hex.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claimed {
    id: String,
    address: String,
    message: Option<String>,
    message_hex: Option<String>,
    signature: String,
    public_key: Option<String>,
    reason: String,
}

impl Claimed {
    fn message(&self) -> Vec<u8> {
        match (&self.message, &self.message_hex) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(digits)) => hex::decode(digits).expect(&self.id),
            _ => panic!("{} has no message or two", self.id),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressCase {
    id: String,
    address: String,
    valid: bool,
    refused_for: Option<String>,
}

#[derive(Deserialize)]
struct PolicyCase {
    #[serde(flatten)]
    claimed: Claimed,
    recommend: String,
}

fn vectors() -> Vectors {
    let root = std::env::var_os("COUNTERSIGN_VECTORS")
        .map_or_else(|| PathBuf::from("../../tests/vectors"), PathBuf::from);
    let path = root.join("solana/solana.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Written past the test runner's capture, so that counts always show.
fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "solana.json: {line}").expect("stderr is open");
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

/// The whole of what a plugin does for a sign-in.
fn sign_in(claimed: &Claimed) -> Result<(), Step> {
    let bytes = |digits: &String| hex::decode(digits).expect(&claimed.id);
    let key = parse(&claimed.address).map_err(|_| Step::Address)?;
    let public_key = claimed.public_key.as_ref().map(bytes);
    let signature = bytes(&claimed.signature);
    let answer = verify(&key, &claimed.message(), &signature, public_key.as_deref());
    answer.map_err(|refusal| match refusal {
        Refusal::PublicKey => Step::PublicKey,
        Refusal::Length => Step::Length,
        Refusal::Mismatch => Step::Signature,
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
    say(&format!("proofs by class {classes:#?}"));
    say(&format!("refusals by step {steps:?}"));
    assert_eq!(classes, vectors.counts.by_class);
    assert_eq!(steps.into_keys().collect::<Vec<_>>(), STEPS);
    let sum = |count: fn(&ClassCounts) -> usize| classes.values().map(count).sum::<usize>();
    assert_eq!(sum(|counts| counts.accepts), vectors.counts.accepts);
    assert_eq!(sum(|counts| counts.rejects), vectors.counts.rejects);
    let strict_only = vectors.cases.iter().filter(|case| case.strict_only).count();
    assert_eq!(strict_only, vectors.counts.strict_only);
    assert!(vectors.counts.accepts >= 40, "{}", vectors.counts.accepts);
    assert!(vectors.counts.rejects >= 80, "{}", vectors.counts.rejects);
    assert_ne!(strict_only, 0, "no case that an official library accepts");
}

/// The proofs would be worth little if the server wrote other texts.
#[test]
fn sign_in_texts_are_those_of_core() {
    let vectors = vectors();
    let texts = vectors
        .cases
        .iter()
        .filter(|case| case.class == "sign-in text");
    let mut count = 0;
    for case in texts {
        let id = &case.claimed.id;
        let text = case.claimed.message.as_deref().expect(id);
        let message: SignInMessage = text.parse().expect(id);
        assert_eq!(message.to_string(), text, "{id}");
        assert_eq!(message.fields().chain_name, "Solana", "{id}");
        assert_eq!(message.fields().address, case.claimed.address, "{id}");
        count += 1;
    }
    say(&format!("{count} texts are core's"));
    assert_ne!(count, 0, "no text");
}

#[test]
fn addresses_are_read_as_the_vectors_say() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in vectors().addresses {
        let got = parse(&case.address);
        let refused_for = match got {
            Ok(key) => {
                let canonical = bs58::encode(key.as_bytes()).into_string();
                assert_eq!(canonical, case.address, "{}", case.id);
                None
            }
            Err(InvalidAddress::Form) => Some("form"),
            Err(InvalidAddress::Key) => Some("key"),
        };
        assert_eq!(refused_for, case.refused_for.as_deref(), "{}", case.id);
        assert_eq!(refused_for.is_none(), case.valid, "{}", case.id);
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
    for case in &cases {
        let got = sign_in(&case.claimed);
        let (id, reason) = (&case.claimed.id, &case.claimed.reason);
        match case.recommend.as_str() {
            "accept" => assert_eq!(got, Ok(()), "{id}: {reason}"),
            "reject" => assert_eq!(got, Err(Step::Signature), "{id}: {reason}"),
            advice => say(&format!("{id} came to {got:?}; advice: {advice}; {reason}")),
        }
    }
    assert!(!cases.is_empty(), "no policy case");
}
