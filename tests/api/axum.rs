//! `examples/axum`: an application that is not poem's, whose requests are judged by the same rules.

use std::net::TcpListener;

use countersign_tests::{Client, Server, build};
use reqwest::Method;
use serde_json::json;

use crate::wallet;

/// The example, and its application.
fn start(environment: &[(&str, &str)]) -> (Server, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let program = build("guarded-axum", "guarded-axum");
    let environment: Vec<_> = [("APP_LISTEN", address.as_str())]
        .iter()
        .chain(environment)
        .copied()
        .collect();
    let server = Server::start_program(&program, &environment);
    (server, Client::new(format!("http://{address}")))
}

#[tokio::test]
async fn its_requests_are_judged_by_the_rules() {
    let (server, app) = start(&[]);
    let client = server.client();
    let session = client.sign_in(&wallet()).await;
    let signed_in = app.with_bearer(&session.token);
    let balance = signed_in.get("/wallet/balance").await;
    assert_eq!(balance.field("account"), session.user_id, "{balance:?}");
    let cases = [
        (&app, "/wallet/balance", 401, "MISSING_CREDENTIAL"),
        (
            &app.with("x-api-key", "ocx_sk_x"),
            "/wallet/balance",
            401,
            "INVALID_CREDENTIAL",
        ),
        (&signed_in, "/nowhere", 404, "NOT_FOUND"),
        // Another spelling of the same path is another path for whoever compares texts.
        (&signed_in, "/wallet/%62alance", 400, "INVALID_REQUEST"),
    ];
    for (caller, path, status, code) in cases {
        let refused = caller.get(path).await;
        let told = (refused.status, refused.field("code"));
        assert_eq!(told, (status, code.to_owned()), "{path}: {refused:?}");
    }
    // The rule is about the whole path, which the router within the layer does not see.
    for (caller, is_known) in [(&app, false), (&signed_in, true)] {
        let markets = caller.get("/perps/markets").await;
        assert_eq!(markets.status, 200, "{markets:?}");
        assert_eq!(markets.json()["isKnown"], is_known);
    }

    // A cookie is sent by the browser for any page.
    let page = app
        .with_cookie(&session.token)
        .with("origin", "https://elsewhere.example");
    let refused = page
        .send(page.request(Method::POST, "/wallet/withdraw"))
        .await;
    assert_eq!(refused.field("code"), "CSRF_REJECTED", "{refused:?}");
    let logged_out = client
        .with_bearer(&session.token)
        .post("/auth/logout", &json!({}))
        .await;
    assert_eq!(logged_out.status, 204);
    let refused = signed_in.get("/wallet/balance").await;
    assert_eq!(refused.field("code"), "REVOKED_CREDENTIAL", "{refused:?}");
    // It is nobody's any more, and the answer that passes says so, too.
    let passed = app.with_cookie(&session.token).get("/perps/markets").await;
    assert_eq!(passed.json()["isKnown"], false);
    assert!(
        passed.header("set-cookie").starts_with("astra_session=;"),
        "{passed:?}"
    );
}

#[tokio::test]
async fn only_trusted_proxies_say_where_a_request_comes_from() {
    for (trusted, status) in [("10.0.0.1", 403), ("127.0.0.1", 200)] {
        let (server, app) = start(&[("COUNTERSIGN__SERVER__TRUSTED_PROXIES", trusted)]);
        let session = server.client().sign_in(&wallet()).await;
        let owner = server.client().with_bearer(&session.token);
        let key = json!({ "name": "k", "scope": "read", "allowedIps": ["203.0.113.7"] });
        let secret = owner.post("/perps/me/api-keys", &key).await.field("secret");
        let caller = app
            .with("x-api-key", &secret)
            .with("x-forwarded-for", "203.0.113.7");
        let answer = caller.get("/wallet/balance").await;
        assert_eq!(answer.status, status, "{trusted}: {answer:?}");
        let elsewhere = app
            .with("x-api-key", &secret)
            .with("x-forwarded-for", "203.0.113.8");
        assert_eq!(elsewhere.get("/wallet/balance").await.status, 403);
    }
}
