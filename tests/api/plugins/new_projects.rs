//! `countersign plugin new`: a chain of one's own is live in a server that was never rebuilt.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use countersign_tests::{Client, Server, Session};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;
use tempfile::TempDir;

use super::configure;

/// Runs the command line in a directory.
pub(super) fn countersign(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(countersign_tests::binary())
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("output is text")
}

/// Builds a Rust project with what the workspace is built with, in the same target directory.
fn build_rust(project: &Path) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::copy(workspace.join("Cargo.lock"), project.join("Cargo.lock")).expect("the lock file");
    let debug = countersign_tests::binary().parent().expect("a directory");
    let target = debug.parent().expect("the target directory");
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--offline"])
        .current_dir(project)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "{built:?}");
    target.join("release/libdemo.so")
}

/// From nothing to a session and an API key of a wallet of the new chain.
async fn goes_live(language: &str, build: fn(&Path) -> PathBuf) {
    let directory = TempDir::new().expect("a temporary directory");
    let here = directory.path();
    let said = countersign(here, &["plugin", "new", "demo", "--lang", language]);
    assert!(said.contains("countersign plugin check "), "{said}");
    let library = build(&here.join("demo"));
    let library = library.to_str().expect("a path in UTF-8");
    let few = ["--mutations", "10000"];
    let checked = countersign(here, &[&["plugin", "check", library], &few[..]].concat());
    assert!(checked.contains("nothing was found"), "{checked}");
    configure(here, "limits.scale = 1000\n");
    let add = [&["plugin", "add", library, "--write"], &few[..]].concat();
    let added = countersign(here, &add);
    assert!(added.contains("written to countersign.toml"), "{added}");
    let server = Server::start_on(directory, &[]);
    let client = server.client();
    let wallet = SigningKey::from_bytes(&[7; 32]);
    sign_in(&client, &wallet).await;
    mint(&client, &wallet).await;
}

async fn sign_in(client: &Client, wallet: &SigningKey) {
    let address = hex::encode(wallet.verifying_key().as_bytes());
    let asked = json!({ "chain": "demo:main", "address": address.to_uppercase() });
    let challenge = client.post("/auth/challenge", &asked).await;
    assert_eq!(challenge.status, 200, "{challenge:?}");
    let message = challenge.field("message");
    assert!(message.contains("with your Demo account:"), "{message}");
    let mut signature = wallet.sign(message.as_bytes()).to_bytes();
    let mut proof = json!({
        "challengeId": challenge.field("challengeId"),
        "signature": hex::encode(signature),
    });
    signature[40] ^= 1;
    let wrong = json!({ "signature": hex::encode(signature), "challengeId": proof["challengeId"] });
    let refused = client.post("/auth/verify", &wrong).await;
    refused.assert_error(401, "INVALID_SIGNATURE");
    proof["signature"] = hex::encode(wallet.sign(message.as_bytes()).to_bytes()).into();
    let session = Session::of(&client.post("/auth/verify", &proof).await);
    let me = client.with_cookie(&session.token).get("/auth/me").await;
    assert_eq!(me.field("walletAddress"), address);
}

async fn mint(client: &Client, wallet: &SigningKey) {
    let address = hex::encode(wallet.verifying_key().as_bytes());
    let asked = json!({ "chain": "demo:main", "address": address });
    let challenge = client.post("/v1/auth/challenge", &asked).await;
    assert_eq!(challenge.status, 200, "{challenge:?}");
    let message = challenge.field("challenge");
    let proof = json!({
        "chain": "demo:main",
        "address": address,
        "publicKey": address,
        "signature": hex::encode(wallet.sign(message.as_bytes()).to_bytes()),
    });
    let minted = client.post("/v1/auth/keys", &proof).await;
    assert_eq!(minted.status, 200, "{minted:?}");
}

#[tokio::test]
async fn a_chain_in_rust_goes_live_without_a_rebuild() {
    goes_live("rust", build_rust).await;
}

fn build_c(project: &Path) -> PathBuf {
    for goal in ["all", "check"] {
        let goals = if goal == "all" { &[][..] } else { &[goal] };
        let made = Command::new("make")
            .args(goals)
            .current_dir(project)
            .output();
        let made = made.expect("make is installed: the plugin is plain C");
        assert!(made.status.success(), "{made:?}");
    }
    project.join("libdemo.so")
}

#[tokio::test]
async fn a_chain_in_c_goes_live_without_a_rebuild() {
    goes_live("c", build_c).await;
}

#[test]
fn what_is_there_is_never_overwritten() {
    let directory = TempDir::new().expect("a temporary directory");
    fs::create_dir(directory.path().join("demo")).expect("a directory");
    let output = Command::new(countersign_tests::binary())
        .args(["plugin", "new", "demo", "--lang", "rust"])
        .current_dir(directory.path())
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "countersign: demo: File exists (os error 17)\n");
    let entries = fs::read_dir(directory.path().join("demo"));
    assert_eq!(entries.expect("it is there").count(), 0);
}
