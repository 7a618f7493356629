//! The same questions to libsecp256k1, over a document that a JSON library writes.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use bitcoin::{
    hashes::{Hash, hash160, sha256},
    secp256k1::{Message, PublicKey, Secp256k1, ecdsa::Signature},
};
use proptest::{
    prelude::RngExt,
    test_runner::{RngAlgorithm, TestRng},
};
use serde_json::json;

use super::vectors::{Case, read, say};
use crate::{address::Address, signature};

/// A proof without its chain.
struct Claimed {
    address: String,
    message: String,
    signature: Vec<u8>,
    public_key: Vec<u8>,
}

impl From<&Case> for Claimed {
    fn from(case: &Case) -> Self {
        Self {
            address: case.address.clone(),
            message: case.message.clone(),
            signature: case.signature(),
            public_key: case.public_key().unwrap_or_default(),
        }
    }
}

impl Claimed {
    fn ours(&self) -> bool {
        let address = Address::read(&self.address).expect("an address");
        let message = self.message.as_bytes();
        signature::check(&address, message, &self.signature, &self.public_key).is_ok()
    }

    fn theirs(&self) -> bool {
        let Ok(key) = PublicKey::from_slice(&self.public_key) else {
            return false;
        };
        let Ok(signature) = Signature::from_compact(&self.signature) else {
            return false;
        };
        let (_, account) = bech32::decode(&self.address).expect("an address");
        // It knows uncompressed keys, too, which the Cosmos SDK does not.
        let is_account = hash160::Hash::hash(&self.public_key).to_byte_array()[..] == account;
        let value = json!({"data": STANDARD.encode(&self.message), "signer": self.address});
        let document = json!({
            "account_number": "0",
            "chain_id": "",
            "fee": {"amount": [], "gas": "0"},
            "memo": "",
            "msgs": [{"type": "sign/MsgSignData", "value": value}],
            "sequence": "0",
        });
        let digest = sha256::Hash::hash(document.to_string().as_bytes());
        let message = Message::from_digest(digest.to_byte_array());
        let secp = Secp256k1::verification_only();
        is_account && secp.verify_ecdsa(&message, &signature, &key).is_ok()
    }
}

#[test]
fn the_vectors_are_judged_alike() {
    let mut counts = BTreeMap::<_, usize>::new();
    for case in read().cases {
        let claimed = Claimed::from(&case);
        assert_eq!(claimed.ours(), claimed.theirs(), "{}", case.id);
        *counts.entry(claimed.ours()).or_default() += 1;
    }
    say(&format!("judged as by libsecp256k1 {counts:?}"));
}

#[test]
fn mutated_proofs_are_judged_alike() {
    let mut cases = read().cases;
    cases.retain(|case| case.valid && case.message.len() < 1000);
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]);
    let mut counts = BTreeMap::<_, usize>::new();
    for round in 0..ROUNDS {
        let case = &cases[round % cases.len()];
        let other = &cases[random.random_range(0..cases.len())];
        let claimed = mutated(case.into(), &other.into(), &mut random);
        let (signature, key) = (
            hex::encode(&claimed.signature),
            hex::encode(&claimed.public_key),
        );
        let judged = claimed.ours();
        assert_eq!(judged, claimed.theirs(), "{}: {signature} {key}", case.id);
        *counts.entry(judged).or_default() += 1;
    }
    say(&format!(
        "mutated proofs judged as by libsecp256k1 {counts:?}"
    ));
    assert!(counts[&true] > 50 && counts[&false] > 4000, "{counts:?}");
}

const ROUNDS: usize = 6000;

/// One edit of a good proof, or a part of another.
fn mutated(mut claimed: Claimed, other: &Claimed, random: &mut TestRng) -> Claimed {
    let choice = random.random_range(0..10);
    let bytes = match random.random_range(0..3) {
        0 => &mut claimed.public_key,
        _ => &mut claimed.signature,
    };
    let at = random.random_range(0..bytes.len());
    match choice {
        0 | 1 => bytes[at] ^= 1 << random.random_range(0..8),
        2 => bytes[at] = random.random(),
        3 => bytes.truncate(at),
        4 => bytes.insert(at, random.random()),
        5 => drop(bytes.remove(at)),
        6 => claimed.signature.clone_from(&other.signature),
        7 => claimed.public_key.clone_from(&other.public_key),
        8 => claimed.address.clone_from(&other.address),
        _ => claimed.message.push('.'),
    }
    claimed
}
