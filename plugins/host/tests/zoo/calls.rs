//! What a plugin must not answer. One such answer is enough, and only its own chains notice.

use countersign_core::verifier::{AddressError, VerifyError};
use countersign_plugin_host::{Isolation, State};

use super::{Directory, load, only, verify};

const UNAVAILABLE: Result<(), VerifyError> = Err(VerifyError::Unavailable);

#[tokio::test]
async fn a_breach_of_the_contract_quarantines_the_plugin_and_no_other() {
    for isolation in [Isolation::InProcess, Isolation::Process] {
        breaches(&Directory::new(isolation)).await;
    }
}

async fn breaches(directory: &Directory) {
    let good = load(directory, directory.build("good", &[]))
        .await
        .expect("it is loaded");
    for (specimen, reason) in [
        (
            "lying_length",
            "it claims more bytes than there is room for",
        ),
        ("buffer_overrun", "it wrote where it may not"),
        ("swapped_buffer", "it wrote where it may not"),
        ("unechoed", "it did not echo the call"),
        ("stale_verdict", "its verdict is neither valid nor invalid"),
        (
            "boolean_verdict",
            "its verdict is neither valid nor invalid",
        ),
        (
            "another_signer",
            "it calls a proof valid for another signer",
        ),
    ] {
        let set = load(directory, directory.build(specimen, &[]))
            .await
            .expect("it is loaded");
        let chain = only(&set);
        assert!(
            verify(&*chain, "alice", "hello").await.is_ok(),
            "{specimen}"
        );
        assert_eq!(
            verify(&*chain, "alice", "misbehave").await.map(drop),
            UNAVAILABLE,
            "{specimen}"
        );
        assert!(!chain.is_available(), "{specimen}");
        assert_eq!(
            set.reports()[0].state,
            State::Quarantined(reason.to_owned()),
            "{specimen}"
        );
        assert_eq!(
            verify(&*chain, "alice", "hello").await.map(drop),
            UNAVAILABLE,
            "{specimen}: later"
        );
        assert_eq!(
            chain.parse_address("alice").await,
            Err(AddressError::Unavailable),
            "{specimen}"
        );
        assert!(
            verify(&*only(&good), "alice", "hello").await.is_ok(),
            "another chain"
        );
    }
}

#[tokio::test]
async fn a_verdict_counts_beside_a_good_status_only() {
    let places = [Isolation::InProcess, Isolation::Process];
    let specimens = ["valid_but_failed", "unknown_status"];
    for (isolation, specimen) in places.into_iter().zip(specimens) {
        let directory = Directory::new(isolation);
        let set = load(&directory, directory.build(specimen, &[]))
            .await
            .unwrap();
        let chain = only(&set);
        assert_eq!(
            verify(&*chain, "alice", "misbehave").await.map(drop),
            UNAVAILABLE,
            "{specimen}"
        );
        assert!(chain.is_available(), "{specimen}: a failure is no breach");
    }
}

#[tokio::test]
async fn addresses_and_proofs_are_judged_by_the_plugin() {
    for isolation in [Isolation::InProcess, Isolation::Process] {
        judgements(&Directory::new(isolation)).await;
    }
}

async fn judgements(directory: &Directory) {
    let set = load(directory, directory.build("good", &[]))
        .await
        .expect("it is loaded");
    let chain = only(&set);
    assert_eq!(
        chain
            .parse_address("alice")
            .await
            .expect("an address")
            .as_str(),
        "alice"
    );
    let malformed = AddressError::malformed("1 to 16 letters");
    assert_eq!(chain.parse_address("Alice").await, Err(malformed.clone()));
    assert_eq!(chain.parse_address("").await, Err(malformed));
    assert_eq!(
        chain.parse_address("mallory").await,
        Err(AddressError::invalid("anybody else"))
    );
    let long = AddressError::malformed("an address of this chain");
    assert_eq!(chain.parse_address(&"a".repeat(5000)).await, Err(long));
    let account = "toy:main:alice".parse().expect("an account");
    for (signature, what) in [
        (super::sign("bob", "hello"), "somebody else's"),
        (super::sign("alice", "hello")[..7].to_vec(), "cut"),
        (vec![0; 9], "too long to be asked about"),
        (vec![], "none"),
    ] {
        let proof = countersign_core::proof::Proof {
            signature,
            public_key: None,
            key_type: None,
        };
        let verdict = chain.verify(&account, b"hello", &proof).await;
        assert_eq!(verdict, Err(VerifyError::InvalidProof), "{what}");
    }
}
