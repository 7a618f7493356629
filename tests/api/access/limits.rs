//! How often: the two products' own numbers, over sockets.

use countersign_core::profile::Profile;
use countersign_tests::{Answer, Client, Server};
use serde_json::json;

use super::history::{GOOD, History};
use crate::wallet;

/// No scaling; what a server does without configuration.
const PLAIN: [(&str, &str); 1] = [("COUNTERSIGN__LIMITS__SCALE", "1")];

fn is_short_wait(answer: &Answer) -> bool {
    answer
        .header("retry-after")
        .parse()
        .is_ok_and(|seconds: u32| (1..=60).contains(&seconds))
}

#[tokio::test]
async fn a_client_address_has_30_sign_in_calls_a_minute() {
    let server = Server::start_with(&PLAIN);
    let (client, wallet) = (server.client(), wallet());
    for _ in 0..15 {
        client.sign_in(&wallet).await;
    }
    for path in [
        "/auth/nonce",
        "/auth/siwe",
        "/auth/challenge",
        "/auth/verify",
    ] {
        let answer = client.post(path, &json!({})).await;
        answer.assert_error(429, "RATE_LIMITED");
        assert!(is_short_wait(&answer), "{answer:?}");
        let wait = answer.json()["retryAfterMs"].as_u64();
        assert!(
            wait.is_some_and(|wait| (1..=60_000).contains(&wait)),
            "{answer:?}"
        );
    }
    assert_eq!(client.get("/auth/me").await.status, 200);
    let elsewhere = client.with("x-forwarded-for", "198.51.100.1");
    elsewhere
        .post("/auth/nonce", &json!({}))
        .await
        .assert_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_counted_apart() {
    let trusted = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    let server = Server::start_with(&[PLAIN[0], trusted]);
    let from = |address: &str| server.client().with("x-forwarded-for", address);
    let ask = async |client: &Client| client.post("/auth/nonce", &json!({})).await.status;
    for _ in 0..30 {
        assert_eq!(ask(&from("2001:db8:1:2::1")).await, 400);
    }
    assert_eq!(
        ask(&from("2001:db8:1:2:ffff::")).await,
        429,
        "a /64 is one client"
    );
    assert_eq!(ask(&from("2001:db8:1:3::1")).await, 400);
    assert_eq!(ask(&from("198.51.100.1")).await, 400);
}

#[tokio::test]
async fn an_account_has_120_orders_a_minute_over_all_its_credentials() {
    let mut history = History::begin().await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let key = history.key(Profile::Ocx, "trade", "", GOOD).await;
    let server = history.serve(&PLAIN).await;
    let by_session = server.client().with_bearer(&session);
    let by_key = server.client().with("x-api-key", &key);
    for count in 0..120 {
        let client = if count % 2 == 0 { &by_session } else { &by_key };
        assert_eq!(client.post("/perps/orders", &json!({})).await.status, 200);
    }
    for client in [&by_session, &by_key] {
        let answer = client.post("/perps/orders", &json!({})).await;
        answer.assert_error(429, "ORDER_RATE_LIMIT");
        assert!(
            is_short_wait(&answer) && answer.json()["retryAfterMs"].is_u64(),
            "{answer:?}"
        );
        assert_eq!(
            client.post("/wallet/withdraw", &json!({})).await.status,
            200
        );
        assert_eq!(client.get("/perps/positions").await.status, 200);
    }
}

#[tokio::test]
async fn unknown_credentials_are_looked_up_60_times_a_minute() {
    let mut history = History::begin().await;
    let (known, new) = (
        history.session(Profile::Ocx, GOOD).await,
        history.session(Profile::Ocx, GOOD).await,
    );
    let server = history.serve(&PLAIN).await;
    let with = |token: &str| server.client().with_bearer(token);
    let ask = async |token: &str| with(token).get("/perps/positions").await;
    assert_eq!(ask(&known).await.status, 200);
    for count in 0..60 {
        ask(&format!("{known}{count}"))
            .await
            .assert_error(401, "INVALID_CREDENTIAL");
    }
    ask(&format!("{known}x"))
        .await
        .assert_error(429, "RATE_LIMITED");
    ask(&new).await.assert_error(429, "RATE_LIMITED");
    with(&new)
        .get("/auth/me")
        .await
        .assert_error(429, "RATE_LIMITED");
    ask("no token")
        .await
        .assert_error(401, "INVALID_CREDENTIAL");
    assert_eq!(
        ask(&known).await.status,
        200,
        "a good one in memory is never held back"
    );
    // Logging out never fails because of a credential.
    let logout = with(&new)
        .send(with(&new).request(reqwest::Method::POST, "/auth/logout"))
        .await;
    assert_eq!(logout.status, 204);
}

#[tokio::test]
async fn aura_gives_strangers_60_reads_and_10_writes_and_keys_ten_times_as_many() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Aura, "read write:tx", "", GOOD).await;
    let server = history.serve(&PLAIN).await;
    let (stranger, holder) = (server.client(), server.client().with_bearer(&key));
    for (client, path, max) in [
        (&stranger, "/v1/markets", 60),
        (&stranger, "/v1/auth/challenge", 10),
        (&holder, "/v1/markets", 600),
        (&holder, "/v1/tx/echo", 60),
    ] {
        let ask = async || match path {
            "/v1/markets" => client.get(path).await,
            _ => client.post(path, &json!({ "any": "object" })).await,
        };
        for left in (0..max).rev() {
            let answer = ask().await;
            assert_ne!(answer.status, 429, "{path}: {answer:?}");
            assert_eq!(answer.header("ratelimit-limit"), max.to_string());
            assert_eq!(
                answer.header("ratelimit-remaining"),
                left.to_string(),
                "{path}"
            );
            let reset: u32 = answer.header("ratelimit-reset").parse().expect("seconds");
            assert!((1..=60).contains(&reset), "{answer:?}");
        }
        let answer = ask().await;
        answer.assert_aura_error(429, "rate_limited");
        assert!(is_short_wait(&answer), "{answer:?}");
        assert_eq!(
            answer.header("retry-after"),
            answer.header("ratelimit-reset")
        );
        let details = &answer.json()["error"]["details"];
        assert_eq!(details["max"], max);
        assert!(
            details["ttl"].as_u64().is_some_and(|ttl| ttl <= 60_000),
            "{answer:?}"
        );
    }
}
