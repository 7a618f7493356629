//! Bad input and framework errors, in the dialect's envelope.

use countersign_tests::Server;
use reqwest::Method;
use serde_json::json;

use super::{challenge, signed, wallet};

#[tokio::test]
async fn a_refusal_points_at_the_field() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
    for (field, value) in [
        ("address", json!("0x12")),
        ("address", json!("")),
        ("address", json!(1)),
        ("publicKey", json!("xyz")),
        ("publicKey", json!("abc")),
        ("signature", json!("0x0x00")),
        ("signature", json!(null)),
        ("name", json!("")),
        ("name", json!("n".repeat(81))),
        ("scopes", json!([])),
        ("scopes", json!("read")),
        ("scopes", json!(["read", "write:tx", "read"])),
        ("chain", json!("alephium")),
        ("keyType", json!("ed25519")),
        ("challenge", json!("")),
        ("unknown", json!("field")),
    ] {
        let mut body = body.clone();
        body[field] = value.clone();
        let answer = client.post("/v1/auth/keys", &body).await;
        let pointer = format!("/{field}");
        answer.assert_aura_error_at(400, "bad_request", &pointer);
    }
    let mut unknown_scope = body.clone();
    unknown_scope["scopes"] = json!(["read", "admin"]);
    let answer = client.post("/v1/auth/keys", &unknown_scope).await;
    answer.assert_aura_error_at(400, "bad_request", "/scopes/1");
    for field in ["address", "publicKey", "signature"] {
        let mut body = body.clone();
        body.as_object_mut().expect("an object").remove(field);
        let answer = client.post("/v1/auth/keys", &body).await;
        answer.assert_aura_error_at(400, "bad_request", &format!("/{field}"));
    }
    // None of that consumed the challenge.
    assert_eq!(client.post("/v1/auth/keys", &body).await.status, 200);
}

#[tokio::test]
async fn keys_and_signatures_of_the_wrong_shape_are_wrong() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let body = signed(&wallet, &challenge(&client, &wallet.address()).await);
    for (field, value) in [
        ("publicKey", "00".to_owned()),
        ("publicKey", super::wallet().public_key()),
        ("signature", "00".to_owned()),
        ("signature", "00".repeat(64)),
        ("keyType", "gl-secp256k1".to_owned()),
    ] {
        let mut body = body.clone();
        body[field] = value.into();
        let answer = client.post("/v1/auth/keys", &body).await;
        answer.assert_aura_error(401, "invalid_signature");
    }
    assert_eq!(client.post("/v1/auth/keys", &body).await.status, 200);
}

#[tokio::test]
async fn the_frameworks_errors_wear_the_dialects_envelope() {
    let server = Server::start();
    let client = server.client();
    client
        .get("/v1/nothing")
        .await
        .assert_aura_error(404, "not_found");
    client.get("/v1").await.assert_aura_error(404, "not_found");
    for (method, path, allow) in [
        (Method::GET, "/v1/auth/challenge", "POST"),
        (Method::PUT, "/v1/auth/keys", "POST, GET, HEAD"),
        (Method::GET, "/v1/auth/keys/1", "DELETE"),
        (Method::DELETE, "/v1/markets", "GET, HEAD"),
    ] {
        let answer = client.send(client.request(method, path)).await;
        answer.assert_aura_error(405, "method_not_allowed");
        let methods = |text: &str| {
            let mut methods: Vec<_> = text.split(", ").map(str::to_owned).collect();
            methods.sort();
            methods
        };
        assert_eq!(methods(answer.header("allow")), methods(allow), "{path}");
    }
    let path = "/v1/auth/challenge";
    let text = client
        .request(Method::POST, path)
        .header("content-type", "text/plain")
        .body("{}");
    client
        .send(text)
        .await
        .assert_aura_error(415, "unsupported_media_type");
    let large = client.post_bytes(path, vec![b' '; 65 * 1024]).await;
    large.assert_aura_error(413, "payload_too_large");
    let syntax = client.post_bytes(path, "{").await;
    syntax.assert_aura_error_at(400, "bad_request", "");
    let twice = client
        .post_bytes(path, r#"{"address": "a", "address": "b"}"#)
        .await;
    twice.assert_aura_error_at(400, "bad_request", "/address");
    let elsewhere = client.with("host", "evil.example").get("/v1/markets").await;
    elsewhere.assert_aura_error(421, "misdirected_request");
}
