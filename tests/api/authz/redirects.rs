//! Browsers that load a page are sent to sign in; everything else gets the status.

use countersign_tests::{Answer, Client, Server};

use super::{ask, server_with};

const SIGN_IN: (&str, &str) = (
    "COUNTERSIGN__ACCESS__SIGN_IN_URL",
    "https://app.example.com/login?from=proxy",
);
const PAGES: (&str, &str) = ("COUNTERSIGN__BROWSER__ORIGINS", "https://app.example.com");
const PAGE: &str = "/perps/positions?a=1";

fn server() -> Server {
    server_with(&[SIGN_IN, PAGES])
}

fn browser(server: &Server) -> Client {
    server
        .client()
        .with("sec-fetch-mode", "navigate")
        .with("accept", "text/html,*/*")
}

async fn load(client: &Client) -> Answer {
    ask(client, "ocx", "forward-auth", "GET", PAGE).await
}

#[tokio::test]
async fn a_page_load_without_a_credential_goes_to_sign_in_and_comes_back() {
    let server = server();
    let back = "https://app.example.com/login?from=proxy&return_to=https%3A%2F%2Fapp.example.com%2Fperps%2Fpositions%3Fa%3D1";
    for client in [
        browser(&server),
        server.client().with("accept", "text/html"),
    ] {
        let answer = load(&client).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, back),
            "{answer:?}"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let dead = browser(&server).with_cookie("a.b.c");
    let answer = load(&dead).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, back),
        "{answer:?}"
    );
    assert!(
        answer
            .set_cookie()
            .is_some_and(|cookie| cookie.starts_with("astra_session=;")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn nginx_is_given_the_place_and_goes_there_itself() {
    let server = server();
    let client = browser(&server)
        .with("x-forwarded-for", "203.0.113.7")
        .with("x-original-method", "GET")
        .with("x-original-url", "https://app.example.com/perps/positions");
    let answer = client.get("/authz/ocx/auth-request").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    let location = answer.header("location");
    assert!(
        location.ends_with("&return_to=https%3A%2F%2Fapp.example.com%2Fperps%2Fpositions"),
        "{location}"
    );
}

#[tokio::test]
async fn envoy_sends_the_browser_to_sign_in_and_back_to_the_same_query() {
    let server = server();
    let client = browser(&server)
        .with("host", "app.example.com")
        .with("x-forwarded-proto", "https");
    let answer = ask(&client, "ocx", "ext-authz", "GET", PAGE).await;
    let back = "&return_to=https%3A%2F%2Fapp.example.com%2Fperps%2Fpositions%3Fa%3D1";
    assert_eq!(answer.status, 302, "{answer:?}");
    assert!(answer.header("location").ends_with(back), "{answer:?}");
}

#[tokio::test]
async fn everything_else_gets_the_status() {
    let server = server();
    let bad = browser(&server).with_bearer("ocx_sk_wrong");
    load(&bad).await.assert_error(401, "INVALID_CREDENTIAL");
    let fetch = server
        .client()
        .with("sec-fetch-mode", "cors")
        .with("accept", "text/html");
    load(&fetch).await.assert_error(401, "MISSING_CREDENTIAL");
    load(&server.client())
        .await
        .assert_error(401, "MISSING_CREDENTIAL");
    let form = ask(
        &browser(&server),
        "ocx",
        "forward-auth",
        "POST",
        "/perps/orders",
    )
    .await;
    form.assert_error(401, "MISSING_CREDENTIAL");
    let preflight = browser(&server)
        .with("origin", "https://app.example.com")
        .with("access-control-request-method", "POST");
    let preflight = ask(&preflight, "ocx", "ext-authz", "OPTIONS", "/perps/orders").await;
    preflight.assert_error(403, "NO_RULE");
    let head = ask(
        &browser(&server),
        "ocx",
        "forward-auth",
        "HEAD",
        "/perps/positions",
    )
    .await;
    assert_eq!(head.status, 302, "HEAD is GET: {head:?}");
}

#[tokio::test]
async fn a_page_that_is_loaded_too_often_is_429_and_nobody_is_sent_to_sign_in() {
    let limited = ("COUNTERSIGN__LIMITS__SCALE", "1");
    let server = server_with(&[SIGN_IN, PAGES, limited]);
    let browser = browser(&server);
    let refused = loop {
        let answer = ask(&browser, "aura", "forward-auth", "GET", "/v1/markets").await;
        if answer.status != 200 {
            break answer;
        }
    };
    refused.assert_aura_error(429, "rate_limited");
    assert!(!refused.headers.contains_key("location"), "{refused:?}");
}

/// An open redirect would send people to sign in for somebody else's page.
#[tokio::test]
async fn nobody_is_sent_back_to_a_page_that_is_not_listed() {
    let server = server();
    for (proto, host) in [
        ("https", "evil.example"),
        ("http", "app.example.com"),
        ("https", "app.example.com@evil.example"),
        ("https", "app.example.com:444"),
        ("javascript", "app.example.com"),
    ] {
        let client = browser(&server)
            .with("x-forwarded-for", "203.0.113.7")
            .with("x-forwarded-method", "GET")
            .with("x-forwarded-uri", "/perps/positions")
            .with("x-forwarded-proto", proto)
            .with("x-forwarded-host", host);
        client
            .get("/authz/ocx/forward-auth")
            .await
            .assert_error(401, "MISSING_CREDENTIAL");
    }
    let none = server_with(&[PAGES]);
    load(&browser(&none))
        .await
        .assert_error(401, "MISSING_CREDENTIAL");
}

#[tokio::test]
async fn a_cookie_changes_something_only_for_a_page_that_is_known_to_be_listed() {
    let signed_in = server_with(&[]);
    let token = signed_in.client().sign_in(&crate::wallet()).await.token;
    let client = signed_in.client().with_cookie(&token);
    let own = signed_in.url().to_owned();
    let order =
        async |client: &Client| ask(client, "ocx", "forward-auth", "POST", "/perps/orders").await;
    assert_eq!(order(&client.with("origin", &own)).await.status, 200);
    assert_eq!(
        order(&client.with("sec-fetch-site", "same-origin"))
            .await
            .status,
        200
    );
    order(&client.with("origin", "https://evil.example"))
        .await
        .assert_error(403, "CSRF_REJECTED");
    order(&client.with("sec-fetch-site", "cross-site"))
        .await
        .assert_error(403, "CSRF_REJECTED");
    // A proxy in between may have dropped both headers.
    order(&client).await.assert_error(403, "CSRF_REJECTED");
    let read = ask(&client, "ocx", "forward-auth", "GET", "/perps/positions").await;
    assert_eq!(read.status, 200, "{read:?}");
}
