//! Dependencies point one way: core knows nothing of the others, chains know core only, and
//! nothing but the tests knows everything.

use std::collections::BTreeSet;

use serde_json::Value;

/// For each of our crates, what of ours, and what of the outside that matters, it may depend on.
const RULES: [(&str, &[&str]); 11] = [
    ("countersign-core", &[]),
    ("countersign-alephium", &["countersign-core"]),
    ("countersign-ethereum", &["countersign-core"]),
    ("countersign-plugin-abi", &[]),
    ("countersign-plugin", &["countersign-plugin-abi"]),
    ("countersign-plugin-bitcoin", &["countersign-plugin"]),
    ("countersign-plugin-cosmos", &["countersign-plugin"]),
    ("countersign-plugin-solana", &["countersign-plugin"]),
    ("countersign-plugin-sui", &["countersign-plugin"]),
    (
        "countersign-plugin-host",
        &["countersign-core", "countersign-plugin-abi"],
    ),
    (
        "countersign-server",
        &[
            "countersign-alephium",
            "countersign-core",
            "countersign-ethereum",
            "countersign-plugin-abi",
            "countersign-plugin-host",
        ],
    ),
];

/// What core must not know: HTTP, SQL, the network, signatures, how counts are published.
const FORBIDDEN_IN_CORE: [&str; 7] = [
    "poem",
    "poem-openapi",
    "sea-orm",
    "reqwest",
    "k256",
    "jsonwebtoken",
    "prometheus-client",
];

#[test]
fn dependencies_point_one_way() {
    for (package, allowed) in RULES {
        let ours: BTreeSet<String> = dependencies(package)
            .into_iter()
            .filter(|name| name.starts_with("countersign-"))
            .collect();
        assert_eq!(
            ours,
            allowed.iter().map(|name| (*name).to_owned()).collect(),
            "{package}"
        );
    }
    let core = dependencies("countersign-core");
    assert!(
        FORBIDDEN_IN_CORE.iter().all(|name| !core.contains(*name)),
        "{core:?}"
    );
}

/// The ordinary dependencies a package declares.
fn dependencies(package: &str) -> BTreeSet<String> {
    let output =
        std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let package = packages
        .iter()
        .find(|entry| entry["name"] == package)
        .expect("the package is in the workspace");
    let list = package["dependencies"]
        .as_array()
        .expect("a list of dependencies");
    let ordinary = list
        .iter()
        .filter(|dependency| dependency["kind"].is_null());
    ordinary
        .filter_map(|dependency| dependency["name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// What every chain crate is read by, in this order.
const CHAIN_FILES: [&str; 4] = ["address", "signature", "verifier", "wallet"];

#[test]
fn chain_crates_have_the_same_files_in_the_same_order() {
    for chain in folders("chains") {
        let lib = std::fs::read_to_string(chain.join("src/lib.rs")).expect("every crate has one");
        let declared = lib
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        let common: Vec<_> = declared.filter(|name| CHAIN_FILES.contains(name)).collect();
        assert_eq!(common, CHAIN_FILES, "{}", chain.display());
        assert!(
            chain.join("tests/conformance.rs").is_file(),
            "{}",
            chain.display()
        );
    }
}

#[test]
fn dialects_do_not_import_each_other() {
    for (dialect, other) in [("ocx", "aura"), ("aura", "ocx")] {
        let root = workspace().join("server/src");
        let files = std::fs::read_dir(root.join(dialect)).expect("the dialect's folder");
        let files = files.map(|file| file.expect("an entry").path());
        let files: Vec<_> = files
            .chain([root.join(format!("{dialect}.rs"))])
            .filter(|path| path.is_file())
            .collect();
        assert!(files.len() > 4, "{files:?}");
        for file in files {
            let source = std::fs::read_to_string(&file).expect("source is text");
            let imports = source.contains(&format!("crate::{other}"))
                || source.contains(&format!("{other}::"));
            assert!(!imports, "{} knows {other}", file.display());
        }
    }
}

fn folders(name: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(workspace().join(name)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

fn workspace() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
