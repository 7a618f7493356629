//! Requests as Traefik and Envoy send them, replayed. The sets of headers are those of Traefik 2.11 and 3.x
//! (`pkg/middlewares/auth/forward.go`) and of Envoy 1.29 and later (`ext_authz`, `http_service` with `path_prefix`),
//! with what the blocks of `docs/forward-auth.md` let along.

use countersign_tests::{Answer, Client, Server};
use reqwest::Method;

use super::{PAGES, TRUSTED};
use crate::wallet;

/// Traefik copies all headers of the request, sets its own, and always sends GET without a body.
fn traefik(server: &Server, method: &str, uri: &str) -> Client {
    let client = server.client();
    [
        ("host", server.authority()),
        ("user-agent", "curl/8.5.0"),
        ("accept", "*/*"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-host", "app.example.com"),
        ("x-forwarded-method", method),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-server", "proxy-1"),
        ("x-forwarded-uri", uri),
        ("x-real-ip", "203.0.113.7"),
        ("accept-encoding", "gzip"),
    ]
    .iter()
    .fold(client, |client, (name, value)| client.with(name, value))
}

/// Envoy keeps method, path and host, sets `Content-Length: 0`, and adds headers of its own.
async fn envoy(client: &Client, method: &str, target: &str) -> Answer {
    let client = [
        ("host", "app.example.com"),
        ("content-length", "0"),
        ("x-envoy-internal", "true"),
        ("x-envoy-expected-rq-timeout-ms", "3000"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-proto", "https"),
    ]
    .iter()
    .fold(client.clone(), |client, (name, value)| {
        client.with(name, value)
    });
    let method = method.parse().expect("a method");
    client
        .send(client.request(method, &format!("/authz/ocx/ext-authz{target}")))
        .await
}

#[tokio::test]
async fn traefik_is_answered() {
    let server = Server::start_with(&[TRUSTED, PAGES]);
    let token = server.client().sign_in(&wallet()).await.token;
    for (method, uri, status) in [
        ("GET", "/perps/markets?limit=1", 200),
        ("HEAD", "/perps/markets", 200),
        ("GET", "/perps/positions", 401),
        ("POST", "/perps/orders", 401),
        ("GET", "/perps/%6darkets", 400),
        ("GET", "/", 403),
    ] {
        let answer = traefik(&server, method, uri)
            .get("/authz/ocx/forward-auth")
            .await;
        assert_eq!(answer.status, status, "{method} {uri}: {answer:?}");
    }
    let person = traefik(&server, "POST", "/perps/orders")
        .with("content-type", "application/json")
        .with("origin", "https://app.example.com")
        .with("sec-fetch-site", "same-origin")
        .with_cookie(&token);
    let answer = person.get("/authz/ocx/forward-auth").await;
    assert_eq!(
        (answer.status, answer.header("x-auth-credential")),
        (200, "session"),
        "{answer:?}"
    );
    // With `trustForwardHeader` Traefik appends; the last address that is no proxy's counts.
    let appended = server
        .client()
        .with("x-forwarded-for", "198.51.100.1, 203.0.113.7, 127.0.0.1")
        .with("x-forwarded-method", "GET")
        .with("x-forwarded-uri", "/perps/markets");
    assert_eq!(appended.get("/authz/ocx/forward-auth").await.status, 200);
}

#[tokio::test]
async fn envoy_is_answered() {
    let server = Server::start_with(&[TRUSTED, PAGES]);
    let token = server.client().sign_in(&wallet()).await.token;
    for (method, target, status) in [
        ("GET", "/perps/markets?limit=1", 200),
        ("GET", "/perps/positions", 401),
        ("POST", "/perps/orders", 401),
        ("DELETE", "/perps/orders", 403),
        ("OPTIONS", "/perps/orders", 403),
        ("GET", "//perps/markets", 400),
        ("GET", "/perps/markets/%2Fx", 400),
    ] {
        let answer = envoy(&server.client(), method, target).await;
        assert_eq!(answer.status, status, "{method} {target}: {answer:?}");
    }
    let person = server
        .client()
        .with("origin", "https://app.example.com")
        .with_cookie(&token);
    let answer = envoy(&person, Method::POST.as_str(), "/perps/orders").await;
    assert_eq!(
        (answer.status, answer.header("x-auth-credential")),
        (200, "session"),
        "{answer:?}"
    );
}
