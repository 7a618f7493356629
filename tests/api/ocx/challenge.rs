//! `POST /auth/challenge` and `POST /auth/verify`

use countersign_ethereum::Wallet;
use countersign_tests::{Answer, Client, Server, Session, siwe_message};
use serde_json::{Value, json};

use crate::wallet;

async fn challenge(client: &Client, wallet: &Wallet) -> Answer {
    let answer = client
        .post(
            "/auth/challenge",
            &json!({ "chain": "eip155:1", "address": wallet.address() }),
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

fn signed(wallet: &Wallet, challenge: &Answer) -> Value {
    let signature = wallet.sign(challenge.field("message").as_bytes());
    json!({ "challengeId": challenge.field("challengeId"), "signature": signature })
}

#[tokio::test]
async fn a_signed_challenge_signs_in_once() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let answer = signed(&wallet, &challenge(&client, &wallet).await);
    let session = Session::of(&client.post("/auth/verify", &answer).await);
    assert_eq!(
        client
            .with_bearer(&session.token)
            .get("/auth/me")
            .await
            .field("userId"),
        session.user_id
    );
    client
        .post("/auth/verify", &answer)
        .await
        .assert_error(400, "NONCE_MISMATCH");
}

#[tokio::test]
async fn the_message_carries_scheme_purpose_and_expiry() {
    let server = Server::start();
    let wallet = wallet();
    let answer = challenge(&server.client(), &wallet).await;
    let message = answer.field("message");
    let opening = format!(
        "{} wants you to sign in with your Ethereum account:\n{}\n",
        server.url(),
        wallet.address()
    );
    assert!(message.starts_with(&opening), "{message}");
    assert!(
        message.contains(&format!("\nSign in to {}.\n", server.authority())),
        "{message}"
    );
    assert!(
        message.contains(&format!("\nNonce: {}\n", answer.field("nonce"))),
        "{message}"
    );
    assert!(
        message.ends_with(&format!("\nExpiration Time: {}", answer.field("expiresAt"))),
        "{message}"
    );
}

#[tokio::test]
async fn another_wallets_signature_is_refused_and_consumes_nothing() {
    let server = Server::start();
    let (client, owner) = (server.client(), wallet());
    let challenge = challenge(&client, &owner).await;
    client
        .post("/auth/verify", &signed(&wallet(), &challenge))
        .await
        .assert_error(401, "INVALID_SIGNATURE");
    assert_eq!(
        client
            .post("/auth/verify", &signed(&owner, &challenge))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_unknown_challenge_is_refused() {
    let server = Server::start();
    for id in ["01HW7ZK5P8J9X2M3T4V6Y8N0B1", "no-ulid-but-26-characters!"] {
        let answer = server
            .client()
            .post(
                "/auth/verify",
                &json!({ "challengeId": id, "signature": "0x00" }),
            )
            .await;
        answer.assert_error(400, "NONCE_MISMATCH");
    }
}

#[tokio::test]
async fn the_two_flows_do_not_mix() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let challenge = challenge(&client, &wallet).await;
    client
        .submit(&wallet, &challenge.field("message"))
        .await
        .assert_error(400, "NONCE_MISMATCH");
    let own = siwe_message(server.url(), &wallet, &challenge.field("nonce"));
    client
        .submit(&wallet, &own)
        .await
        .assert_error(400, "NONCE_MISMATCH");
}

#[tokio::test]
async fn chains_that_are_not_served_are_refused() {
    let server = Server::start();
    let wallet = wallet();
    let ask = |chain: &'static str| {
        let (client, body) = (
            server.client(),
            json!({ "chain": chain, "address": wallet.address() }),
        );
        async move { client.post("/auth/challenge", &body).await }
    };
    ask("eip155:5")
        .await
        .assert_error_at(400, "CHAIN_NOT_ALLOWED", "/chain");
    ask("solana:mainnet")
        .await
        .assert_error_at(400, "CHAIN_NOT_ALLOWED", "/chain");
    ask("eip155")
        .await
        .assert_error_at(400, "INVALID_REQUEST", "/chain");
    ask("eip155:1:2")
        .await
        .assert_error_at(400, "INVALID_REQUEST", "/chain");
}

#[tokio::test]
async fn an_address_of_another_form_is_refused() {
    let server = Server::start();
    let answer = server
        .client()
        .post(
            "/auth/challenge",
            &json!({ "chain": "eip155:1", "address": "0x12" }),
        )
        .await;
    answer.assert_error_at(400, "INVALID_ADDRESS", "/address");
}

#[tokio::test]
async fn key_type_and_public_key_must_be_the_chains_and_the_signers() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let mut answer = signed(&wallet, &challenge(&client, &wallet).await);
    answer["keyType"] = "ed25519".into();
    client
        .post("/auth/verify", &answer)
        .await
        .assert_error_at(400, "INVALID_REQUEST", "/keyType");
    answer["keyType"] = "secp256k1".into();
    answer["publicKey"] = "xyz".into();
    client.post("/auth/verify", &answer).await.assert_error_at(
        400,
        "INVALID_REQUEST",
        "/publicKey",
    );
    answer["publicKey"] =
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798".into();
    client
        .post("/auth/verify", &answer)
        .await
        .assert_error(401, "INVALID_SIGNATURE");
}
