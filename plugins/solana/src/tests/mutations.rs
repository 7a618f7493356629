//! Thousands of small edits of good proofs, on which two other implementations have been asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::vectors::read;
use crate::{address, signature};

/// The file; the README beside it describes every field.
#[derive(Deserialize)]
struct Mutations {
    fields: [String; 3],
    counts: BTreeMap<String, usize>,
    bases: Vec<Base>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Base {
    address: String,
    key: String,
    message: String,
    signature: String,
}

/// `[base, who accepts, edit…]`
#[derive(Deserialize)]
#[serde(from = "Vec<Item>")]
struct Case {
    base: usize,
    accepted_by: String,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Base(usize),
    AcceptedBy(String),
    Edit(Edit),
}

/// `[field, at, removed, inserted]`
#[derive(Deserialize)]
struct Edit(usize, usize, usize, String);

impl From<Vec<Item>> for Case {
    fn from(items: Vec<Item>) -> Self {
        let mut items = items.into_iter();
        let (Some(Item::Base(base)), Some(Item::AcceptedBy(accepted_by))) =
            (items.next(), items.next())
        else {
            panic!("a case begins with its base and who accepts it");
        };
        let edits = items.map(|item| match item {
            Item::Edit(edit) => edit,
            Item::Base(_) | Item::AcceptedBy(_) => panic!("only edits follow"),
        });
        Self {
            base,
            accepted_by,
            edits: edits.collect(),
        }
    }
}

impl Case {
    /// Key, message and signature after the edits.
    fn apply(&self, base: &Base) -> [Vec<u8>; 3] {
        let parts = [&base.key, &base.message, &base.signature];
        let mut parts = parts.map(|digits| hex::decode(digits).expect("hex"));
        for Edit(field, at, removed, inserted) in &self.edits {
            let inserted = hex::decode(inserted).expect("hex");
            parts[*field].splice(*at..at + removed, inserted);
        }
        parts
    }
}

fn mutations() -> Mutations {
    read("solana-mutations.json")
}

fn is_accepted([key, message, signature]: &[Vec<u8>; 3]) -> bool {
    let address = bs58::encode(key).into_string();
    address::read(&address)
        .is_ok_and(|key| signature::check(&key, message, signature, None).is_ok())
}

#[test]
fn mutated_proofs_are_judged_as_by_a_strict_verifier() {
    let mutations = mutations();
    assert_eq!(mutations.fields, ["key", "message", "signature"]);
    let mut counts = BTreeMap::<_, usize>::new();
    for (number, case) in mutations.cases.iter().enumerate() {
        let proof = case.apply(&mutations.bases[case.base]);
        let is_valid = case.accepted_by.starts_with('v');
        assert_eq!(is_accepted(&proof), is_valid, "case {number}: {proof:02x?}");
        *counts.entry(case.accepted_by.clone()).or_default() += 1;
    }
    assert_eq!(counts, mutations.counts);
    let count = counts.values().sum::<usize>();
    assert!(count >= 5000, "{count}");
    // Accepted by all, by nobody, by both libraries but not a strict verifier, and by the one with a cofactor.
    assert_eq!(
        counts.into_keys().collect::<Vec<_>>(),
        ["", "ku", "u", "vku"]
    );
}

#[test]
fn the_proofs_that_are_mutated_are_good() {
    for base in mutations().bases {
        let proof = [&base.key, &base.message, &base.signature];
        let proof = proof.map(|digits| hex::decode(digits).expect("hex"));
        assert!(is_accepted(&proof), "{}", base.address);
        assert_eq!(bs58::encode(&proof[0]).into_string(), base.address);
    }
}
