//! `countersign plugin list` and `countersign plugin reload`: a running server, asked on its machine.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use countersign_tests::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{answer_to_a_challenge, build, configure, new_projects::countersign, start};

fn listed(server: &Server) -> Value {
    let text = countersign(server.directory(), &["plugin", "list", "--json"]);
    serde_json::from_str(&text).expect("JSON")
}

fn fault(server: &Server, arguments: &[&str]) -> String {
    let mut command = Command::new(countersign_tests::binary());
    command.args(arguments).current_dir(server.directory());
    let output = command.output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("output is text")
}

fn doctor(server: &Server) -> String {
    let mut command = Command::new(countersign_tests::binary());
    command.args(["doctor", "--listen", server.authority()]);
    let output = command.current_dir(server.directory()).output();
    String::from_utf8(output.expect("the binary runs").stdout).expect("output is text")
}

#[test]
fn doctor_loads_each_plugin_as_the_server_would() {
    let directory = TempDir::new().expect("a temporary directory");
    let stanza = build(directory.path(), "good", &[]);
    let examine = |text: &str| {
        configure(directory.path(), text);
        let mut command = Command::new(countersign_tests::binary());
        command.args(["doctor", "--listen", "127.0.0.1:0"]);
        let output = command
            .current_dir(directory.path())
            .output()
            .expect("the binary runs");
        String::from_utf8(output.stdout).expect("output is text")
    };
    let text = examine(&stanza);
    let told =
        "ok       plugins          toy 1.0: loads and passes its own tests; in jailed processes\n";
    assert!(text.contains(told), "{text}");
    let in_process = format!("{stanza}isolation = \"in-process\"\n");
    configure(directory.path(), &in_process);
    let shown = countersign(directory.path(), &["config", "check"]);
    let told = "plugins          toy (in the server's own process)\n";
    assert!(shown.contains(told), "{shown}");
    let pin = stanza.find("sha256 = \"").expect("a pin") + 10;
    let mut other = stanza.clone();
    other.replace_range(pin..pin + 4, "0000");
    let text = examine(&other);
    assert!(
        text.contains("problem  plugins          toy: the file's SHA-256 is "),
        "{text}"
    );
    let text = examine(&format!("{other}optional = true\n"));
    assert!(
        text.contains("warning  plugins          toy: the file's SHA-256 is "),
        "{text}"
    );
}

#[tokio::test]
async fn plugins_are_listed_as_they_are() {
    let server = start("unechoed", "");
    let plugin = &listed(&server)[0];
    assert_eq!(plugin["name"], "toy");
    assert_eq!(plugin["state"], "serving");
    assert_eq!(plugin["isolation"], "process");
    assert_eq!(plugin["missingLayers"], json!([]));
    let process = plugin["processes"][0].as_u64().expect("its number");
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    assert!(status.contains("\nSeccomp:\t2\n"), "{status}");
    let table = countersign(server.directory(), &["plugin", "list"]);
    let [headings, toy] = table.lines().collect::<Vec<_>>()[..] else {
        panic!("{table}");
    };
    assert!(headings.starts_with("NAME  VERSION  STATE "), "{table}");
    assert!(
        toy.starts_with("toy   1.0      serving  process    toy "),
        "{table}"
    );
}

#[tokio::test]
async fn a_quarantined_plugin_is_shown_with_its_reason_and_loaded_again_by_reload() {
    let server = start("unechoed", "deadline_ms = 5000\n");
    // It answers for another call when a signature has three bytes.
    let directory = server.directory().to_owned();
    let stanza = build(
        &directory,
        "unechoed",
        &["-DWHEN(request)=((request)->signature.len==3)"],
    );
    configure(&directory, &stanza);
    countersign(&directory, &["plugin", "reload"]);
    let client = server.client();
    let mut proof = answer_to_a_challenge(&client, "alice").await;
    let good = proof["signature"].clone();
    proof["signature"] = "000000".into();
    let answer = client.post("/auth/verify", &proof).await;
    answer.assert_error(503, "CHAIN_UNAVAILABLE");
    let metrics = server.metrics().await;
    let available = |chain: &str| metrics.value("chain_available", &format!("chain={chain}"));
    assert_eq!((available("toy"), available("eip155")), (0.0, 1.0));
    let examined = doctor(&server);
    let told = "problem  plugins          toy: the running server does not ask it any more: it did not echo";
    assert!(examined.contains(told), "{examined}");
    let plugin = &listed(&server)[0];
    let state = (&plugin["state"], &plugin["reason"]);
    assert_eq!(
        state,
        (&json!("quarantined"), &json!("it did not echo the call"))
    );
    let reloaded = countersign(&directory, &["plugin", "reload"]);
    assert!(reloaded.contains("serving"), "{reloaded}");
    proof["signature"] = good;
    let answer = client.post("/auth/verify", &proof).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[test]
fn a_reload_that_fails_says_why_and_changes_nothing() {
    let server = start("good", "");
    let before = listed(&server);
    configure(
        server.directory(),
        &build(server.directory(), "wrong_magic", &[]),
    );
    let told = fault(&server, &["plugin", "reload"]);
    assert!(
        told.starts_with("countersign: plugin toy: ") && told.contains("[CS-P030]"),
        "{told}"
    );
    configure(server.directory(), "[plugins]\ndirectory = \"x\"\n");
    let told = fault(&server, &["plugin", "list"]);
    assert!(told.contains("directory"), "{told}");
    configure(server.directory(), "");
    assert_eq!(listed(&server), before);
}

#[test]
fn without_a_server_the_commands_say_what_to_do() {
    let directory = TempDir::new().expect("a temporary directory");
    let output = Command::new(countersign_tests::binary())
        .args(["plugin", "list"])
        .current_dir(directory.path())
        .output();
    let output = output.expect("the binary runs");
    let told = String::from_utf8_lossy(&output.stderr);
    let begins = "countersign: no server runs on countersign-data: ";
    assert!(
        told.starts_with(begins) && told.contains("`countersign serve`"),
        "{told}"
    );
    assert!(!directory.path().join("countersign-data").exists());
}

#[test]
fn the_control_socket_is_its_owner_s_and_goes_with_the_server() {
    let server = Server::start();
    let socket = server.directory().join("countersign-data/control.sock");
    let mode = fs::metadata(&socket)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let server = server.kill_and_restart();
    assert_eq!(listed(&server), json!([]));
    let none = countersign(server.directory(), &["plugin", "list"]);
    assert_eq!(none, "no plugins are configured\n");
}
