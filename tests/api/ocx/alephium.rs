//! Alephium wallets on `POST /auth/challenge` and `POST /auth/verify`

use countersign_alephium::{KeyType, Wallet};
use countersign_server::random::SystemRandom;
use countersign_tests::{Answer, Client, Server, Session};
use serde_json::{Value, json};

fn wallet(key_type: KeyType) -> Wallet {
    Wallet::generate(&SystemRandom, key_type)
}

async fn challenge(client: &Client, address: &str) -> Answer {
    let body = json!({ "chain": "alephium:mainnet", "address": address });
    let answer = client.post("/auth/challenge", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

fn signed(wallet: &Wallet, challenge: &Answer) -> Value {
    json!({
        "challengeId": challenge.field("challengeId"),
        "signature": wallet.sign(challenge.field("message").as_bytes()),
        "publicKey": wallet.public_key(),
    })
}

#[tokio::test]
async fn every_key_type_signs_in_with_and_without_its_name_and_0x() {
    let server = Server::start();
    let client = server.client();
    for key_type in KeyType::ON_BY_DEFAULT {
        let wallet = wallet(key_type);
        let mut users = Vec::new();
        for (is_named, prefix) in [(false, ""), (true, ""), (false, "0x"), (true, "0x")] {
            let mut body = signed(&wallet, &challenge(&client, &wallet.address()).await);
            for field in ["signature", "publicKey"] {
                body[field] = format!("{prefix}{}", body[field].as_str().expect("hex")).into();
            }
            if is_named {
                body["keyType"] = key_type.as_str().into();
            }
            let answer = client.post("/auth/verify", &body).await;
            let session = Session::of(&answer);
            assert_eq!(answer.field("walletAddress"), wallet.address());
            let me = client.with_cookie(&session.token).get("/auth/me").await;
            assert_eq!(me.field("chain"), "alephium:mainnet");
            users.push(session.user_id);
        }
        assert!(
            users.iter().all(|user| *user == users[0]),
            "{key_type}: {users:?}"
        );
    }
}

#[tokio::test]
async fn the_message_names_the_network_and_the_address_without_its_group() {
    let server = Server::start();
    let wallet = wallet(KeyType::GlSecp256k1);
    let answer = challenge(&server.client(), &format!("{}:2", wallet.address())).await;
    let message = answer.field("message");
    let opening = format!(
        "{} wants you to sign in with your Alephium account:\n{}\n",
        server.url(),
        wallet.address()
    );
    assert!(
        message.starts_with(&opening) && message.contains("\nChain ID: mainnet\n"),
        "{message}"
    );
    let body = signed(&wallet, &answer);
    assert_eq!(
        server.client().post("/auth/verify", &body).await.status,
        200
    );
}

#[tokio::test]
async fn a_proof_that_does_not_bind_the_address_is_refused_and_consumes_nothing() {
    let server = Server::start();
    let (client, owner) = (server.client(), wallet(KeyType::Default));
    let answer = challenge(&client, &owner.address()).await;
    let good = signed(&owner, &answer);
    let stranger = signed(&wallet(KeyType::Default), &answer);
    let schnorr = signed(&wallet(KeyType::Bip340Schnorr), &answer);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for bad in [
        stranger.clone(),
        schnorr,
        with("signature", stranger["signature"].clone()),
        with("publicKey", stranger["publicKey"].clone()),
        with("publicKey", "00".into()),
        with("keyType", "gl-secp256k1".into()),
        with(
            "signature",
            format!("{}00", good["signature"].as_str().expect("hex")).into(),
        ),
    ] {
        client
            .post("/auth/verify", &bad)
            .await
            .assert_error(401, "INVALID_SIGNATURE");
    }
    let unknown = with("keyType", "gl-webauthn".into());
    client
        .post("/auth/verify", &unknown)
        .await
        .assert_error_at(400, "INVALID_REQUEST", "/keyType");
    let mut without_key = good.clone();
    without_key
        .as_object_mut()
        .expect("an object")
        .remove("publicKey");
    let answer = client.post("/auth/verify", &without_key).await;
    answer.assert_error_at(400, "INVALID_REQUEST", "/publicKey");
    assert_eq!(client.post("/auth/verify", &good).await.status, 200);
}

#[tokio::test]
async fn the_same_key_on_another_network_or_of_another_type_is_another_user() {
    let server = Server::start();
    let client = server.client();
    let mainnet = wallet(KeyType::Default);
    let user = |body: Value| {
        let client = client.clone();
        async move { Session::of(&client.post("/auth/verify", &body).await).user_id }
    };
    let first = user(signed(
        &mainnet,
        &challenge(&client, &mainnet.address()).await,
    ))
    .await;
    let body = json!({ "chain": "alephium:testnet", "address": mainnet.address() });
    let on_testnet = client.post("/auth/challenge", &body).await;
    assert_ne!(user(signed(&mainnet, &on_testnet)).await, first);
    let groupless = Wallet::from_hex(&mainnet.to_hex(), KeyType::GlSecp256k1).expect("a key");
    assert_ne!(
        user(signed(
            &groupless,
            &challenge(&client, &groupless.address()).await
        ))
        .await,
        first
    );
}

const EXTRA: [KeyType; 3] = [
    KeyType::GlSecp256r1,
    KeyType::GlEd25519,
    KeyType::GlWebauthn,
];

#[tokio::test]
async fn key_types_that_are_off_by_default_can_be_enabled() {
    let server = Server::start_with(&[
        (
            "COUNTERSIGN__ALEPHIUM__EXTRA_KEY_TYPES",
            "gl-secp256r1,gl-ed25519,gl-webauthn",
        ),
        // The site of the developer's passkeys.
        ("COUNTERSIGN__SIGN_IN__ORIGINS", "http://localhost"),
    ]);
    let client = server.client();
    let listed = client.get("/auth/chains").await.json();
    assert_eq!(
        listed["chains"][0]["keyTypes"].as_array().map(Vec::len),
        Some(6)
    );
    for key_type in EXTRA {
        let wallet = wallet(key_type);
        let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
        let answer = client.post("/auth/verify", &body).await;
        assert_eq!(answer.status, 200, "{key_type}: {answer:?}");
    }
}

#[tokio::test]
async fn key_types_that_are_off_prove_nobody() {
    let server = Server::start();
    let client = server.client();
    for key_type in EXTRA {
        let wallet = wallet(key_type);
        let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
        let answer = client.post("/auth/verify", &body).await;
        answer.assert_error(401, "INVALID_SIGNATURE");
    }
}
