//! What a client says in headers that are a proxy's changes no decision and never arrives.

use serde_json::json;

use super::{Request, Stack, raw::CLIENT};
use crate::wallet;

const SPOOFED: [(&str, &[&str]); 12] = [
    (
        "X-Original-URI",
        &["/perps/markets", "", "/perps/positions"],
    ),
    (
        "X-Original-URL",
        &["http://app.example.com/perps/markets", "", "junk"],
    ),
    ("X-Original-Method", &["GET", "", "OPTIONS"]),
    (
        "X-Forwarded-Uri",
        &["/perps/markets", "", "/perps/positions"],
    ),
    ("X-Forwarded-Method", &["GET", "", "POST"]),
    (
        "X-Forwarded-For",
        &[
            "203.0.113.7",
            "",
            "junk",
            "127.0.0.1",
            "203.0.113.7, 127.0.0.1",
        ],
    ),
    ("X-Forwarded-Host", &["evil.example", ""]),
    ("X-Forwarded-Proto", &["https", "", "javascript"]),
    ("X-Real-IP", &["203.0.113.7"]),
    ("Forwarded", &["for=203.0.113.7;proto=https"]),
    ("X-Rewrite-URL", &["/perps/markets"]),
    ("X-Auth-Account", &["01ARZ3NDEKTSV4RRFFQ69G5FAV", ""]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_s_headers_from_a_client_change_nothing() {
    let stack = Stack::start();
    for proxy in &stack.proxies {
        for (route, status) in [
            ("GET /perps/markets", 200),
            ("GET /perps/positions", 401),
            ("POST /perps/orders", 401),
            ("GET /nowhere", 403),
            ("GET /perps//markets", 400),
        ] {
            let (method, path) = route.split_once(' ').expect("method and path");
            let plain = Request::new(method, path);
            for (name, values) in SPOOFED {
                for value in values {
                    let once = plain.clone().with(name, value);
                    for request in [&once, &once.clone().with(name, value)] {
                        let (reply, received) = stack.ask(proxy, request).await;
                        let case = format!("{} {route}, {name}: {value:?}: {reply:?}", proxy.name);
                        assert_eq!(reply.status, status, "{case}");
                        let Some(received) = received else { continue };
                        assert_eq!(received.header("x-forwarded-for"), CLIENT, "{case}");
                        assert_eq!(received.header("x-auth-account"), "", "{case}");
                        assert_eq!(received.header("x-auth-credential"), "anonymous", "{case}");
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_cannot_claim_an_address() {
    let stack = Stack::start();
    let session = stack.server.client().sign_in(&wallet()).await;
    let owner = stack.server.client().with_bearer(&session.token);
    let mut keys = Vec::new();
    for allowed in ["203.0.113.7", CLIENT] {
        let body = json!({ "name": "bot", "scope": "trade", "allowedIps": [allowed] });
        keys.push(
            owner
                .post("/perps/me/api-keys", &body)
                .await
                .field("secret"),
        );
    }
    for proxy in &stack.proxies {
        for forwarded in [
            None,
            Some("203.0.113.7"),
            Some(CLIENT),
            Some("127.0.0.1"),
            Some(""),
        ] {
            for (key, status) in keys.iter().zip([403, 200]) {
                let request = Request::new("GET", "/perps/positions").with("x-api-key", key);
                let request = match forwarded {
                    Some(forwarded) => request.with("X-Forwarded-For", forwarded),
                    None => request,
                };
                let (reply, _) = stack.ask(proxy, &request).await;
                assert_eq!(
                    reply.status, status,
                    "{} {forwarded:?}: {reply:?}",
                    proxy.name
                );
                assert!(
                    status == 200 || reply.body.contains("IP_NOT_ALLOWED"),
                    "{reply:?}"
                );
            }
        }
    }
}

/// Other spellings of the names, and headers that ask a proxy to drop others.
#[tokio::test(flavor = "multi_thread")]
async fn identity_is_neither_smuggled_in_nor_left_out() {
    let stack = Stack::start();
    for proxy in &stack.proxies {
        for (name, value) in [
            ("X_Auth_Account", "spoofed"),
            ("x-aUTH-account", "spoofed"),
            ("X-Auth_Account", "spoofed"),
            ("X-Auth-Account ", "spoofed"),
            ("Connection", "close, X-Auth-Credential, X-Auth-Account"),
            (
                "Connection",
                "X-Forwarded-For, X-Forwarded-Uri, X-Forwarded-Method",
            ),
            ("Connection", "X-Original-URL, X-Original-Method"),
        ] {
            let request = Request::new("GET", "/perps/markets").with(name, value);
            let (reply, received) = stack.ask(proxy, &request).await;
            let case = format!("{} {name}: {value}: {reply:?}", proxy.name);
            let Some(received) = received else {
                assert_eq!(reply.status, 400, "{case}");
                continue;
            };
            assert_eq!(received.header("x-auth-credential"), "anonymous", "{case}");
            assert!(
                !format!("{received:?}").contains("spoofed"),
                "{case}: {received:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_no_part_of_the_path() {
    let stack = Stack::start();
    for proxy in &stack.proxies {
        for host in [
            "public/perps/markets?",
            "app.example.com/perps/markets?",
            "app.example.com?",
            "app.example.com#",
            "app.example.com\\perps\\markets",
            "x@app.example.com",
            "app.example.com:99999",
            "a b",
            "",
        ] {
            for target in ["/perps/positions", "http://app.example.com/perps/positions"] {
                let request = Request::new("GET", target)
                    .without("Host")
                    .with("Host", host);
                let (reply, received) = stack.ask(proxy, &request).await;
                let is_refused = matches!(reply.status, 400 | 401 | 403 | 421);
                assert!(
                    is_refused && received.is_none(),
                    "{} {host:?} {target}: {reply:?}",
                    proxy.name
                );
            }
        }
        let nobodys = Request::new("GET", "/perps/positions").without("Host");
        let (reply, _) = stack.ask(proxy, &nobodys).await;
        assert_eq!(reply.status, 400, "{reply:?}");
    }
}
