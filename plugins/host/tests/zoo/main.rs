//! Bad plugins, one for each rule: each is refused, or put aside, with its own code, and nothing else notices.

mod aliases;
mod alone;
mod build;
mod calls;
#[cfg(target_arch = "x86_64")]
mod frozen;
mod loading;
mod panics;
mod processes;
mod replacing;

use std::sync::Arc;

use countersign_core::{
    ChainVerifier,
    chain::{ChainAddress, Namespace},
    proof::Proof,
    verifier::{ProvenAccount, VerifyError},
};
use countersign_plugin_host::{Grant, LoadError, PluginSet};

use build::Directory;

/// The checksum that stands for a signature.
fn sign(address: &str, message: &str) -> Vec<u8> {
    let bytes = address.bytes().chain(message.bytes());
    let sum = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    sum.to_le_bytes().to_vec()
}

async fn load(directory: &Directory, grant: Grant) -> Result<PluginSet, LoadError> {
    let ethereum = Namespace::new("eip155").expect("a namespace");
    let policy = directory.policy([grant]);
    PluginSet::load(&policy, &[ethereum], &PluginSet::default()).await
}

fn only(set: &PluginSet) -> Arc<dyn ChainVerifier> {
    let [chain] = &set.verifiers()[..] else {
        panic!("one chain");
    };
    chain.clone()
}

async fn verify(
    chain: &dyn ChainVerifier,
    address: &str,
    message: &str,
) -> Result<ProvenAccount, VerifyError> {
    let account: ChainAddress = format!("toy:main:{address}").parse().expect("an account");
    let proof = Proof {
        signature: sign(address, message),
        public_key: None,
        key_type: None,
    };
    chain.verify(&account, message.as_bytes(), &proof).await
}
