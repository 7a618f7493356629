//! What a proxy must say, and in which words.

use countersign_tests::{Answer, Client};
use reqwest::Method;

use super::{FAMILIES, ask, asking, server, server_with};

/// What must be there once: with the value it has, and a second one.
const NEEDED: [(&str, &[(&str, &str)]); 2] = [
    (
        "forward-auth",
        &[
            ("x-forwarded-method", "GET"),
            ("x-forwarded-uri", "/perps/markets"),
            ("x-forwarded-for", "203.0.113.7"),
        ],
    ),
    (
        "auth-request",
        &[
            ("x-original-method", "GET"),
            ("x-original-uri", "/perps/markets"),
            ("x-forwarded-for", "203.0.113.7"),
        ],
    ),
];

#[tokio::test]
async fn what_is_missing_empty_or_there_twice_is_refused() {
    let server = server();
    for (family, needed) in NEEDED {
        let path = format!("/authz/ocx/{family}");
        let status = if family == "forward-auth" { 400 } else { 403 };
        let all = needed
            .iter()
            .fold(server.client(), |client, (name, value)| {
                client.with(name, value)
            });
        assert_eq!(all.get(&path).await.status, 200);
        for (left_out, value) in needed {
            let others = needed.iter().filter(|(name, _)| name != left_out);
            let others = others.fold(server.client(), |client, (name, value)| {
                client.with(name, value)
            });
            for client in [
                others.clone(),
                others.with(left_out, ""),
                others.with(left_out, value).with(left_out, value),
            ] {
                let answer = client.get(&path).await;
                assert_eq!(
                    (answer.status, answer.field("code").as_str()),
                    (status, "INVALID_REQUEST"),
                    "{left_out}: {answer:?}"
                );
                assert!(
                    answer.field("message").to_lowercase().starts_with(left_out),
                    "{answer:?}"
                );
            }
        }
    }
}

/// A client's own headers of another family go through a proxy that sets only its own.
#[tokio::test]
async fn each_endpoint_reads_one_family() {
    let server = server();
    let spoofed = server
        .client()
        .with("x-original-method", "GET")
        .with("x-original-uri", "/perps/markets")
        .with("x-original-url", "https://app.example.com/perps/markets")
        .with("x-forwarded-prefix", "/perps/markets");
    let answer = ask(&spoofed, "ocx", "forward-auth", "POST", "/perps/orders").await;
    answer.assert_error(401, "MISSING_CREDENTIAL");
    let spoofed = server
        .client()
        .with("x-forwarded-method", "GET")
        .with("x-forwarded-uri", "/perps/markets");
    for family in ["auth-request", "ext-authz"] {
        let answer = ask(&spoofed, "ocx", family, "POST", "/perps/orders").await;
        assert_eq!(
            answer.field("code"),
            "MISSING_CREDENTIAL",
            "{family}: {answer:?}"
        );
    }
    let both = server
        .client()
        .with("x-original-url", "https://app.example.com/perps/markets");
    let answer = ask(&both, "ocx", "auth-request", "GET", "/perps/markets").await;
    assert_eq!(answer.header("x-auth-status"), "400", "{answer:?}");
}

#[tokio::test]
async fn nginx_may_say_the_whole_url() {
    let server = server();
    let asked = |url: &str| {
        let client = server
            .client()
            .with("x-original-method", "GET")
            .with("x-forwarded-for", "203.0.113.7");
        client.with("x-original-url", url)
    };
    for (url, status) in [
        ("https://app.example.com/perps/markets?x=1", "200"),
        ("https://app.example.com/perps/positions", "401"),
        ("/perps/markets", "400"),
        ("https:///perps/markets", "400"),
        ("https://app.example.com", "400"),
        ("https://app.example.com?/perps/markets", "400"),
        ("https://app.example.com#/perps/markets", "400"),
    ] {
        let answer = asked(url).get("/authz/ocx/auth-request").await;
        let told = if answer.status == 200 {
            "200"
        } else {
            answer.header("x-auth-status")
        };
        assert_eq!(told, status, "{url}: {answer:?}");
    }
}

/// A path of the upstream's may be a secret in itself.
#[tokio::test]
async fn the_path_that_is_asked_about_is_not_logged() {
    let server = server_with(&[("COUNTERSIGN__LOG__FILTER", "debug")]);
    let refused = ask(&server.client(), "ocx", "ext-authz", "GET", "/reset/s3cret").await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let log = server.log();
    assert!(log.contains("/authz/ocx/ext-authz/{*}"), "{log}");
    assert!(!log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn a_path_that_has_two_readings_is_refused() {
    let server = server();
    for path in [
        "/perps/markets/",
        "/perps//markets",
        "//perps/markets",
        "/perps/./markets",
        "/x/../perps/markets",
        "/perps/%6darkets",
        "/perps%2Fmarkets",
        "/perps/markets%5cx",
        "/perps/markets;x=1",
        "/perps/%2e%2e/wallet",
        "/perps/markets%00",
        "/perps/markets%",
        "perps/markets",
        "https://evil.example/perps/markets",
        "*",
        "/perps/markets#x",
        "/perps/markets?x#y",
        "/perps/märkte",
    ] {
        let answer = ask(&server.client(), "ocx", "forward-auth", "GET", path).await;
        answer.assert_error(400, "INVALID_REQUEST");
    }
    for path in [
        "/perps/markets/",
        "/perps//markets",
        "/perps/%6darkets",
        "/perps/markets;x=1",
    ] {
        let answer = ask(&server.client(), "ocx", "ext-authz", "GET", path).await;
        answer.assert_error(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn an_address_that_is_not_certain_is_refused() {
    let server = server();
    for forwarded in [
        "junk",
        "127.0.0.1",
        "203.0.113.7, junk",
        "203.0.113.7:80",
        "203.0.113.7,",
    ] {
        let client = server
            .client()
            .with("x-forwarded-for", forwarded)
            .with("x-forwarded-method", "GET")
            .with("x-forwarded-uri", "/perps/markets");
        let answer = client.get("/authz/ocx/forward-auth").await;
        answer.assert_error(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_method_is_what_it_is_called() {
    let server = server();
    for (method, status) in [
        ("HEAD", 200),
        ("GET", 200),
        ("get", 400),
        ("G ET", 400),
        ("BREW", 403),
        ("M-SEARCH", 403),
    ] {
        let answer = ask(
            &server.client(),
            "ocx",
            "forward-auth",
            method,
            "/perps/markets",
        )
        .await;
        assert_eq!(answer.status, status, "{method}: {answer:?}");
    }
}

/// Asks about market data, by this method.
async fn ask_by(client: &Client, method: Method, family: &str) -> Answer {
    let (client, (_, path)) = asking(client, "ocx", family, "GET", "/perps/markets");
    client.send(client.request(method, &path)).await
}

#[tokio::test]
async fn only_get_asks_and_other_paths_are_not_there() {
    let server = server();
    for family in &FAMILIES[..2] {
        let path = format!("/authz/ocx/{family}");
        let answer = server
            .client()
            .send(server.client().request(Method::POST, &path))
            .await;
        answer.assert_error(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), "GET, HEAD", "{answer:?}");
        let answer = ask_by(&server.client(), Method::HEAD, family).await;
        assert_eq!(
            answer.status, 200,
            "what is allowed is answered: {answer:?}"
        );
    }
    for path in [
        "/authz/ocx",
        "/authz/ocx/",
        "/authz/x/forward-auth",
        "/authz/ocx/forward-auth/x",
        "/authz/ocx/ext-authz",
        "/authz/ocx/ext-authzz/x",
    ] {
        server
            .client()
            .get(path)
            .await
            .assert_error(404, "NOT_FOUND");
    }
}
