//! The conformance kit on our own plugins, with all vectors of their chains, in jailed processes.

use std::{fmt::Write, fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

/// A plugin, the namespace that it serves, and the valid proofs of its vectors that rightly hold in a second form.
struct Plugin {
    name: &'static str,
    namespace: &'static str,
    has_two_forms: fn(&Value) -> bool,
}

fn vectors(name: &str) -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join(format!("vectors/{name}/{name}.json")));
    serde_json::from_str(&text.expect("the vectors are there")).expect("JSON")
}

/// Those that a plugin can be asked: the ABI has no public key that is there and empty.
fn cases(vectors: &Value) -> impl Iterator<Item = &Value> {
    let cases = vectors["cases"].as_array().expect("a list").iter();
    cases.filter(|case| case["publicKey"] != "")
}

impl Plugin {
    /// As an author would write them. JSON's strings are TOML's, too.
    fn as_toml(&self, vectors: &Value) -> String {
        let mut text = String::new();
        for case in cases(vectors) {
            let message = match case["message"].as_str() {
                Some(message) => hex::encode(message),
                None => case["messageHex"].as_str().expect("either").to_owned(),
            };
            let public_key = case["publicKey"].as_str().unwrap_or_default();
            let key_type = case["keyType"].as_str().unwrap_or_default();
            let judge_only = (self.has_two_forms)(case);
            write!(
                text,
                "[[proof]]\nid = {}\nvalid = {}\nchain = {}\naddress = {}\nmessage_hex = \"{message}\"\n\
                 signature = {}\npublic_key = \"{public_key}\"\nkey_type = \"{key_type}\"\njudge_only = {judge_only}\n",
                case["id"], case["valid"], case["chain"], case["address"], case["signature"],
            )
            .expect("a string takes all");
        }
        for case in vectors["addresses"].as_array().expect("a list") {
            let address = &case["address"];
            let canonical = match (&case["canonical"], case["valid"] == true) {
                (Value::String(canonical), _) => format!("canonical = {canonical:?}\n"),
                (_, true) => format!("canonical = {address}\n"),
                _ => String::new(),
            };
            let (id, namespace) = (&case["id"], self.namespace);
            write!(
                text,
                "[[address]]\nid = {id}\nnamespace = \"{namespace}\"\ntext = {address}\n{canonical}"
            )
            .expect("a string takes all");
        }
        text
    }

    fn assert_that_nothing_is_found(&self) {
        let vectors = vectors(self.name);
        let directory = TempDir::new().expect("a temporary directory");
        let file = directory.path().join("vectors.toml");
        fs::write(&file, self.as_toml(&vectors)).expect("a file");
        let library = countersign_tests::build(
            &format!("countersign-plugin-{}", self.name),
            &format!("libcountersign_plugin_{}.so", self.name),
        );
        let output = Command::new(countersign_tests::binary())
            .args([
                "plugin",
                "check",
                "--json",
                "--mutations",
                "10000",
                "--vectors",
            ])
            .arg(&file)
            .arg(&library)
            .output()
            .expect("the binary runs");
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {output:?}"));
        assert_eq!(report["findings"], Value::Array(vec![]), "{report:#}");
        assert_eq!(report["passed"], true);
        let asked = cases(&vectors).count() as u64;
        let proofs = report["counts"]["proofs"].as_u64().expect("a number");
        assert!(proofs >= asked + 3 && asked >= 120, "{report:#}");
    }
}

#[test]
fn solana_passes_the_whole_kit() {
    Plugin {
        name: "solana",
        namespace: "solana",
        has_two_forms: |_| false,
    }
    .assert_that_nothing_is_found();
}

/// Legacy messages have two headers for segwit addresses, and those for P2PKH hold for the same key's segwit address;
/// the internal key of P2TR is taken with its tag and without.
#[test]
fn bitcoin_passes_the_whole_kit() {
    Plugin {
        name: "bitcoin",
        namespace: "bip122",
        has_two_forms: |case| {
            let signature = case["signature"].as_str().expect("hex");
            let is_legacy = signature.len() == 130;
            let has_key = case["publicKey"].is_string();
            is_legacy || has_key
        },
    }
    .assert_that_nothing_is_found();
}

#[test]
fn cosmos_passes_the_whole_kit() {
    Plugin {
        name: "cosmos",
        namespace: "cosmos",
        has_two_forms: |_| false,
    }
    .assert_that_nothing_is_found();
}

/// A public key is taken with its flag and without.
#[test]
fn sui_passes_the_whole_kit() {
    Plugin {
        name: "sui",
        namespace: "sui",
        has_two_forms: |case| case["publicKey"].is_string(),
    }
    .assert_that_nothing_is_found();
}
