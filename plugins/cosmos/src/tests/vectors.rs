//! The files of shared vectors; the README beside them describes every field.
//!
//! `COUNTERSIGN_VECTORS` names another directory with the same files.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use serde::Deserialize;

pub(super) fn read() -> Vectors {
    let root = std::env::var_os("COUNTERSIGN_VECTORS")
        .map_or_else(|| PathBuf::from("../../tests/vectors"), PathBuf::from);
    let path = root.join("cosmos/cosmos.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Written past the test runner's capture, so that counts always show.
pub(super) fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "cosmos.json: {line}").expect("stderr is open");
}

/// The sets of `cosmos.json`.
#[derive(Deserialize)]
pub(super) struct Vectors {
    pub(super) counts: Counts,
    pub(super) cases: Vec<Case>,
    pub(super) addresses: Vec<AddressCase>,
}

/// How many cases the file says it holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) accepts: usize,
    pub(super) rejects: usize,
    pub(super) strict_only: usize,
    pub(super) by_class: BTreeMap<String, ClassCounts>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct ClassCounts {
    pub(super) accepts: usize,
    pub(super) rejects: usize,
}

/// A sign-in as a client would claim it, and what should come of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) class: String,
    pub(super) chain: String,
    pub(super) address: String,
    pub(super) message: String,
    pub(super) signature: String,
    pub(super) public_key: Option<String>,
    pub(super) valid: bool,
    pub(super) strict_only: bool,
    pub(super) reason: String,
}

impl Case {
    pub(super) fn reference(&self) -> &str {
        self.chain.strip_prefix("cosmos:").expect(&self.id)
    }

    pub(super) fn signature(&self) -> Vec<u8> {
        hex::decode(&self.signature).expect(&self.id)
    }

    pub(super) fn public_key(&self) -> Option<Vec<u8>> {
        let digits = self.public_key.as_ref()?;
        Some(hex::decode(digits).expect(&self.id))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AddressCase {
    pub(super) id: String,
    pub(super) address: String,
    pub(super) valid: bool,
    pub(super) refused_for: Option<String>,
}
