//! The page for people lists every code, and none that is not there.

use std::{collections::BTreeSet, fs, path::Path};

fn codes_in(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices("CS-P").map(|(at, _)| at);
    let codes = starts.filter_map(|at| text.get(at..at + 7));
    codes
        .filter(|code| code[4..].bytes().all(|byte| byte.is_ascii_digit()))
        .collect()
}

#[test]
fn every_code_is_in_the_documentation() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(here.join(name)).expect("it is there");
    let sources = [read("src/refusal.rs"), read("src/kit/finding.rs")];
    let known: BTreeSet<_> = sources.iter().flat_map(|text| codes_in(text)).collect();
    assert!(known.len() > 50, "{known:?}");
    let page = read("../../docs/plugins.md");
    let lines = page.lines().filter(|line| line.starts_with("| CS-P"));
    let listed: BTreeSet<_> = lines.flat_map(codes_in).collect();
    assert_eq!(listed, known);
}
