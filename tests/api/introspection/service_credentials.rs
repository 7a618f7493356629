//! `countersign service-credential`, and the configuration that names what it makes.

use std::{
    fs,
    process::{Command, Output},
};

use countersign_core::{profile::Profile, service_credential};
use countersign_tests::{Server, binary, secrets};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{INTERNAL, ask, assert_inactive, stanza};
use crate::wallet;

fn run(directory: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(directory.path());
    command.output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is text")
}

#[tokio::test]
async fn a_new_credential_and_its_stanza_let_a_service_ask() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("countersign.toml");
    let mut configuration = String::new();
    let mut made = vec![];
    for (name, profile) in [("orders", "ocx"), ("shop", "aura")] {
        let output = run(
            &directory,
            &[
                "service-credential",
                "new",
                "--name",
                name,
                "--profile",
                profile,
            ],
        );
        assert!(output.status.success(), "{output:?}");
        let secret = text(&output.stdout).trim_end().to_owned();
        assert!(service_credential::has_form(&secret), "{secret}");
        configuration += text(&output.stderr);
        made.push(secret);
    }
    assert_ne!(made[0], made[1]);
    assert!(!made.iter().any(|secret| configuration.contains(secret)));
    fs::write(&file, configuration).expect("a file");
    let server = Server::start_on(directory, &[INTERNAL]);
    for secret in &made {
        secrets::note_secret(server.url(), secret);
        let service = server.internal_client().with_bearer(secret);
        assert_inactive(&ask(&service, "x", "").await);
    }
}

/// The blocks of the documentation, copied and pasted.
#[tokio::test]
async fn the_documentation_works_as_printed() {
    let documentation = include_str!("../../../docs/introspection.md");
    let blocks = documentation.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    let [configure, ask] = blocks[..] else {
        panic!("two blocks: {blocks:?}");
    };
    let bash = |directory: &std::path::Path, script: &str| {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", script]);
        let output = command.current_dir(directory).output().expect("bash runs");
        assert!(output.status.success(), "{script}\n{output:?}");
        output
    };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let configure = configure.replace("countersign serve\n", "").replace(
        "countersign service",
        &format!("{} service", binary().display()),
    );
    bash(directory.path(), &configure);
    let server = Server::start_on(directory, &[INTERNAL]);
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let body = json!({ "name": "first", "scope": "read", "expiresInDays": 90 });
    let key = owner.post("/perps/me/api-keys", &body).await;
    fs::write(server.directory().join("key.json"), &key.text).expect("a file");
    let internal = server.internal_client();
    let ask = ask.replace("http://127.0.0.1:9464", internal.url());
    let output = bash(server.directory(), &ask);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&answer["active"], &answer["scope"]),
        (&json!(true), &json!("read"))
    );
    // What is shown has the same members.
    let (_, shown) = documentation.split_once("```json\n").expect("an answer");
    let shown = shown.split("```").next().expect("its end");
    let shown: Value = serde_json::from_str(shown).expect("JSON");
    let members = |answer: &Value| -> Vec<String> {
        answer
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(members(&answer), members(&shown));
}

#[test]
fn a_credential_for_nobody_or_no_dialect_is_not_made() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (arguments, code, expected) in [
        (
            vec!["--name", "Orders", "--profile", "ocx"],
            1,
            "expected 1 to 32 of a-z",
        ),
        (
            vec!["--name", "", "--profile", "ocx"],
            1,
            "expected 1 to 32 of a-z",
        ),
        (
            vec!["--name", "orders", "--profile", "OCX"],
            2,
            "expected ocx or aura",
        ),
        (vec!["--name", "orders"], 2, "--profile"),
        (vec!["--profile", "ocx"], 2, "--name"),
    ] {
        let arguments = [&["service-credential", "new"], arguments.as_slice()].concat();
        let output = run(&directory, &arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert!(text(&output.stderr).contains(expected), "{output:?}");
    }
}

#[test]
fn clients_without_a_listener_that_serves_them_stop_the_start() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("countersign.toml");
    let clients = stanza("orders", Profile::Ocx, "secret");
    fs::write(&file, &clients).expect("a file");
    for command in [vec!["serve"], vec!["config", "check"]] {
        let output = run(&directory, &command);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let expected = "introspection.clients = \"orders\": expected internal.listen to be set";
        assert!(text(&output.stderr).contains(expected), "{output:?}");
    }
    fs::write(
        &file,
        format!("[internal]\nlisten = '127.0.0.1:9464'\n{clients}"),
    )
    .expect("a file");
    let output = run(&directory, &["config", "check"]);
    assert!(output.status.success(), "{output:?}");
    let shown = text(&output.stdout);
    assert!(
        shown.contains("introspection    for orders (ocx)"),
        "{shown}"
    );
}

#[test]
fn clients_that_mean_nothing_stop_the_start() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("countersign.toml");
    let (orders, funds) = (
        stanza("orders", Profile::Ocx, "secret"),
        stanza("funds", Profile::Ocx, "another"),
    );
    for (clients, expected) in [
        (format!("{orders}{orders}"), "each name once"),
        (
            format!("{orders}{}", stanza("funds", Profile::Aura, "secret")),
            "a credential of its own",
        ),
        (orders.replace("orders", "the orders"), "a name of 1 to 32"),
        (orders.replace("'ocx'", "'nope'"), "ocx or aura"),
        (orders.replace("profile = 'ocx'\n", ""), "profile"),
        (
            orders.replace("sha256 = '", "sha256 = '0"),
            "64 lower-case hex digits",
        ),
        (format!("{funds}secret = 'x'\n"), "secret"),
    ] {
        let text_of = format!("[internal]\nlisten = '127.0.0.1:9464'\n{clients}");
        fs::write(&file, text_of).expect("a file");
        let output = run(&directory, &["config", "check"]);
        assert_eq!(output.status.code(), Some(1), "{clients}{output:?}");
        assert!(text(&output.stderr).contains(expected), "{output:?}");
    }
}
