//! `POST /v1/auth/challenge`

use countersign_tests::{Client, Server};
use serde_json::json;

use super::{challenge, mint, signed, wallet};

#[tokio::test]
async fn the_text_says_its_purpose_and_expires_in_five_minutes() {
    let server = Server::start();
    let wallet = wallet();
    let answer = server
        .client()
        .post(
            "/v1/auth/challenge",
            &json!({ "address": wallet.address() }),
        )
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = answer.field("challenge");
    let opening = format!(
        "{} wants you to sign in with your Alephium account:\n{}\n",
        server.url(),
        wallet.address()
    );
    assert!(text.starts_with(&opening), "{text}");
    let purpose = format!(
        "\nCreate an API key that acts for this wallet at {}.\n",
        server.authority()
    );
    assert!(text.contains(&purpose), "{text}");
    assert!(text.contains("\nChain ID: mainnet\n"), "{text}");
    assert!(
        text.ends_with(&format!("\nExpiration Time: {}", answer.field("expiresAt"))),
        "{text}"
    );
    assert_eq!(answer.json().as_object().map(serde_json::Map::len), Some(2));
}

#[tokio::test]
async fn who_asks_again_is_given_the_same_text_until_it_is_used() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let first = challenge(&client, &wallet.address()).await;
    assert_eq!(challenge(&client, &wallet.address()).await, first);
    assert_ne!(challenge(&client, &super::wallet().address()).await, first);
    let minted = client.post("/v1/auth/keys", &signed(&wallet, &first)).await;
    assert_eq!(minted.status, 200, "{minted:?}");
    assert_ne!(challenge(&client, &wallet.address()).await, first);
}

#[tokio::test]
async fn chain_and_purpose_make_another_text() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let ask = async |body: serde_json::Value| {
        let mut all = json!({ "address": wallet.address() });
        let object = all.as_object_mut().expect("an object");
        object.extend(body.as_object().cloned().unwrap_or_default());
        client.post("/v1/auth/challenge", &all).await
    };
    let default = ask(json!({})).await.field("challenge");
    let spelled_out = json!({ "chain": "alephium:mainnet", "purpose": "mint-key" });
    assert_eq!(ask(spelled_out).await.field("challenge"), default);
    let testnet = ask(json!({ "chain": "alephium:testnet" }))
        .await
        .field("challenge");
    assert!(testnet.contains("\nChain ID: testnet\n"), "{testnet}");
    let sign_in = ask(json!({ "purpose": "sign-in" }))
        .await
        .field("challenge");
    assert!(sign_in.contains("\nSign in to "), "{sign_in}");
    for (body, pointer) in [
        (json!({ "chain": "alephium:devnet" }), "/chain"),
        (json!({ "chain": "solana:mainnet" }), "/chain"),
        (json!({ "chain": "mainnet" }), "/chain"),
        (json!({ "purpose": "link-wallet" }), "/purpose"),
        (json!({ "address": "0x12" }), "/address"),
    ] {
        ask(body)
            .await
            .assert_aura_error_at(400, "bad_request", pointer);
    }
}

#[tokio::test]
async fn a_signature_for_one_purpose_is_useless_for_another() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let ask = json!({ "address": wallet.address(), "purpose": "sign-in" });
    let sign_in = client
        .post("/v1/auth/challenge", &ask)
        .await
        .field("challenge");
    for named in [false, true] {
        let mut body = signed(&wallet, &sign_in);
        if named {
            body["challenge"] = sign_in.clone().into();
        }
        let answer = client.post("/v1/auth/keys", &body).await;
        answer.assert_aura_error(401, "challenge_expired");
    }
    // With another challenge alive it is a wrong signature.
    challenge(&client, &wallet.address()).await;
    let answer = client
        .post("/v1/auth/keys", &signed(&wallet, &sign_in))
        .await;
    answer.assert_aura_error(401, "invalid_signature");
}

#[tokio::test]
async fn the_dialects_do_not_mix() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let ask = json!({ "chain": "alephium:mainnet", "address": wallet.address() });
    let ocx = client.post("/auth/challenge", &ask).await;
    let answer = client
        .post("/v1/auth/keys", &signed(&wallet, &ocx.field("message")))
        .await;
    answer.assert_aura_error(401, "challenge_expired");
    let key = mint(&client, &wallet).await.field("key");
    for client in [client.with("x-api-key", &key), client.with_bearer(&key)] {
        refused(&client).await;
    }
}

async fn refused(client: &Client) {
    let answer = client.get("/perps/markets").await;
    answer.assert_error(401, "INVALID_CREDENTIAL");
}
