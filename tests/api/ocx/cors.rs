//! CORS: which web pages may read the answers.

use countersign_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::json;

use crate::wallet;

const PAGE: &str = "https://app.example.com";

fn server() -> Server {
    Server::start_with(&[("COUNTERSIGN__BROWSER__ORIGINS", PAGE)])
}

async fn preflight(client: &Client, path: &str) -> Answer {
    let asks = client
        .with("access-control-request-method", "POST")
        .with("access-control-request-headers", "content-type");
    asks.send(asks.request(Method::OPTIONS, path)).await
}

#[tokio::test]
async fn a_listed_page_may_send_and_read_with_credentials() {
    let server = server();
    let page = server.client().with("origin", PAGE);
    let answer = preflight(&page, "/auth/siwe").await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), PAGE);
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("POST")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    assert!(answer.header("vary").contains("Origin"));
    let answer = page
        .post(
            "/auth/nonce",
            &json!({ "walletAddress": wallet().address() }),
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, PAGE)
    );
    let refusal = page.get("/auth/nope").await;
    refusal.assert_error(404, "NOT_FOUND");
    assert_eq!(refusal.header("access-control-allow-origin"), PAGE);
    assert!(
        refusal
            .header("access-control-expose-headers")
            .contains("x-request-id")
    );
}

#[tokio::test]
async fn other_pages_get_no_permission() {
    let server = server();
    for origin in [
        "https://evil.example",
        "null",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "*",
    ] {
        let page = server.client().with("origin", origin);
        for answer in [
            preflight(&page, "/auth/siwe").await,
            page.get("/auth/me").await,
        ] {
            assert_eq!(
                answer.header("access-control-allow-origin"),
                "",
                "{origin}: {answer:?}"
            );
            assert_eq!(
                answer.header("access-control-allow-credentials"),
                "",
                "{origin}: {answer:?}"
            );
        }
    }
    let twice = server
        .client()
        .with("origin", PAGE)
        .with("origin", "https://evil.example");
    assert_eq!(
        twice
            .get("/auth/me")
            .await
            .header("access-control-allow-origin"),
        ""
    );
}

#[tokio::test]
async fn a_preflight_to_another_host_is_misdirected() {
    let server = server();
    let page = server
        .client()
        .with("origin", PAGE)
        .with("host", "rebound.example");
    preflight(&page, "/auth/siwe")
        .await
        .assert_error(421, "MISDIRECTED_REQUEST");
}

#[tokio::test]
async fn options_without_a_preflight_is_just_a_method() {
    let server = server();
    let client = server.client().with("origin", PAGE);
    let answer = client
        .send(client.request(Method::OPTIONS, "/auth/siwe"))
        .await;
    answer.assert_error(405, "METHOD_NOT_ALLOWED");
}
