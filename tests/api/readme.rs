//! README's quick start, copied and pasted.

use std::process::Command;

use countersign_tests::{Server, binary};
use serde_json::Value;

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
fn the_quick_start_works_in_both_dialects_as_printed() {
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
    // The session, then the key, act for one account; then Aura lists the key that asks.
    let lines: Vec<_> = text.lines().rev().take(3).collect();
    let [aura, by_key, by_session] = lines[..] else {
        panic!("the script prints more: {text}");
    };
    assert!(
        by_session.starts_with("{\"userId\":\"") && by_session.ends_with("\"chain\":\"eip155:1\"}"),
        "{text}"
    );
    assert_eq!(by_key, by_session);
    let listed: Value = serde_json::from_str(aura).expect("JSON");
    assert_eq!(listed["keys"].as_array().map(Vec::len), Some(1), "{text}");
    assert!(listed["keys"][0]["lastUsedAt"].is_string(), "{text}");
}

#[test]
fn a_chain_of_one_s_own_is_live_as_printed() {
    let server = Server::start();
    let here = server.directory();
    // What is built with what is here already needs no network.
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let debug = binary().parent().expect("a directory");
    let target = debug.parent().expect("the target directory");
    let build = format!(
        "cp {} demo && (cd demo && CARGO_TARGET_DIR={target} cargo build --release --offline)",
        workspace.join("Cargo.lock").display(),
        target = target.display(),
    );
    let script = blocks("## A chain of your own")
        .replace("cargo install --path server --locked\n", "")
        .replace("(cd demo && cargo build --release)", &build)
        .replace("demo/target/", &format!("{}/", target.display()))
        .replace(".so\n", ".so --mutations 2000\n")
        .replace(" --write", " --mutations 2000 --write")
        .replace(
            "countersign plugin",
            &format!("{} plugin", binary().display()),
        )
        .replace("http://127.0.0.1:8080", server.url());
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(here)
        .output();
    let output = output.expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("output is text");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{text}\n{errors}");
    let last = text.lines().last().expect("the chains");
    let listed: Value = serde_json::from_str(last).expect("JSON");
    let chains = listed["chains"].as_array().expect("a list");
    let demo = chains.iter().find(|chain| chain["namespace"] == "demo");
    assert_eq!(demo.expect("it is listed")["available"], true, "{text}");
}

/// `scripts/clients` runs the example; README leaves some of its lines out and adds none.
#[test]
fn the_typescript_client_is_that_of_the_example() {
    let (_, shown) = include_str!("../../README.md")
        .split_once("```ts\n")
        .expect("a block");
    let (shown, _) = shown.split_once("```").expect("its end");
    let example = include_str!("../../openapi/clients/typescript/examples/ocx.ts");
    let mut lines = example.lines();
    for line in shown.lines() {
        assert!(
            lines.any(|known| known == line),
            "not in the example, or not there: {line}"
        );
    }
    assert!(shown.lines().count() > 8);
}

#[test]
fn the_length_is_what_a_stranger_reads() {
    let lines = include_str!("../../README.md").lines().count();
    assert!((60..=120).contains(&lines), "{lines} lines");
}
