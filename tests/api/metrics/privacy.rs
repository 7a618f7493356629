//! No label holds what a request holds. When any server of these tests ends, its metrics are searched
//! for every secret, address and id that its clients have seen; here every label is looked at.

use std::collections::BTreeSet;

use countersign_tests::{Client, Line, Server, secrets};
use reqwest::Method;
use serde_json::json;

use super::{mint, signed_in};
use crate::aura;

/// The routes that are in no document.
const OTHERS: [&str; 14] = [
    "other",
    "/metrics",
    "/health/live",
    "/health/ready",
    "/openapi/ocx.json",
    "/openapi/ocx.31.json",
    "/openapi/aura.json",
    "/openapi/aura.31.json",
    "/perps/markets",
    "/perps/positions",
    "/perps/orders",
    "/wallet/withdraw",
    "/v1/markets",
    "/v1/tx/echo",
];

/// Every route there is.
async fn routes(client: &Client) -> BTreeSet<String> {
    let mut routes: BTreeSet<_> = OTHERS.map(str::to_owned).into();
    for document in ["/openapi/ocx.json", "/openapi/aura.json"] {
        let document = client.get(document).await.json();
        let paths = document["paths"].as_object().expect("paths");
        routes.extend(paths.keys().cloned());
    }
    routes
}

/// Whether a label is of the list that it may be of.
fn is_of_list(routes: &BTreeSet<String>, line: &Line, key: &str, value: &str) -> bool {
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    match key {
        "dialect" => ["ocx", "aura"].contains(&value),
        "chain" => ["eip155", "alephium"].contains(&value),
        "kind" => ["session", "api_key"].contains(&value),
        "source" => ["none", "memory", "database"].contains(&value),
        "method" => ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "other"].contains(&value),
        "status" => ["1xx", "2xx", "3xx", "4xx", "5xx"].contains(&value),
        "route" => routes.contains(value),
        "result" | "limit" | "code" => is_word(value),
        "le" => line.name.ends_with("_bucket") && value.parse::<f64>().is_ok(),
        "version" => line.name == "build_info",
        _ => false,
    }
}

/// Requests that carry what belongs to one caller wherever something can be carried.
async fn confide(server: &Server) -> Vec<String> {
    let client = signed_in(server).await;
    let (id, secret) = mint(&client).await;
    let wallet = aura::wallet();
    let key = aura::mint(&server.client(), &wallet).await;
    let long = "long-path-".repeat(400);
    let private = vec![
        id,
        secret,
        wallet.address(),
        key.field("id"),
        key.field("key"),
        long,
    ];
    for text in &private {
        for path in [
            format!("/{text}"),
            format!("/{text}/{text}/{text}"),
            format!("/perps/me/api-keys/{text}"),
            format!("/v1/auth/keys/{text}"),
            format!("/auth/{text}?key={text}"),
            format!("/v1/{text}"),
        ] {
            for method in ["GET", "POST", "DELETE", "OPTIONS", "KEY-IN-METHOD"] {
                let method = Method::from_bytes(method.as_bytes()).expect("a method");
                client.send(client.request(method, &path)).await;
            }
        }
        let named = client.with("x-request-id", "request-id-of-a-client");
        let named = named.with("x-forwarded-for", "198.51.100.1");
        named
            .post("/auth/nonce", &json!({ "walletAddress": text }))
            .await;
        named
            .with("host", "host-of-a-client.example")
            .get("/auth/me")
            .await;
        server
            .client()
            .with_bearer(text)
            .get("/perps/positions")
            .await;
        server.client().with_bearer(text).get("/v1/markets").await;
    }
    let strangers = [
        "KEY-IN-METHOD",
        "request-id-of-a-client",
        "198.51.100.1",
        "host-of-a-client",
    ];
    let addresses = ["127.0.0.1"]
        .into_iter()
        .chain(strangers)
        .map(str::to_owned);
    private.into_iter().chain(addresses).collect()
}

#[tokio::test]
async fn no_label_holds_what_a_request_holds() {
    let server = Server::start();
    let private = confide(&server).await;
    let answer = server.client().get("/metrics").await;
    for text in private {
        assert!(!answer.text.contains(&text), "{text} in {}", answer.text);
    }
    // Those of the wallets, the account, the keys, and what else was sent as an address.
    assert!(secrets::count_names(server.url()) > 8);
    let routes = routes(&server.client()).await;
    let metrics = server.metrics().await;
    for line in metrics.lines() {
        for (key, value) in &line.labels {
            assert!(
                is_of_list(&routes, line, key, value),
                "{key}={value}: {line:?}"
            );
        }
    }
    // They were counted all the same.
    let count = |labels| metrics.value("request_duration_seconds_count", labels);
    assert!(count("route=other") > 100.0);
    assert!(count("route=/v1/auth/keys/{id}") > 4.0);
}
