//! The files of shared vectors; the README beside them describes every field.
//!
//! `COUNTERSIGN_VECTORS` names another directory with the same files.

use std::{collections::BTreeMap, io::Write, path::PathBuf};

use serde::{Deserialize, de::DeserializeOwned};

/// Reads `sui/NAME`.
pub(super) fn read<T: DeserializeOwned>(name: &str) -> T {
    let root = std::env::var_os("COUNTERSIGN_VECTORS")
        .map_or_else(|| PathBuf::from("../../tests/vectors"), PathBuf::from);
    let path = root.join("sui").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Written past the test runner's capture, so that counts always show.
pub(super) fn say(line: &str) {
    writeln!(std::io::stderr().lock(), "sui.json: {line}").expect("stderr is open");
}

/// The sets of `sui.json`.
#[derive(Deserialize)]
pub(super) struct Vectors {
    pub(super) counts: Counts,
    pub(super) cases: Vec<Case>,
    pub(super) addresses: Vec<AddressCase>,
    pub(super) policy: Vec<PolicyCase>,
}

/// How many cases the file says it holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) accepts: usize,
    pub(super) rejects: usize,
    pub(super) strict_only: usize,
    pub(super) by_class: BTreeMap<String, KindCounts>,
    pub(super) by_step: BTreeMap<String, KindCounts>,
}

#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct KindCounts {
    pub(super) accepts: usize,
    pub(super) rejects: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    pub(super) class: String,
    #[serde(flatten)]
    pub(super) claimed: Claimed,
    pub(super) valid: bool,
    pub(super) refused_for: Option<String>,
    pub(super) strict_only: bool,
}

/// A sign-in as a client would claim it. The message is given as text or in hex.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) chain: String,
    pub(super) address: String,
    pub(super) message: Option<String>,
    pub(super) message_hex: Option<String>,
    pub(super) signature: String,
    pub(super) public_key: Option<String>,
    pub(super) key_type: Option<String>,
    pub(super) reason: String,
}

impl Claimed {
    pub(super) fn message(&self) -> Vec<u8> {
        match (&self.message, &self.message_hex) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(digits)) => hex::decode(digits).expect(&self.id),
            _ => panic!("{} has no message or two", self.id),
        }
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
    pub(super) canonical: Option<String>,
    pub(super) refused_for: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PolicyCase {
    #[serde(flatten)]
    pub(super) claimed: Claimed,
    pub(super) recommend: String,
}
