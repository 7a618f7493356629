//! README's quick start, copied and pasted.

use std::process::Command;

use countersign_tests::{Server, binary};

/// The `sh` blocks below a heading.
fn blocks(heading: &str) -> String {
    let readme = include_str!("../../README.md");
    let (_, section) = readme
        .split_once(heading)
        .unwrap_or_else(|| panic!("README has no {heading:?}"));
    let section = section.split("\n## ").next().expect("a section");
    section
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

#[test]
fn the_quick_start_signs_in_as_printed() {
    let server = Server::start();
    let script = blocks("## Quick start")
        .replace("cargo run --release -- serve\n", "")
        .replace(
            "cargo run --release --quiet --",
            &binary().display().to_string(),
        )
        .replace("http://127.0.0.1:8080", server.url());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(server.directory())
        .output();
    let output = output.expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("output is text");
    assert!(
        output.status.success(),
        "{script}\n{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let last = text.lines().last().expect("the script prints");
    assert!(
        last.starts_with("{\"userId\":\"") && last.ends_with("\"chain\":\"eip155:1\"}"),
        "{text}"
    );
}
