//! Solana's plugin and its shared vectors, through the conformance kit: as a process of its own sees them.

use std::{fmt::Write, fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

fn vectors() -> Value {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("vectors/solana/solana.json"));
    serde_json::from_str(&text.expect("the vectors are there")).expect("JSON")
}

/// As an author would write them. JSON's strings are TOML's, too.
fn as_toml(vectors: &Value) -> String {
    let mut text = String::new();
    for case in vectors["cases"].as_array().expect("a list") {
        let message = match case["message"].as_str() {
            Some(message) => hex::encode(message),
            None => case["messageHex"].as_str().expect("either").to_owned(),
        };
        let public_key = case["publicKey"].as_str().unwrap_or_default();
        write!(
            text,
            "[[proof]]\nid = {}\nvalid = {}\nchain = {}\naddress = {}\nmessage_hex = \"{message}\"\n\
             signature = {}\npublic_key = \"{public_key}\"\n",
            case["id"], case["valid"], case["chain"], case["address"], case["signature"],
        )
        .expect("a string takes all");
    }
    for case in vectors["addresses"].as_array().expect("a list") {
        let address = &case["address"];
        let canonical = match case["valid"] == true {
            true => format!("canonical = {address}\n"),
            false => String::new(),
        };
        let id = &case["id"];
        write!(
            text,
            "[[address]]\nid = {id}\nnamespace = \"solana\"\ntext = {address}\n{canonical}"
        )
        .expect("a string takes all");
    }
    text
}

#[test]
fn all_vectors_and_the_whole_kit_find_nothing() {
    let vectors = vectors();
    let directory = TempDir::new().expect("a temporary directory");
    let file = directory.path().join("vectors.toml");
    fs::write(&file, as_toml(&vectors)).expect("a file");
    let library = countersign_tests::build(
        "countersign-plugin-solana",
        "libcountersign_plugin_solana.so",
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
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["findings"], Value::Array(vec![]), "{report:#}");
    assert_eq!(report["passed"], true);
    let count = |set: &str| vectors[set].as_array().map_or(0, Vec::len);
    assert_eq!(report["counts"]["proofs"], count("cases") + 3);
    assert!(count("cases") >= 120 && count("addresses") > 10);
}
