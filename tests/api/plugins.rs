//! Chains that plugins add, through the whole server.

mod checking;
mod new_projects;
mod reloading;
mod running;
mod together;
mod vectors;

use std::{fs, path::Path, process::Command};

use countersign_tests::{Client, Server, Session};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// Compiles a specimen of the zoo into the directory of plugins, and returns its stanza.
fn build(directory: &Path, specimen: &str, flags: &[&str]) -> String {
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/host/tests/zoo");
    let plugins = directory.join("plugins");
    fs::create_dir_all(&plugins).expect("a directory");
    let library = plugins.join("toy.so");
    let built = Command::new("cc")
        .args(["-std=c11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden"])
        .args(["-Wl,-z,defs,-z,relro,-z,now,-Bsymbolic", "-I"])
        .arg(zoo.join("../../../abi/include"))
        .arg(zoo.join(format!("{specimen}.c")))
        .args(flags)
        .arg("-o")
        .arg(&library)
        .status();
    assert!(built.expect("a C compiler is installed").success());
    let sha256 = Sha256::digest(fs::read(&library).expect("the library"));
    let pin: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "[[plugins.load]]\nname = \"toy\"\nfile = \"toy.so\"\nsha256 = \"{pin}\"\nnamespaces = [\"toy\"]\n"
    )
}

fn configure(directory: &Path, text: &str) {
    fs::write(directory.join("countersign.toml"), text).expect("the file is ours");
}

/// A server with a specimen as its plugin.
fn start(specimen: &str, more: &str) -> Server {
    let directory = TempDir::new().expect("a temporary directory");
    let stanza = build(directory.path(), specimen, &[]);
    configure(directory.path(), &format!("{stanza}{more}"));
    Server::start_on(directory, &[])
}

/// The checksum that stands for a signature, in hex.
fn sign(address: &str, message: &str) -> String {
    let bytes = address.bytes().chain(message.bytes());
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    sum.to_le_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn answer_to_a_challenge(client: &Client, address: &str) -> Value {
    let body = json!({ "chain": "toy:main", "address": address });
    let challenge = client.post("/auth/challenge", &body).await;
    assert_eq!(challenge.status, 200, "{challenge:?}");
    json!({
        "challengeId": challenge.field("challengeId"),
        "signature": sign(address, &challenge.field("message")),
    })
}

async fn toy(client: &Client) -> Value {
    let listed = client.get("/auth/chains").await.json();
    let chains = listed["chains"].as_array().expect("a list");
    let toy = chains.iter().find(|chain| chain["namespace"] == "toy");
    toy.cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_wallet_of_a_plugin_signs_in_as_any_other() {
    for isolation in ["process", "in-process"] {
        let server = start("good", &format!("isolation = \"{isolation}\"\n"));
        let client = server.client();
        let expected = json!({
            "namespace": "toy",
            "name": "Toy",
            "chainIds": ["toy:main", "toy:test"],
            "keyTypes": [],
            "needsPublicKey": false,
            "source": "plugin",
            "available": true,
        });
        assert_eq!(toy(&client).await, expected);
        let mut wrong = answer_to_a_challenge(&client, "alice").await;
        wrong["signature"] = sign("bob", "something else").into();
        let refused = client.post("/auth/verify", &wrong).await;
        refused.assert_error(401, "INVALID_SIGNATURE");
        let right = answer_to_a_challenge(&client, "alice").await;
        let session = Session::of(&client.post("/auth/verify", &right).await);
        let me = client.with_cookie(&session.token).get("/auth/me").await;
        assert_eq!(
            (&*me.field("chain"), &*me.field("walletAddress")),
            ("toy:main", "alice")
        );
    }
}

#[tokio::test]
async fn a_wallet_of_a_plugin_mints_an_api_key() {
    let server = start("good", "");
    let client = server.client();
    let asked = json!({ "chain": "toy:main", "address": "alice" });
    let challenge = client.post("/v1/auth/challenge", &asked).await;
    assert_eq!(challenge.status, 200, "{challenge:?}");
    let proof = json!({
        "chain": "toy:main",
        "address": "alice",
        "publicKey": "746f79",
        "signature": sign("alice", &challenge.field("challenge")),
    });
    let minted = client.post("/v1/auth/keys", &proof).await;
    assert_eq!(minted.status, 200, "{minted:?}");
    let key = minted.field("key");
    let listed = client.with_bearer(&key).get("/v1/auth/keys").await;
    assert_eq!(listed.status, 200, "{listed:?}");
}

#[tokio::test]
async fn a_plugin_that_dies_takes_only_its_own_chain_with_it() {
    let server = start("good", "processes = 1\n");
    let client = server.client();
    let pid = server.pid();
    let stopped = Command::new("pkill")
        .args(["-KILL", "-P", &pid.to_string()])
        .status();
    assert!(stopped.expect("pkill runs").success(), "it has a process");
    let body = json!({ "chain": "toy:main", "address": "alice" });
    let first = client.post("/auth/challenge", &body).await;
    first.assert_error(503, "CHAIN_UNAVAILABLE");
    assert_eq!(
        client.post("/auth/challenge", &body).await.status,
        200,
        "a new process"
    );
    client.sign_in(&super::wallet()).await;
}

#[test]
fn a_refused_plugin_stops_the_start_with_its_code_and_the_cure() {
    let directory = TempDir::new().expect("a temporary directory");
    let stanza = build(directory.path(), "wrong_magic", &[]);
    configure(directory.path(), &stanza);
    let output = Command::new(countersign_tests::binary())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(directory.path())
        .output()
        .expect("the server runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains("countersign: plugin toy: ") && errors.contains("[CS-P030]"),
        "{errors}"
    );
}

#[tokio::test]
async fn an_optional_plugin_that_is_refused_answers_503() {
    let server = start("wrong_magic", "optional = true\n");
    let client = server.client();
    assert_eq!(toy(&client).await["available"], json!(false));
    let body = json!({ "chain": "toy:main", "address": "alice" });
    let answer = client.post("/auth/challenge", &body).await;
    answer.assert_error(503, "CHAIN_UNAVAILABLE");
}
