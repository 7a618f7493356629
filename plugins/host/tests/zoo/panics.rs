//! A plugin in Rust that panics: the SDK contains it, and the host counts.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    sync::Arc,
};

use countersign_core::{
    ChainVerifier,
    chain::{ChainAddress, Namespace},
    proof::Proof,
    verifier::{ProvenAccount, VerifyError},
};
use countersign_plugin_host::{Grant, Isolation, State};

use super::{Directory, alone::is_alone, load, only, verify};

const UNAVAILABLE: Result<(), VerifyError> = Err(VerifyError::Unavailable);

#[tokio::test]
async fn a_panic_in_the_server_ends_one_call_and_the_third_the_plugin() {
    if is_alone("panics::a_panic_in_the_server_ends_one_call_and_the_third_the_plugin") {
        panics(&Directory::new(Isolation::InProcess), 0).await;
    }
}

#[tokio::test]
async fn a_panic_in_a_process_ends_one_call_and_the_third_the_plugin() {
    if is_alone("panics::a_panic_in_a_process_ends_one_call_and_the_third_the_plugin") {
        panics(&Directory::new(Isolation::Process), 1).await;
    }
}

async fn panics(directory: &Directory, processes: usize) {
    let good = load(directory, directory.build("good", &[]))
        .await
        .expect("it is loaded");
    let specimen = build(directory);
    for message in ["panic", "panic with a payload that panics"] {
        let set = load(directory, specimen.clone())
            .await
            .expect("it is loaded");
        let before = set.reports()[0].processes.clone();
        assert_eq!(before.len(), processes, "{message}");
        let [mirror, keyed] = &set.verifiers()[..] else {
            panic!("two chains");
        };
        for round in 1..=3 {
            assert!(mirror.is_available(), "{message}, {round}");
            let asked = ask(mirror, message).await;
            assert_eq!(asked.map(drop), UNAVAILABLE, "{message}, {round}");
            let elsewhere = verify(&*only(&good), "alice", "hello").await;
            assert!(elsewhere.is_ok(), "{message}, {round}: another plugin");
            if round < 3 {
                let again = ask(mirror, "hello").await;
                assert!(again.is_ok(), "{message}, {round}: the next call");
            }
        }
        let report = &set.reports()[0];
        let reason = "it panicked; 3 such faults within a minute".to_owned();
        assert_eq!(report.state, State::Quarantined(reason), "{message}");
        let later = ask(mirror, "hello").await;
        assert_eq!(later.map(drop), UNAVAILABLE, "{message}: later");
        assert!(!keyed.is_available(), "{message}: its other chain");
        assert_eq!(report.processes, before, "{message}: no process ended");
    }
}

/// Builds the specimen of the Rust SDK, which does on demand what plugins do wrong, and grants it its chains.
fn build(directory: &Directory) -> Grant {
    // The SDK's own tests build it there, too. It is not the directory that cargo may hold at the moment.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugins");
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked"])
        .args(["--package", "countersign-plugin-specimen"])
        .arg("--manifest-path")
        .arg(sdk.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .output()
        .expect("cargo runs this test");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let file = "libcountersign_plugin_specimen.so";
    let built = target.join("debug").join(file);
    fs::copy(built, directory.file(file)).expect("it was just built");
    let mode = Permissions::from_mode(0o755);
    fs::set_permissions(directory.file(file), mode).expect("the copy is ours");
    Grant {
        namespaces: ["mirror", "keyed"]
            .map(|name| Namespace::new(name).expect("a namespace"))
            .into(),
        address_is_key: true,
        ..directory.grant("specimen", file)
    }
}

/// Asks with a signature that is valid: the message, backwards.
async fn ask(chain: &Arc<dyn ChainVerifier>, message: &str) -> Result<ProvenAccount, VerifyError> {
    let account: ChainAddress = "mirror:main-net:alice".parse().expect("an account");
    let proof = Proof {
        signature: message.bytes().rev().collect(),
        public_key: None,
        key_type: None,
    };
    chain.verify(&account, message.as_bytes(), &proof).await
}
