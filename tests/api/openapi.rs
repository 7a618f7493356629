//! The published documents.

use std::{path::PathBuf, process::Command};

use countersign_tests::{Server, binary, breaking_changes};
use serde_json::Value;

const NAMES: [&str; 6] = [
    "ocx.json",
    "ocx.31.json",
    "aura.json",
    "aura.31.json",
    "platform.json",
    "platform.31.json",
];

#[tokio::test]
async fn the_documents_are_served_and_name_this_server() {
    let server = Server::start();
    for name in NAMES {
        let answer = server.client().get(&format!("/openapi/{name}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json"),
            "{answer:?}"
        );
        assert_eq!(answer.json()["servers"][0]["url"], server.url());
        let version = if name.contains(".31.") {
            "3.1.0"
        } else {
            "3.0.3"
        };
        assert_eq!(answer.json()["openapi"], version, "{name}");
    }
    let unknown = server.client().get("/openapi/unknown.json").await;
    unknown.assert_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_log_says_where_they_are() {
    let server = Server::start();
    let url = server.url().to_owned();
    // The line comes after the one that tells that it listens.
    assert_eq!(server.client().get("/health/live").await.status, 200);
    let (_, log) = server.stop();
    for document in ["ocx", "aura", "platform"] {
        let address = format!("{url}/openapi/{document}.json");
        assert!(log.contains(&address), "{document}: {log}");
    }
}

#[tokio::test]
async fn behind_a_public_url_the_documents_name_it() {
    let public = ("COUNTERSIGN__SERVER__PUBLIC_URL", "https://id.example.com");
    let server = Server::start_with(&[public]);
    let served = server.client().get("/openapi/ocx.json").await.json();
    assert_eq!(served["servers"][0]["url"], "https://id.example.com");
}

#[test]
fn the_command_prints_what_is_committed() {
    for name in NAMES {
        let (profile, rest) = name.split_once('.').expect("a name and its ending");
        let version = if rest == "json" { "3.0" } else { "3.1" };
        let output = Command::new(binary())
            .args(["openapi", "--profile", profile, "--version", version])
            .output()
            .expect("the binary runs");
        let committed = std::fs::read(folder().join(name)).expect("it is committed");
        assert!(
            output.stdout == committed,
            "{name} is stale: run scripts/openapi"
        );
    }
}

/// Clients were generated from what is in `openapi/released`. Who breaks them says so: the line that this test
/// prints goes into CHANGELOG.md, below "Unreleased", in backticks.
#[test]
fn no_client_breaks_unless_the_changelog_says_so() {
    let changelog = include_str!("../../CHANGELOG.md");
    let (_, unreleased) = changelog.split_once("## [Unreleased]").expect("a section");
    let unreleased = unreleased.split("\n## ").next().expect("a section");
    let document = |path: PathBuf| -> Value {
        let text =
            std::fs::read(&path).unwrap_or_else(|_| panic!("{} is not there", path.display()));
        serde_json::from_slice(&text).expect("JSON")
    };
    for name in NAMES {
        let released = document(folder().join("released").join(name));
        let found = breaking_changes(&released, &document(folder().join(name)));
        let profile = name.split('.').next().expect("a name");
        let untold: Vec<_> = found
            .iter()
            .map(|line| format!("`{profile}: {line}`"))
            .filter(|line| !unreleased.contains(line))
            .collect();
        assert!(untold.is_empty(), "not in CHANGELOG.md: {untold:#?}");
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

/// The stand-in routes are for trying, not for building upon.
#[tokio::test]
async fn the_documents_hold_the_operations_and_no_stand_in() {
    let server = Server::start();
    let paths = async |name: &str| -> Vec<String> {
        let document: Value = server
            .client()
            .get(&format!("/openapi/{name}"))
            .await
            .json();
        document["paths"]
            .as_object()
            .expect("paths")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(
        paths("ocx.json").await,
        [
            "/auth/nonce",
            "/auth/siwe",
            "/auth/chains",
            "/auth/challenge",
            "/auth/verify",
            "/auth/me",
            "/auth/logout",
            "/perps/me/api-keys",
            "/perps/me/api-keys/{id}",
        ]
    );
    assert_eq!(
        paths("aura.json").await,
        ["/v1/auth/challenge", "/v1/auth/keys", "/v1/auth/keys/{id}"]
    );
    assert_eq!(
        paths("platform.json").await,
        [
            "/health/live",
            "/health/ready",
            "/.well-known/jwks.json",
            "/.well-known/openid-configuration",
            "/oauth2/introspect",
            "/authz/ocx/forward-auth",
            "/authz/ocx/auth-request",
            "/authz/ocx/ext-authz/{path}",
            "/authz/aura/forward-auth",
            "/authz/aura/auth-request",
            "/authz/aura/ext-authz/{path}",
        ]
    );
}
