//! What the server logs, and what it never does.

use countersign_tests::{Client, Server, secrets};
use reqwest::Method;
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

/// What clients hold is looked for in the log of every server of these tests when it ends; here is
/// shown that there is something to look for, and something it is looked for in.
#[tokio::test]
async fn secrets_of_keys_are_collected_and_not_logged() {
    let server = Server::start();
    let client = server.client();
    let session = client.sign_in(&wallet()).await;
    let owner = client.with_bearer(&session.token);
    let body = json!({ "name": "a", "scope": "trade" });
    let ocx = owner
        .post("/perps/me/api-keys", &body)
        .await
        .field("secret");
    let aura = crate::aura::mint(&client, &crate::aura::wallet())
        .await
        .field("key");
    // Two signatures, the cookie's value, two keys.
    assert_eq!(secrets::count(server.url()), 5);
    let misplaced = [
        format!("/perps/me/api-keys/{ocx}"),
        format!("/v1/tx/{aura}"),
        format!("/auth/{}", session.token),
        format!("/perps/markets?key={ocx}"),
    ];
    for path in misplaced {
        owner.get(&path).await;
        owner.send(owner.request(Method::DELETE, &path)).await;
    }
    let (_, log) = server.stop();
    for (message, times) in [("minted an API key", 2), ("request refused", 1)] {
        assert!(log.matches(message).count() >= times, "{message}: {log}");
    }
    for secret in [&ocx, &aura, &session.token] {
        assert!(!log.contains(secret.as_str()), "{log}");
    }
}
