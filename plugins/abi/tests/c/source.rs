//! What `src/lib.rs` declares, by name. So nothing can be added there that the header is not asked about.

use std::collections::{BTreeMap, BTreeSet};

/// The crate's source.
pub(crate) const RUST: &str = include_str!("../../src/lib.rs");

/// What stands before the name of a constant in C, by the module it is in.
const PREFIXES: [(&str, &str); 5] = [
    ("", "CS_"),
    ("status", "CS_"),
    ("verdict", "CS_VERDICT_"),
    ("level", "CS_LEVEL_"),
    ("chain_flags", "CS_CHAIN_"),
];

/// The C names of all public constants.
pub(crate) fn constants() -> BTreeSet<String> {
    let mut module = "";
    let mut names = BTreeSet::new();
    for line in RUST.lines() {
        if line == "}" {
            module = "";
        }
        if let Some(name) = between(line, "pub mod ", " {").or(between(line, "impl ", " {")) {
            module = name;
        }
        let prefix = PREFIXES.iter().find(|(of, _)| *of == module);
        if let (Some((_, prefix)), Some(name)) = (prefix, between(line.trim(), "pub const ", ": "))
        {
            names.insert(format!("{prefix}{name}"));
        }
    }
    names
}

/// The C names of all public structs and function types, by their Rust names.
pub(crate) fn types() -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for line in RUST.lines() {
        if let Some(name) = between(line, "pub struct ", " {") {
            names.insert(name.to_owned(), format!("cs_{}", snake_case(name)));
        }
        if let Some(name) = between(line, "pub type ", " = unsafe extern") {
            names.insert(name.to_owned(), format!("cs_{}_fn", snake_case(name)));
        }
    }
    names
}

/// What stands between `start`, at the beginning of the line, and `end`.
fn between<'a>(line: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(start)?;
    Some(rest.split_once(end)?.0)
}

/// `OutBuffer` as `out_buffer`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
