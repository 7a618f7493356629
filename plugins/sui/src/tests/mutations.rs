//! Thousands of small edits of good proofs, on which two other implementations have been asked.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::vectors::{read, say};
use crate::{
    address::Address,
    hash::blake2b_256,
    signature::{self, Sent},
};

/// The file; the README beside it describes every field.
#[derive(Deserialize)]
struct Mutations {
    fields: [String; 2],
    counts: BTreeMap<String, usize>,
    bases: Vec<Base>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Base {
    address: String,
    message: String,
    signature: String,
}

/// `[base, whether the address is bound, who accepts, edit…]`
#[derive(Deserialize)]
#[serde(from = "Vec<Item>")]
struct Case {
    base: usize,
    is_bound: bool,
    accepted_by: String,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Number(usize),
    AcceptedBy(String),
    Edit(Edit),
}

/// `[field, at, removed, inserted]`
#[derive(Deserialize)]
struct Edit(usize, usize, usize, String);

impl From<Vec<Item>> for Case {
    fn from(items: Vec<Item>) -> Self {
        let mut items = items.into_iter();
        let (
            Some(Item::Number(base)),
            Some(Item::Number(is_bound)),
            Some(Item::AcceptedBy(accepted_by)),
        ) = (items.next(), items.next(), items.next())
        else {
            panic!("a case begins with its base, 0 or 1, and who accepts it");
        };
        let edits = items.map(|item| match item {
            Item::Edit(edit) => edit,
            Item::Number(_) | Item::AcceptedBy(_) => panic!("only edits follow"),
        });
        Self {
            base,
            is_bound: is_bound == 1,
            accepted_by,
            edits: edits.collect(),
        }
    }
}

impl Base {
    fn parts(&self) -> [Vec<u8>; 2] {
        [&self.message, &self.signature].map(|digits| hex::decode(digits).expect("hex"))
    }
}

impl Case {
    /// Address, message and signature after the edits.
    fn apply(&self, base: &Base) -> (String, [Vec<u8>; 2]) {
        let mut parts = base.parts();
        for Edit(field, at, removed, inserted) in &self.edits {
            let inserted = hex::decode(inserted).expect("hex");
            parts[*field].splice(*at..at + removed, inserted);
        }
        let address = if self.is_bound {
            bound_address(&parts[1])
        } else {
            base.address.clone()
        };
        (address, parts)
    }
}

/// The address of the flag, or 0, and all that follows the 64 bytes, whatever they are.
fn bound_address(signature: &[u8]) -> String {
    let flag = signature.first().copied().unwrap_or_default();
    let key = signature.get(65..).unwrap_or_default();
    format!("0x{}", hex::encode(blake2b_256(&[&[flag], key])))
}

fn mutations() -> Mutations {
    read("sui-mutations.json")
}

fn is_accepted(address: &str, [message, signature]: &[Vec<u8>; 2]) -> bool {
    Address::read(address).is_ok_and(|address| {
        signature::check(&address, message, signature, Sent::default()).is_ok()
    })
}

#[test]
fn mutated_proofs_are_judged_as_by_a_strict_verifier() {
    let mutations = mutations();
    assert_eq!(mutations.fields, ["message", "signature"]);
    let mut counts = BTreeMap::<_, usize>::new();
    for (number, case) in mutations.cases.iter().enumerate() {
        let (address, parts) = case.apply(&mutations.bases[case.base]);
        let is_valid = case.accepted_by.starts_with('v');
        assert_eq!(
            is_accepted(&address, &parts),
            is_valid,
            "case {number}: {address} {parts:02x?}"
        );
        *counts.entry(case.accepted_by.clone()).or_default() += 1;
    }
    say(&format!("mutations by who accepts {counts:?}"));
    assert_eq!(counts, mutations.counts);
    let count = counts.values().sum::<usize>();
    assert!(count >= 5000, "{count}");
    // Accepted by nobody, by Sui's library but not a strict verifier, and by both.
    assert_eq!(counts.into_keys().collect::<Vec<_>>(), ["", "s", "vs"]);
}

#[test]
fn the_proofs_that_are_mutated_are_good() {
    for base in mutations().bases {
        let parts = base.parts();
        assert!(is_accepted(&base.address, &parts), "{}", base.address);
        assert_eq!(bound_address(&parts[1]), base.address);
    }
}
