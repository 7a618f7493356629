//! `/authz`: what proxies ask before they pass a request on.

mod commands;
mod headers;
mod proxies;
mod redirects;
mod rules;

use countersign_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::json;

use crate::wallet;

/// A server whose proxies are on this machine.
fn server() -> Server {
    server_with(&[])
}

fn server_with(environment: &[(&str, &str)]) -> Server {
    let proxies = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    let all: Vec<_> = environment.iter().copied().chain([proxies]).collect();
    Server::start_with(&all)
}

/// The ways of asking: a request of this method to this path, from 203.0.113.7.
pub(crate) const FAMILIES: [&str; 3] = ["forward-auth", "auth-request", "ext-authz"];

/// Asks as a proxy of this family does.
pub(crate) async fn ask(
    client: &Client,
    dialect: &str,
    family: &str,
    method: &str,
    path: &str,
) -> Answer {
    let (client, asked) = asking(client, dialect, family, method, path);
    client.send(client.request(asked.0, &asked.1)).await
}

fn asking(
    client: &Client,
    dialect: &str,
    family: &str,
    method: &str,
    path: &str,
) -> (Client, (Method, String)) {
    let client = client.with("x-forwarded-for", "203.0.113.7");
    let endpoint = format!("/authz/{dialect}/{family}");
    match family {
        "forward-auth" => {
            let client = client
                .with("x-forwarded-method", method)
                .with("x-forwarded-uri", path);
            (
                client
                    .with("x-forwarded-host", "app.example.com")
                    .with("x-forwarded-proto", "https"),
                (Method::GET, endpoint),
            )
        }
        "auth-request" => {
            let client = client
                .with("x-original-method", method)
                .with("x-original-uri", path);
            (client, (Method::GET, endpoint))
        }
        _ => {
            let method = method.parse().expect("a method");
            (client, (method, format!("{endpoint}{path}")))
        }
    }
}

/// A key of OCX with this scope, and its owner's session.
async fn key(server: &Server, scope: &str) -> (String, String) {
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let body = json!({ "name": "bot", "scope": scope });
    let key = owner.post("/perps/me/api-keys", &body).await;
    (key.field("secret"), session.token)
}

/// What a proxy copies to the upstream.
fn identity(answer: &Answer) -> [&str; 5] {
    [
        "x-auth-account",
        "x-auth-wallet",
        "x-auth-credential",
        "x-auth-key-id",
        "x-auth-scopes",
    ]
    .map(|name| {
        assert!(answer.headers.contains_key(name), "no {name}: {answer:?}");
        answer.header(name)
    })
}

#[tokio::test]
async fn whoever_passes_is_named_to_the_upstream() {
    let server = server();
    let (secret, session) = key(&server, "trade").await;
    for family in FAMILIES {
        let program = server.client().with("x-api-key", &secret);
        let answer = ask(&program, "ocx", family, "POST", "/perps/orders?dry=1").await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, ""),
            "{answer:?}"
        );
        let [account, wallet, credential, key_id, scopes] = identity(&answer);
        assert_eq!(
            (account.len(), credential, scopes),
            (26, "api-key", "read trade")
        );
        assert!(
            wallet.starts_with("eip155:1:0x") && key_id.starts_with("ocx_kid_"),
            "{answer:?}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");

        let person = server.client().with_bearer(&session);
        let answer = ask(&person, "ocx", family, "POST", "/perps/orders").await;
        let [same, _, credential, key_id, scopes] = identity(&answer);
        assert_eq!(
            (answer.status, same, credential, key_id, scopes),
            (200, account, "session", "", "read trade")
        );

        let anybody = ask(&server.client(), "ocx", family, "GET", "/perps/markets").await;
        assert_eq!(anybody.status, 200, "{anybody:?}");
        assert_eq!(identity(&anybody), ["", "", "anonymous", "", ""]);
    }
}

#[tokio::test]
async fn whoever_does_not_pass_is_told_as_the_dialect_tells() {
    let server = server();
    let (reader, _) = key(&server, "read").await;
    let reader = server.client().with("x-api-key", &reader);
    let stranger = server.client().with("x-api-key", "ocx_sk_wrong");
    for family in ["forward-auth", "ext-authz"] {
        let cases = [
            (
                &server.client(),
                "GET",
                "/perps/positions",
                401,
                "MISSING_CREDENTIAL",
            ),
            (
                &stranger,
                "GET",
                "/perps/markets",
                401,
                "INVALID_CREDENTIAL",
            ),
            (&reader, "POST", "/perps/orders", 403, "INSUFFICIENT_SCOPE"),
            (&reader, "POST", "/nowhere", 403, "NO_RULE"),
            (&reader, "OPTIONS", "/perps/markets", 403, "NO_RULE"),
        ];
        for (client, method, path, status, code) in cases {
            let answer = ask(client, "ocx", family, method, path).await;
            answer.assert_error(status, code);
            assert!(!answer.headers.contains_key("x-auth-account"), "{answer:?}");
        }
    }
    let anybody = ask(
        &server.client(),
        "aura",
        "forward-auth",
        "POST",
        "/v1/tx/vote",
    )
    .await;
    anybody.assert_aura_error(401, "unauthorized");
    let nowhere = ask(
        &server.client(),
        "aura",
        "forward-auth",
        "POST",
        "/v2/tx/vote",
    )
    .await;
    nowhere.assert_aura_error(403, "no_rule");
}

/// nginx would answer 500 to anything but 2xx, 401 and 403.
#[tokio::test]
async fn nginx_is_told_in_statuses_that_it_knows() {
    let server = server_with(&[("COUNTERSIGN__LIMITS__SCALE", "1")]);
    let client = server.client();
    let meant = |answer: &Answer| {
        (
            answer.status,
            answer.header("x-auth-status").to_owned(),
            answer.header("x-auth-code").to_owned(),
        )
    };
    for (path, status, real, code) in [
        ("/perps/positions", 401, "401", "MISSING_CREDENTIAL"),
        ("/nowhere", 403, "403", "NO_RULE"),
        ("/perps//positions", 403, "400", "INVALID_REQUEST"),
    ] {
        let answer = ask(&client, "ocx", "auth-request", "GET", path).await;
        assert_eq!(
            meant(&answer),
            (status, real.to_owned(), code.to_owned()),
            "{path}"
        );
    }
    let limited = loop {
        let answer = ask(&client, "aura", "auth-request", "GET", "/v1/markets").await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(
        meant(&limited),
        (403, "429".to_owned(), "rate_limited".to_owned())
    );
    assert!(!limited.header("retry-after").is_empty(), "{limited:?}");
}

#[tokio::test]
async fn only_proxies_that_are_trusted_may_ask() {
    let server = Server::start();
    for family in FAMILIES {
        let answer = ask(&server.client(), "ocx", family, "GET", "/perps/markets").await;
        assert_eq!(answer.field("code"), "UNTRUSTED_PROXY", "{answer:?}");
        assert_eq!(answer.status, 403);
    }
}

#[tokio::test]
async fn a_revoked_key_passes_no_more() {
    let server = server();
    let (secret, session) = key(&server, "trade").await;
    let program = server.client().with("x-api-key", &secret);
    let asked = async || ask(&program, "ocx", "forward-auth", "POST", "/perps/orders").await;
    let passed = asked().await;
    let id = identity(&passed)[3].to_owned();
    let owner = server.client().with_bearer(&session);
    let revoke = owner.request(Method::DELETE, &format!("/perps/me/api-keys/{id}"));
    assert_eq!(owner.send(revoke).await.status, 204);
    asked().await.assert_error(401, "REVOKED_CREDENTIAL");
}

#[tokio::test]
async fn a_key_is_good_from_the_addresses_that_the_proxy_tells() {
    let server = server();
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let body = json!({ "name": "bot", "scope": "trade", "allowedIps": ["203.0.113.0/24"] });
    let secret = owner
        .post("/perps/me/api-keys", &body)
        .await
        .field("secret");
    let program = server.client().with("x-api-key", &secret);
    for family in FAMILIES {
        let answer = ask(&program, "ocx", family, "POST", "/perps/orders").await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let elsewhere = program
        .with("x-forwarded-for", "198.51.100.1")
        .with("x-forwarded-method", "GET")
        .with("x-forwarded-uri", "/perps/markets");
    let answer = elsewhere.get("/authz/ocx/forward-auth").await;
    answer.assert_error(403, "IP_NOT_ALLOWED");
}
