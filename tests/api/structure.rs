//! Dependencies point one way: core knows nothing of the others, chains know core only, and
//! nothing but the tests knows everything.

use std::collections::BTreeSet;

use serde_json::Value;

/// For each of our crates, what of ours, and what of the outside that matters, it may depend on.
const RULES: [(&str, &[&str]); 4] = [
    ("countersign-core", &[]),
    ("countersign-alephium", &["countersign-core"]),
    ("countersign-ethereum", &["countersign-core"]),
    (
        "countersign-server",
        &[
            "countersign-alephium",
            "countersign-core",
            "countersign-ethereum",
        ],
    ),
];

/// What core must not know: HTTP, SQL, the network, signatures.
const FORBIDDEN_IN_CORE: [&str; 6] = [
    "poem",
    "poem-openapi",
    "sea-orm",
    "reqwest",
    "k256",
    "jsonwebtoken",
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
