//! A library that was built when the ABI became 1.0, and is never built again. It must be loaded for ever.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use countersign_core::{
    ChainVerifier,
    chain::{ChainAddress, Namespace},
    proof::Proof,
    verifier::{AddressError, VerifyError},
};
use countersign_plugin_host::{Grant, Isolation, PluginSet};

use super::{Directory, sign};

/// As it was committed.
const SHA256: &str = "17054faba1361c4cdaa140afea06ba43f7057b96a6f6c280af6e76f8ae1c8dd5";

fn place(directory: &Directory, config: &str) -> Grant {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = fs::read(here.join("tests/frozen/abi-1.0/plugin-x86_64.so"));
    let file = directory.file("frozen.so");
    fs::write(&file, library.expect("it is committed")).expect("the directory is ours");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("the file is ours");
    let namespace = |name| Namespace::new(name).expect("a namespace");
    let chain = |text: &str| text.parse().expect("a chain id");
    Grant {
        namespaces: vec![namespace("frozen"), namespace("frozen2")],
        chain_ids: Some(vec![chain("frozen:main"), chain("frozen2:anything")]),
        address_is_key: true,
        config: config.to_owned(),
        ..directory.grant("frozen", "frozen.so")
    }
}

async fn verify(chain: &dyn ChainVerifier, account: &str, changed: u8) -> Result<(), VerifyError> {
    let account: ChainAddress = account.parse().expect("an account");
    let mut signature = sign(account.address.as_str(), "a message");
    signature[0] ^= changed;
    let proof = Proof {
        signature,
        public_key: Some(b"toy".to_vec()),
        key_type: None,
    };
    chain.verify(&account, b"a message", &proof).await.map(drop)
}

#[tokio::test]
async fn a_library_of_abi_1_0_is_loaded_and_answers() {
    for isolation in [Isolation::InProcess, Isolation::Process] {
        let directory = Directory::new(isolation);
        let grant = place(&directory, "{}");
        assert_eq!(hex::encode(grant.sha256), SHA256, "it was changed");
        let set = PluginSet::load(&directory.policy([grant]), &[], &PluginSet::default()).await;
        let set = set.unwrap_or_else(|error| panic!("{isolation:?}: {error}"));
        assert_eq!(set.reports()[0].version.as_deref(), Some("1.0.0"));
        let [frozen, other] = &set.verifiers()[..] else {
            panic!("two chains");
        };
        let info = frozen.info();
        assert_eq!(
            (&*info.name, &*info.key_types),
            ("Frozen Toy", &["sum".to_owned(), "sum-2".to_owned()][..])
        );
        assert!(info.needs_public_key && info.address_is_key);
        assert_eq!(frozen.format_chain_id(&info.chain_ids[0]), "mainnet");
        for (chain, account) in [(frozen, "frozen:main:bob"), (other, "frozen2:anything:bob")] {
            assert_eq!(verify(&**chain, account, 0).await, Ok(()), "{account}");
            let changed = verify(&**chain, account, 1).await;
            assert_eq!(changed, Err(VerifyError::InvalidProof), "{account}");
        }
        let read = frozen.parse_address("Bob").await;
        assert_eq!(
            read.map(|address| address.to_string()),
            Ok("bob".to_owned())
        );
        let invalid = frozen.parse_address("mallory").await;
        let expected = "anybody else".into();
        assert_eq!(invalid, Err(AddressError::Invalid { expected }));
    }
}

#[tokio::test]
async fn its_settings_reach_it() {
    let directory = Directory::new(Isolation::Process);
    let load = async |config: &str| {
        let policy = directory.policy([place(&directory, config)]);
        PluginSet::load(&policy, &[], &PluginSet::default()).await
    };
    let strict = load("{\"strict\":true}")
        .await
        .expect("settings that it knows");
    let read = strict.verifiers()[0].parse_address("Bob").await;
    assert_eq!(read, Err(AddressError::malformed("1 to 16 letters")));
    let refused = load("{\"strict\":1}")
        .await
        .map(drop)
        .expect_err("it does not know these");
    assert_eq!(refused.refusal.code(), "CS-P050");
    assert!(
        refused
            .to_string()
            .contains("expected {\"strict\":true} or none"),
        "{refused}"
    );
}
