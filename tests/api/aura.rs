//! The Aura dialect.

mod bad_input;
mod challenge;
mod keys;
mod lock_out;

use countersign_alephium::{KeyType, Wallet};
use countersign_server::random::SystemRandom;
use countersign_tests::{Answer, Client};
use serde_json::{Value, json};

/// A wallet of the usual kind with a fresh random key.
pub(crate) fn wallet() -> Wallet {
    Wallet::generate(&SystemRandom, KeyType::Default)
}

/// A text to sign, for this address.
pub(crate) async fn challenge(client: &Client, address: &str) -> String {
    let answer = client
        .post("/v1/auth/challenge", &json!({ "address": address }))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.field("challenge")
}

/// The body that mints a key with this signed text.
pub(crate) fn signed(wallet: &Wallet, challenge: &str) -> Value {
    json!({
        "address": wallet.address(),
        "publicKey": wallet.public_key(),
        "signature": wallet.sign(challenge.as_bytes()),
    })
}

/// Asks, signs and mints.
pub(crate) async fn mint(client: &Client, wallet: &Wallet) -> Answer {
    let challenge = challenge(client, &wallet.address()).await;
    let answer = client
        .post("/v1/auth/keys", &signed(wallet, &challenge))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}
