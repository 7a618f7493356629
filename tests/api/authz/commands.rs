//! `countersign access`: what it says is what forward-auth does.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use countersign_tests::{Server, binary};
use reqwest::Method;
use serde_json::json;

use super::{ask, key, server};
use crate::wallet;

fn access(server: &Server, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(binary())
        .arg("access")
        .args(arguments)
        .current_dir(server.directory())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let stdin = child.stdin.as_mut().expect("a pipe");
    // A command that needs no input may have ended.
    let _written = stdin.write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn explain(server: &Server, request: &str, more: &[&str], input: &str) -> Vec<String> {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let asked = [
        "explain",
        "--profile",
        "ocx",
        "--method",
        method,
        "--path",
        path,
    ];
    let output = access(server, &[&asked[..], more].concat(), input);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_decision_is_explained_by_the_rule_that_makes_it() {
    let server = server();
    let order = "POST /perps/orders";
    let rule = "rule 12: POST /perps/orders/** admits session, key:trade; counts as an order";
    let anybody = explain(&server, order, &[], "");
    assert!(
        anybody[0].starts_with("POST /perps/orders: 401 MISSING_CREDENTIAL: This needs"),
        "{anybody:?}"
    );
    assert_eq!(anybody[1..], [rule, "the caller holds: anonymous"]);
    let reader = explain(&server, order, &["--as", "key:read"], "");
    assert_eq!(
        reader[0],
        "POST /perps/orders: 403 INSUFFICIENT_SCOPE: The API key lacks the scope trade."
    );
    assert_eq!(
        explain(&server, order, &["--as", "session"], "")[0],
        "POST /perps/orders: passes"
    );
    let nowhere = explain(&server, "POST /nowhere", &[], "");
    assert_eq!(
        nowhere[..2],
        [
            "POST /nowhere: 403 NO_RULE: No rule admits this method on this path.",
            "no rule fits"
        ]
    );
    let twice = explain(&server, "GET /perps//markets", &[], "");
    assert!(twice[0].contains(": 400 INVALID_REQUEST: "), "{twice:?}");
}

#[tokio::test]
async fn a_credential_is_looked_up_beside_the_running_server() {
    let server = server();
    let (secret, token) = key(&server, "trade").await;
    let owner = server.client().with_bearer(&token);
    let order = "POST /perps/orders?x=1";
    let shown = explain(&server, order, &["--key", "-"], &secret);
    assert_eq!(shown[0], "POST /perps/orders: passes");
    assert!(
        shown[2].starts_with("the caller holds: the API key ocx_kid_")
            && shown[2].ends_with(" with trade, good from everywhere"),
        "{shown:?}"
    );
    let session = explain(&server, order, &["--key", &token], "");
    assert!(
        session[2].starts_with("the caller holds: a session of eip155:1:0x"),
        "{session:?}"
    );

    let listed = owner.get("/perps/me/api-keys").await.json();
    assert_eq!(
        listed["keys"][0]["lastUsedAt"],
        serde_json::Value::Null,
        "to explain is no use"
    );
    let id = listed["keys"][0]["id"].as_str().expect("an id").to_owned();
    let revoke = owner.request(Method::DELETE, &format!("/perps/me/api-keys/{id}"));
    assert_eq!(owner.send(revoke).await.status, 204);
    let revoked = explain(&server, order, &["--key", "-"], &secret);
    assert!(revoked[0].contains("401 REVOKED_CREDENTIAL"), "{revoked:?}");
    let unknown = explain(&server, order, &["--key", "ocx_sk_mistyped"], "");
    assert!(
        unknown[0].contains("401 INVALID_CREDENTIAL") && unknown[2].contains("mistyped"),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_key_with_an_allowlist_is_explained_from_an_address() {
    let server = server();
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let body = json!({ "name": "bot", "scope": "read", "allowedIps": ["203.0.113.0/24"] });
    let secret = owner
        .post("/perps/me/api-keys", &body)
        .await
        .field("secret");
    for (ip, expected) in [
        (None, "403 IP_NOT_ALLOWED"),
        (Some("203.0.113.9"), "passes"),
        (Some("198.51.100.1"), "403 IP_NOT_ALLOWED"),
    ] {
        let ip: Vec<_> = ip.iter().flat_map(|ip| ["--ip", ip]).collect();
        let shown = explain(
            &server,
            "GET /perps/positions",
            &[&["--key", "-"], &ip[..]].concat(),
            &secret,
        );
        assert!(shown[0].contains(expected), "{ip:?}: {shown:?}");
    }
}

const TABLE: &str = "# what the platform promises\n\
    ocx  GET   /perps/markets    anonymous         200\n\
    ocx  POST  /perps/orders     key:read          403 # needs trade\n\
    ocx  POST  /perps/orders     session           200\n\
    ocx  GET   /perps//markets   session           400\n\n\
    aura POST  /v1/tx/vote       anonymous         401\n\
    aura POST  /v1/tx/vote       key:read+write:tx 200\n";

fn test(server: &Server, table: &str) -> Output {
    std::fs::write(server.directory().join("access.txt"), table).expect("it is written");
    access(server, &["test", "access.txt"], "")
}

#[tokio::test]
async fn a_table_of_expectations_is_what_forward_auth_does() {
    let server = server();
    let output = test(&server, TABLE);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"all 6 expectations are met\n");
    let (reader, token) = key(&server, "read").await;
    for line in TABLE.lines().filter(|line| line.starts_with("ocx")) {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let client = match words[3] {
            "anonymous" => server.client(),
            "session" => server.client().with_bearer(&token),
            _ => server.client().with("x-api-key", &reader),
        };
        let answer = ask(&client, "ocx", "forward-auth", words[1], words[2]).await;
        assert_eq!(answer.status.to_string(), words[4], "{line}: {answer:?}");
    }
}

#[tokio::test]
async fn an_expectation_that_is_not_met_is_shown_with_its_rule() {
    let server = server();
    let output = test(
        &server,
        &TABLE.replace("key:read          403", "key:read          200"),
    );
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let shown = String::from_utf8(output.stdout).expect("text");
    assert!(
        shown.starts_with("line 3: ocx  POST  /perps/orders     key:read          200"),
        "{shown}"
    );
    assert!(
        shown.contains("\n  got 403; rule 12: POST /perps/orders/** admits session, key:trade"),
        "{shown}"
    );
    assert_eq!(
        output.stderr,
        b"countersign: 1 of 6 expectations are not met\n"
    );
    for (table, expected) in [
        (
            "ocx GET /a anonymous",
            "line 1: expected dialect, method, path, what the caller holds, status",
        ),
        ("osx GET /a anonymous 200", "line 1: expected ocx or aura"),
        (
            "\naura GET /a session 200",
            "line 2: expected anonymous, key, or key: and some of read, write:tx",
        ),
        (
            "ocx GET /a key:write:tx 200",
            "expected anonymous, session, key",
        ),
        (
            "ocx GET /a anonymous 204",
            "expected the status to be 200, 400, 401 or 403",
        ),
        ("# nothing\n", "expected at least one expectation"),
    ] {
        let output = test(&server, table);
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(
            output.status.code() == Some(1) && error.contains(expected),
            "{table}: {error}"
        );
    }
}
