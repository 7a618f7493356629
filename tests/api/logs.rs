//! What the server logs, and what it never does.

use countersign_tests::{Client, Server};
use serde_json::{Value, json};

use crate::wallet;

#[tokio::test]
async fn no_secret_signature_cookie_or_body_is_ever_logged() {
    let server = Server::start_with(&[("COUNTERSIGN__LOG__FILTER", "trace")]);
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    let body = Client::signed(&wallet, &message);
    let session = client.sign_in(&wallet).await;
    client.post("/auth/siwe", &body).await;
    client.post("/auth/siwe", &body).await;
    client.with_cookie(&session.token).get("/auth/me").await;
    client
        .with_bearer("secret.bearer.token")
        .get("/auth/me")
        .await;
    client
        .post(
            "/auth/nonce",
            &json!({ "walletAddress": "secret-in-a-body" }),
        )
        .await;
    let (status, log) = server.stop();
    assert!(status.success());
    let signature = body["signature"]
        .as_str()
        .expect("a signature")
        .trim_start_matches("0x");
    let nonce = message
        .split("Nonce: ")
        .nth(1)
        .and_then(|rest| rest.lines().next())
        .expect("a nonce");
    for secret in [
        session.token.as_str(),
        signature,
        nonce,
        "secret.bearer.token",
        "secret-in-a-body",
    ] {
        assert!(!log.contains(secret), "{secret} was logged");
    }
    assert!(
        log.contains("request refused"),
        "nothing was logged at all: {log}"
    );
}

#[tokio::test]
async fn every_line_of_a_request_carries_its_id() {
    let server = Server::start_with(&[("COUNTERSIGN__LOG__FILTER", "debug")]);
    let client = server.client().with("x-request-id", "my-request.1");
    client.sign_in(&wallet()).await;
    client.get("/auth/nope").await;
    let (_, log) = server.stop();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let of_request = |message: &str| {
        lines
            .iter()
            .filter(|line| line["message"] == message && line["request_id"] == "my-request.1")
            .count()
    };
    assert_eq!(
        (of_request("signed in"), of_request("request refused")),
        (1, 1),
        "{log}"
    );
}
