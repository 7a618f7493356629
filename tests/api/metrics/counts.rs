//! What is counted and measured.

use std::time::Duration;

use countersign_core::profile::Profile;
use countersign_tests::{Client, Metrics, Server};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{mint, signed_in};
use crate::{
    access::history::{EXPIRED, GOOD, History, REVOKED},
    aura, wallet,
};

/// No scaling; what a server does without configuration.
const PLAIN: [(&str, &str); 1] = [("COUNTERSIGN__LIMITS__SCALE", "1")];
/// How long a level may take to change.
const PATIENCE: Duration = Duration::from_secs(10);

async fn send(client: &Client, method: &str, path: &str) -> u16 {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    client.send(client.request(method, path)).await.status
}

#[tokio::test]
async fn sign_ins_minted_keys_and_revocations_are_counted() {
    let server = Server::start();
    let client = signed_in(&server).await;
    let (id, _) = mint(&client).await;
    let key = aura::mint(&server.client(), &aura::wallet()).await;
    let path = format!("/perps/me/api-keys/{id}");
    // The second time there is nothing to revoke.
    for expected in [204, 409] {
        assert_eq!(send(&client, "DELETE", &path).await, expected);
    }
    for _ in 0..2 {
        assert_eq!(send(&client, "POST", "/auth/logout").await, 204);
    }
    let holder = server.client().with_bearer(&key.field("key"));
    let path = format!("/v1/auth/keys/{}", key.field("id"));
    assert_eq!(send(&holder, "DELETE", &path).await, 204);
    let metrics = server.metrics().await;
    for (name, labels) in [
        ("sign_ins_total", "dialect=ocx chain=eip155"),
        ("api_keys_minted_total", "dialect=ocx chain=eip155"),
        ("api_keys_minted_total", "dialect=aura chain=alephium"),
        ("credentials_revoked_total", "dialect=ocx kind=session"),
        ("credentials_revoked_total", "dialect=ocx kind=api_key"),
        ("credentials_revoked_total", "dialect=aura kind=api_key"),
    ] {
        assert_eq!(metrics.value(name, labels), 1.0, "{name} {labels}");
    }
}

#[tokio::test]
async fn refusals_are_counted_by_the_code_of_their_envelope() {
    let server = Server::start();
    let (client, signer) = (server.client(), wallet());
    let message = client.message(&signer).await;
    let forged = json!({ "message": message, "signature": wallet().sign(message.as_bytes()) });
    client
        .post("/auth/siwe", &forged)
        .await
        .assert_error(401, "INVALID_SIGNATURE");
    client
        .get("/auth/nope")
        .await
        .assert_error(404, "NOT_FOUND");
    client
        .get("/v1/nope")
        .await
        .assert_aura_error(404, "not_found");
    let elsewhere = client.with("host", "rebound.example");
    elsewhere
        .get("/auth/me")
        .await
        .assert_error(421, "MISDIRECTED_REQUEST");
    client.with_cookie("a.b.c").get("/auth/me").await;
    let metrics = server.metrics().await;
    for labels in [
        "dialect=ocx code=INVALID_SIGNATURE",
        "dialect=ocx code=NOT_FOUND",
        "dialect=aura code=not_found",
        "dialect=ocx code=MISDIRECTED_REQUEST",
    ] {
        assert_eq!(metrics.value("refusals_total", labels), 1.0, "{labels}");
    }
    assert_eq!(metrics.value("refusals_total", ""), 4.0, "{metrics:?}");
}

#[tokio::test]
async fn a_key_is_checked_in_the_database_once_and_then_in_memory() {
    let mut history = History::begin().await;
    let good = history.key(Profile::Ocx, "read", "", GOOD).await;
    let expired = history.key(Profile::Ocx, "read", "", EXPIRED).await;
    let revoked = history.key(Profile::Ocx, "read", "", REVOKED).await;
    let server = history.serve(&[]).await;
    let ask = async |key: &str| {
        let client = server.client().with("x-api-key", key);
        client.get("/perps/positions").await.status
    };
    let count = async |result: &str, source: &str| {
        let labels = format!("result={result} source={source}");
        server
            .metrics()
            .await
            .value("credential_checks_total", &labels)
    };
    assert_eq!(ask(&good).await, 200);
    assert_eq!(count("good", "database").await, 1.0);
    assert_eq!(count("good", "memory").await, 0.0);
    for uses in 1..3 {
        assert_eq!(ask(&good).await, 200);
        assert_eq!(count("good", "database").await, 1.0);
        assert_eq!(count("good", "memory").await, f64::from(uses));
    }
    for (key, result, source) in [
        (&*expired, "expired", "database"),
        (&*revoked, "revoked", "database"),
        ("mistyped", "invalid", "none"),
    ] {
        assert_eq!(ask(key).await, 401);
        assert_eq!(count(result, source).await, 1.0, "{result}");
    }
    assert_eq!(
        server.metrics().await.value("credential_checks_total", ""),
        6.0
    );
    assert_eq!(
        server.metrics().await.value("credentials_remembered", ""),
        1.0
    );
}

#[tokio::test]
async fn a_limit_counts_whom_it_holds_back() {
    let mut history = History::begin().await;
    let trader = history.key(Profile::Ocx, "trade", "", GOOD).await;
    let writer = history.key(Profile::Aura, "write:tx", "", GOOD).await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let server = history.serve(&PLAIN).await;
    let stranger = server.client();
    let (trader, writer) = (stranger.with_bearer(&trader), stranger.with_bearer(&writer));
    // One more than each limit, and each against its own limit only; failed lookups come last.
    for (limit, client, path, max) in [
        ("sign_in", &stranger, "/auth/nonce", 30),
        ("orders", &trader, "/perps/orders", 120),
        ("anonymous", &stranger, "/v1/auth/challenge", 10),
        ("keys", &writer, "/v1/tx/echo", 60),
    ] {
        for _ in 0..=max {
            client.post(path, &json!({ "any": "object" })).await;
        }
        check_hits(&server.metrics().await, limit);
    }
    for count in 0..=60 {
        let guess = stranger.with_bearer(&format!("{session}{count}"));
        guess.get("/perps/positions").await;
    }
    let metrics = server.metrics().await;
    check_hits(&metrics, "failed_lookups");
    assert_eq!(metrics.value("limits_hit_total", ""), 5.0);
    let held_back = "result=held_back source=none";
    assert_eq!(metrics.value("credential_checks_total", held_back), 1.0);
}

fn check_hits(metrics: &Metrics, limit: &str) {
    let hits = metrics.value("limits_hit_total", &format!("limit={limit}"));
    assert_eq!(hits, 1.0, "{limit}");
}

#[tokio::test]
async fn latencies_are_told_apart_by_the_pattern_of_the_route() {
    let server = Server::start();
    let client = signed_in(&server).await;
    let (id, _) = mint(&client).await;
    send(&client, "DELETE", &format!("/perps/me/api-keys/{id}")).await;
    send(&client, "DELETE", "/perps/me/api-keys/ocx_kid_NOBODYS").await;
    send(&client, "POST", "/health/live").await;
    send(&client, "GET", "/v1/markets").await;
    send(&client, "BREW", "/coffee/with/milk").await;
    send(&client, "GET", "/v1/coffee").await;
    let metrics = server.metrics().await;
    let key = "dialect=ocx method=DELETE route=/perps/me/api-keys/{id}";
    for labels in [
        &format!("{key} status=2xx"),
        &format!("{key} status=4xx"),
        "dialect=ocx method=POST route=/auth/siwe status=2xx",
        "dialect=ocx method=POST route=/health/live status=4xx",
        "dialect=aura method=GET route=/v1/markets status=4xx",
        "dialect=ocx method=other route=other status=4xx",
        "dialect=aura method=GET route=other status=4xx",
    ] {
        let value = |suffix, more| {
            metrics.value(
                &format!("request_duration_seconds_{suffix}"),
                &format!("{labels}{more}"),
            )
        };
        assert_eq!(value("count", ""), 1.0, "{labels}");
        assert_eq!(value("bucket", " le=+Inf"), 1.0, "{labels}");
        let took = value("sum", "");
        assert!(took > 0.0 && took < 10.0, "{labels}: {took}");
        assert_eq!(value("bucket", " le=10.0"), 1.0, "{labels}");
    }
}

/// Asks by one connection until a level is this.
async fn wait_for(reader: &Client, name: &str, level: f64) {
    wait_until(reader, name, |found| found == level).await;
}

async fn wait_until(reader: &Client, name: &str, is_reached: impl Fn(f64) -> bool) {
    let level = async || Metrics::of(&reader.get("/metrics").await).value(name, "");
    let reached = async { while !is_reached(level().await) {} };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    assert!(reached.is_ok(), "{name} stays {}", level().await);
}

#[tokio::test]
async fn challenges_credentials_and_connections_rise_and_fall() {
    let server = Server::start();
    let (reader, client, signer) = (server.client(), server.client(), wallet());
    wait_for(&reader, "open_connections", 1.0).await;
    let message = client.message(&signer).await;
    wait_for(&reader, "open_connections", 2.0).await;
    wait_for(&reader, "challenges_waiting", 1.0).await;
    assert_eq!(client.submit(&signer, &message).await.status, 200);
    wait_for(&reader, "challenges_waiting", 0.0).await;
    wait_for(&reader, "credentials_remembered", 1.0).await;
    let silent = std::net::TcpStream::connect(server.authority()).expect("a connection");
    wait_for(&reader, "open_connections", 3.0).await;
    drop(silent);
    wait_for(&reader, "open_connections", 2.0).await;
}

#[tokio::test]
async fn what_waits_for_its_commit_is_in_the_writers_queue() {
    let server = Server::start();
    let reader = server.client();
    let blocker = crate::health::database(&server).await;
    let begun = blocker.execute_unprepared("BEGIN IMMEDIATE").await;
    begun.expect("nobody writes");
    let ask = || {
        let client = server.client();
        tokio::spawn(async move { client.nonce(&wallet()).await })
    };
    let asked = [ask(), ask(), ask()];
    // The server may be cleaning up meanwhile.
    wait_until(&reader, "writer_queue_length", |length| length >= 3.0).await;
    let ended = blocker.execute_unprepared("COMMIT").await;
    ended.expect("it was begun");
    wait_for(&reader, "writer_queue_length", 0.0).await;
    for asked in asked {
        asked.await.expect("the server answers");
    }
}

#[tokio::test]
async fn forwarding_headers_of_strangers_are_counted() {
    let server = Server::start();
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let client = server.client().with(header, "198.51.100.1");
        client.get("/auth/me").await;
    }
    let metrics = server.metrics().await;
    assert_eq!(metrics.value("forwarding_headers_ignored_total", ""), 3.0);
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_counted_as_unavailable() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    crate::health::drop_sessions(&server).await;
    let client = server.client().with_cookie(&session.token);
    client
        .get("/auth/me")
        .await
        .assert_error(503, "SERVICE_UNAVAILABLE");
    let metrics = server.metrics().await;
    let unavailable = "result=unavailable source=database";
    assert_eq!(metrics.value("credential_checks_total", unavailable), 1.0);
    assert_eq!(
        metrics.value("refusals_total", "code=SERVICE_UNAVAILABLE"),
        1.0
    );
}
