//! A new plugin in Rust. The SDK's sources come along, so that it builds wherever there is Rust.

use super::{File, Names};

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../../../../plugins/sdk/templates/rust/", $name))
    };
}

/// Sources of the SDK and of the ABI below it, and where they lie in the project.
macro_rules! vendored {
    ($($at:literal = $from:literal),* $(,)?) => {
        [$((
            concat!("vendor/", $at),
            include_str!(concat!("../../../../../plugins/", $from)),
        )),*]
    };
}

const VENDORED: [(&str, &str); 16] = vendored![
    "countersign-plugin/Cargo.toml" = "sdk/templates/rust/vendor/sdk.toml.in",
    "countersign-plugin/src/lib.rs" = "sdk/src/lib.rs",
    "countersign-plugin/src/chain.rs" = "sdk/src/chain.rs",
    "countersign-plugin/src/error.rs" = "sdk/src/error.rs",
    "countersign-plugin/src/export.rs" = "sdk/src/export.rs",
    "countersign-plugin/src/glue.rs" = "sdk/src/glue.rs",
    "countersign-plugin/src/logger.rs" = "sdk/src/logger.rs",
    "countersign-plugin/src/plugin.rs" = "sdk/src/plugin.rs",
    "countersign-plugin/src/glue/call.rs" = "sdk/src/glue/call.rs",
    "countersign-plugin/src/glue/descriptor.rs" = "sdk/src/glue/descriptor.rs",
    "countersign-plugin/src/glue/functions.rs" = "sdk/src/glue/functions.rs",
    "countersign-plugin/src/glue/rules.rs" = "sdk/src/glue/rules.rs",
    "countersign-plugin/src/glue/table.rs" = "sdk/src/glue/table.rs",
    "countersign-plugin/src/glue/wire.rs" = "sdk/src/glue/wire.rs",
    "countersign-plugin-abi/Cargo.toml" = "sdk/templates/rust/vendor/abi.toml.in",
    "countersign-plugin-abi/src/lib.rs" = "abi/src/lib.rs",
];

pub(super) fn files(names: &Names) -> Vec<File> {
    let own = [
        ("Cargo.toml", template!("Cargo.toml.in")),
        ("README.md", template!("README.md")),
        (".gitignore", template!("gitignore")),
        ("src/lib.rs", template!("src/lib.rs")),
        ("src/proofs.rs", template!("src/proofs.rs")),
    ];
    let own = own.map(|(name, text)| (name, rename(text, names)));
    let vendored = VENDORED.map(|(name, text)| (name, text.to_owned()));
    own.into_iter().chain(vendored).collect()
}

fn rename(text: &str, names: &Names) -> String {
    text.replace("my-chain", &names.plugin)
        .replace("my_chain", &names.snake)
        .replace("mychain", &names.namespace)
        .replace("My Chain", &names.display)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// What is compiled of a crate, except for its tests.
    fn sources(folder: &Path, below: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("the crate is beside this one") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => sources(&path, below, found),
                false if path.ends_with("tests.rs") => {}
                false => {
                    let name = path.strip_prefix(below).expect("it is below");
                    found.insert(name.display().to_string());
                }
            }
        }
    }

    #[test]
    fn all_of_the_sdk_comes_along() {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
        for (crate_, folder) in [
            ("countersign-plugin", "sdk"),
            ("countersign-plugin-abi", "abi"),
        ] {
            let mut found = BTreeSet::new();
            let below = plugins.join(folder);
            sources(&below.join("src"), &below, &mut found);
            let prefix = format!("vendor/{crate_}/");
            let listed = VENDORED
                .iter()
                .filter_map(|(at, _)| at.strip_prefix(&prefix));
            let listed = listed
                .filter(|name| *name != "Cargo.toml")
                .map(str::to_owned);
            assert_eq!(listed.collect::<BTreeSet<_>>(), found, "{crate_}");
        }
    }

    #[test]
    fn the_manifests_that_come_along_are_of_this_version() {
        let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
        let manifests = VENDORED.iter().filter(|(at, _)| at.ends_with("Cargo.toml"));
        for (at, text) in manifests {
            assert!(text.contains(&version), "{at}");
        }
    }
}
