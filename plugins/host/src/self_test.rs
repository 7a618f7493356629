//! The proofs that a plugin brings along: each must hold, and must not once it is changed.

use countersign_core::{
    ChainVerifier,
    chain::{ChainAddress, ChainId},
    proof::Proof,
    verifier::VerifyError,
};

use crate::{adapter::PluginChain, descriptor::SelfTest, refusal::Refusal};

/// Checks all proofs of a chain.
///
/// # Errors
/// [`Refusal::SelfTest`] says which proof did what.
pub(crate) async fn run(chain: &PluginChain) -> Result<(), Refusal> {
    for (index, test) in chain.descriptor.self_tests.iter().enumerate() {
        let fail = |what: &str| {
            let namespace = &chain.descriptor.namespace;
            Refusal::SelfTest(format!("proof {index} of {namespace} {what}"))
        };
        let id = ChainId::new(chain.info.namespace.clone(), &test.reference);
        let id = id.map_err(|_| fail("names no chain"))?;
        // By itself, and as one of its chain.
        let read = chain.parse_address(&test.address).await;
        let address =
            read.map_err(|error| fail(&format!("has an address that is refused: {error}")))?;
        let on_chain = chain.parse_account(&id, &test.address).await;
        on_chain
            .map_err(|error| fail(&format!("has an address that its chain refuses: {error}")))?;
        if address.as_str() != test.address {
            return Err(fail("has an address that is not canonical"));
        }
        let account = ChainAddress { chain: id, address };
        let verdict = chain.verify(&account, &test.message, &proof(test)).await;
        if verdict.is_err() {
            return Err(fail("does not hold"));
        }
        for (what, message, changed) in changes(test) {
            let verdict = chain.verify(&account, &message, &changed).await;
            if verdict != Err(VerifyError::InvalidProof) {
                return Err(fail(&format!("holds with {what}, or is not judged")));
            }
        }
    }
    Ok(())
}

fn proof(test: &SelfTest) -> Proof {
    Proof {
        signature: test.signature.clone(),
        public_key: Some(test.public_key.clone()).filter(|key| !key.is_empty()),
        key_type: Some(test.key_type.clone()).filter(|name| !name.is_empty()),
    }
}

/// Each part of the proof, changed in one bit or cut.
fn changes(test: &SelfTest) -> Vec<(&'static str, Vec<u8>, Proof)> {
    let good = proof(test);
    let with_signature = |signature: Vec<u8>| Proof {
        signature,
        ..good.clone()
    };
    let mut other_message = test.message.clone();
    other_message.push(b'.');
    let mut flipped_message = test.message.clone();
    let mut flipped = test.signature.clone();
    if let (Some(bit), Some(message)) = (flipped.first_mut(), flipped_message.first_mut()) {
        *bit ^= 1;
        *message ^= 1;
    }
    let cut = test.signature[..test.signature.len().saturating_sub(1)].to_vec();
    vec![
        ("another message", other_message, good.clone()),
        ("a changed message", flipped_message, good.clone()),
        (
            "a changed signature",
            test.message.clone(),
            with_signature(flipped),
        ),
        ("a cut signature", test.message.clone(), with_signature(cut)),
        ("no signature", test.message.clone(), with_signature(vec![])),
    ]
}
