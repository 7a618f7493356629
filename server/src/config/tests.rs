//! The example file against the structs.

use super::*;

fn read(text: &str) -> Result<Config, ConfigError> {
    config::Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .build()?
        .try_deserialize()
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(read("").unwrap(), Config::default());
}

#[test]
fn the_example_file_lists_every_setting_with_its_default() {
    let example = include_str!("../../../config.example.toml");
    // Settings without a default are shown commented out.
    let shown: String = example
        .lines()
        .map(|line| line.strip_prefix("#: ").unwrap_or(line).to_owned() + "\n")
        .collect();
    let every: toml_like::Keys = toml_like::keys(&shown);
    assert_eq!(read(example).unwrap(), Config::default());
    assert_eq!(every, toml_like::keys_of_config());
    read(&shown).unwrap();
}

/// The keys of the example file, and those the structs have: serde names the latter when a key is wrong.
mod toml_like {
    use std::collections::BTreeSet;

    use super::read;

    pub(super) type Keys = BTreeSet<String>;

    pub(super) fn keys(text: &str) -> Keys {
        let mut section = String::new();
        let mut keys = Keys::new();
        for line in text.lines().map(str::trim) {
            let name = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'));
            if let Some(name) = name.filter(|_| !line.contains('=')) {
                section = name.trim_matches(['[', ']']).to_owned();
            } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
            {
                keys.insert(
                    format!("{section}.{key}")
                        .trim_start_matches('.')
                        .to_owned(),
                );
            }
        }
        keys
    }

    pub(super) fn keys_of_config() -> Keys {
        let sections = expected_by(&read("nonsense = 1").unwrap_err().to_string());
        let mut keys = Keys::new();
        for section in sections {
            let error = read(&format!("[{section}]\nnonsense = 1"))
                .unwrap_err()
                .to_string();
            let fields = expected_by(&error);
            if fields.is_empty() {
                // A plain value, not a section.
                keys.insert(section.clone());
            }
            keys.extend(fields.into_iter().map(|key| format!("{section}.{key}")));
        }
        // Lists of tables, not values.
        for table in [
            "plugins.load",
            "introspection.clients",
            "access.ocx",
            "access.aura",
        ] {
            keys.remove(table);
            let error = read(&format!("[[{table}]]\nnonsense = 1"));
            let fields = expected_by(&error.unwrap_err().to_string()).into_iter();
            keys.extend(fields.map(|key| format!("{table}.{key}")));
        }
        keys
    }

    /// "unknown field `nonsense`, expected one of `a`, `b`"
    fn expected_by(error: &str) -> Vec<String> {
        let listed = error
            .split_once(" for key ")
            .map_or(error, |(listed, _)| listed);
        let (_, expected) = listed
            .split_once("expected")
            .unwrap_or_else(|| panic!("{error}"));
        expected
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    }
}

#[test]
fn an_unknown_key_is_an_error_that_names_it() {
    let error = read("[server]\nlsten = \"x\"").unwrap_err().to_string();
    assert!(
        error.contains("lsten") && error.contains("listen"),
        "{error}"
    );
}
