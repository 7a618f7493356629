//! `/v1/auth/keys`

use countersign_alephium::{KeyType, Wallet};
use countersign_server::random::SystemRandom;
use countersign_tests::{Answer, Client, Server};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::{challenge, mint, signed, wallet};

async fn revoke(client: &Client, id: &str) -> Answer {
    client
        .send(client.request(Method::DELETE, &format!("/v1/auth/keys/{id}")))
        .await
}

fn ids(list: &Answer) -> Vec<String> {
    let list = list.json();
    let keys = list["keys"].as_array().expect("a list").iter();
    keys.map(|key| key["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[tokio::test]
async fn a_signed_challenge_mints_a_key_that_is_shown_once() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let minted = mint(&client, &wallet).await;
    let key = minted.field("key");
    assert!(key.starts_with("aura_live_") && key.len() == 42, "{key}");
    assert_eq!(minted.header("cache-control"), "no-store");
    let mut expected = minted.json();
    let object = expected.as_object_mut().expect("an object");
    object.remove("key");
    assert_eq!(object.len(), 9);
    assert_eq!(expected["keyPrefix"], key[..14]);
    assert_eq!(expected["ownerAddress"], wallet.address());
    assert_eq!(expected["scopes"], json!(["read", "write:tx"]));
    for absent in ["rateLimitPerMin", "lastUsedAt", "revokedAt", "name"] {
        assert_eq!(expected[absent], Value::Null, "{absent}");
    }
    let listed = client.with_bearer(&key).get("/v1/auth/keys").await;
    let mut shown = listed.json()["keys"][0].clone();
    assert!(shown["lastUsedAt"].is_string(), "the list is itself a use");
    shown["lastUsedAt"] = Value::Null;
    assert_eq!(shown, expected);
    let echo = client
        .with_bearer(&key)
        .post("/v1/tx/echo", &json!({}))
        .await;
    assert_eq!(echo.json()["caller"]["keyId"], expected["id"], "{echo:?}");
}

#[tokio::test]
async fn a_challenge_mints_once() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let text = challenge(&client, &wallet.address()).await;
    let mut body = signed(&wallet, &text);
    body["challenge"] = text.into();
    assert_eq!(client.post("/v1/auth/keys", &body).await.status, 200);
    let again = client.post("/v1/auth/keys", &body).await;
    again.assert_aura_error(401, "challenge_expired");
    assert_eq!(again.header("www-authenticate"), "Bearer");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_mints_with_one_challenge_exactly_one_wins() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
    let mints = (0..64).map(|_| {
        let (client, body) = (server.client(), body.clone());
        tokio::spawn(async move { client.post("/v1/auth/keys", &body).await })
    });
    let mut won = Vec::new();
    for answer in join_all(mints).await {
        let answer = answer.expect("no client panics");
        if answer.status == 200 {
            won.push(answer);
        } else {
            answer.assert_aura_error(401, "challenge_expired");
        }
    }
    assert_eq!(won.len(), 1);
    let listed = client
        .with_bearer(&won[0].field("key"))
        .get("/v1/auth/keys")
        .await;
    assert_eq!(ids(&listed), [won[0].field("id")]);
}

#[tokio::test]
async fn name_scopes_and_key_type_are_the_callers() {
    let server = Server::start();
    let client = server.client();
    for key_type in KeyType::ON_BY_DEFAULT {
        let wallet = Wallet::generate(&SystemRandom, key_type);
        let mut body = signed(&wallet, &challenge(&client, &wallet.address()).await);
        body["keyType"] = key_type.as_str().into();
        body["name"] = "monitor".into();
        body["scopes"] = json!(["read"]);
        for field in ["publicKey", "signature"] {
            body[field] = format!("0x{}", body[field].as_str().expect("hex").to_uppercase()).into();
        }
        let minted = client.post("/v1/auth/keys", &body).await;
        assert_eq!(minted.status, 200, "{key_type}: {minted:?}");
        assert_eq!(minted.json()["name"], "monitor");
        assert_eq!(minted.json()["scopes"], json!(["read"]));
        let holder = client.with_bearer(&minted.field("key"));
        assert_eq!(holder.get("/v1/markets").await.status, 200);
        let echo = holder.post("/v1/tx/echo", &json!({})).await;
        echo.assert_aura_error(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn a_key_sees_and_revokes_the_keys_of_its_wallet_only() {
    let server = Server::start();
    let (client, owner, other) = (server.client(), wallet(), wallet());
    let (first, second) = (mint(&client, &owner).await, mint(&client, &owner).await);
    let stranger = mint(&client, &other).await;
    let holder = |minted: &Answer| client.with_bearer(&minted.field("key"));
    let listed = holder(&first).get("/v1/auth/keys").await;
    assert_eq!(ids(&listed), [second.field("id"), first.field("id")]);
    let foreign = revoke(&holder(&first), &stranger.field("id")).await;
    foreign.assert_aura_error(404, "not_found");
    for id in ["00000000-0000-4000-8000-000000000000", "nonsense", "%00"] {
        revoke(&holder(&first), id)
            .await
            .assert_aura_error(404, "not_found");
    }
    let id = second.field("id");
    for spelling in [id.clone(), id.to_uppercase(), id.clone()] {
        assert_eq!(revoke(&holder(&first), &spelling).await.status, 204);
        let refused = holder(&second).get("/v1/markets").await;
        refused.assert_aura_error(401, "unauthorized");
    }
    let listed = holder(&first).get("/v1/auth/keys").await.json();
    assert!(listed["keys"][0]["revokedAt"].is_string(), "{listed}");
    assert_eq!(
        revoke(&holder(&first), &first.field("id")).await.status,
        204
    );
    let refused = holder(&first).get("/v1/auth/keys").await;
    refused.assert_aura_error(401, "unauthorized");
    assert_eq!(holder(&stranger).get("/v1/markets").await.status, 200);
}

#[tokio::test]
async fn the_hundred_and_first_key_is_refused_and_consumes_nothing() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let mut last = mint(&client, &wallet).await;
    for _ in 1..100 {
        last = mint(&client, &wallet).await;
    }
    let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
    for _ in 0..2 {
        let answer = client.post("/v1/auth/keys", &body).await;
        answer.assert_aura_error(409, "key_limit");
    }
    let holder = client.with_bearer(&last.field("key"));
    assert_eq!(revoke(&holder, &last.field("id")).await.status, 204);
    assert_eq!(client.post("/v1/auth/keys", &body).await.status, 200);
}
