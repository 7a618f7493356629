//! `examples/embedded`: both dialects inside another application, and its guarded route.

use countersign_tests::{Client, Server, build};
use serde_json::json;

use crate::wallet;

/// The secret of a new key of whoever is signed in.
async fn key(client: &Client, scope: &str) -> String {
    let key = json!({ "name": "k", "scope": scope, "expiresInDays": 1 });
    let answer = client.post("/perps/me/api-keys", &key).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.field("secret")
}

#[tokio::test]
async fn a_guarded_route_admits_by_the_servers_credentials() {
    let server = Server::start_program(&build("embedded", "embedded"), &[]);
    let client = server.client();
    let session = client.sign_in(&wallet()).await;
    let signed_in = client.with_bearer(&session.token);
    let order = json!({ "size": 3 });

    let placed = signed_in.post("/orders", &order).await;
    assert_eq!(placed.status, 200, "{placed:?}");
    assert_eq!(placed.json()["order"], order);

    let by_key = client.with("x-api-key", &key(&signed_in, "trade").await);
    let again = by_key.post("/orders", &order).await;
    assert_eq!(again.json()["placedBy"], placed.json()["placedBy"]);
    let reader = client.with("x-api-key", &key(&signed_in, "read").await);
    let refused = reader.post("/orders", &order).await;
    refused.assert_error(403, "INSUFFICIENT_SCOPE");
    let anonymous = client.post("/orders", &order).await;
    anonymous.assert_error(401, "MISSING_CREDENTIAL");
    let forger = client.with("x-api-key", "ocx_sk_x");
    let forged = forger.post("/orders", &order).await;
    forged.assert_error(401, "INVALID_CREDENTIAL");
    // A cookie is sent by the browser for any page.
    let page = client.with_cookie(&session.token);
    let cross_site = page.with("origin", "https://elsewhere.example");
    let refused = cross_site.post("/orders", &order).await;
    refused.assert_error(403, "CSRF_REJECTED");

    let logged_out = signed_in.post("/auth/logout", &json!({})).await;
    assert_eq!(logged_out.status, 204);
    let refused = signed_in.post("/orders", &order).await;
    refused.assert_error(401, "REVOKED_CREDENTIAL");
}

#[tokio::test]
async fn a_route_guarded_by_rules_admits_whom_they_admit() {
    let program = build("embedded", "embedded");
    let server = Server::start_program(&program, &[]);
    let client = server.client();
    let session = client.sign_in(&wallet()).await;
    let signed_in = client.with_bearer(&session.token);
    let balance = signed_in.get("/wallet/balance").await;
    assert_eq!(balance.field("account"), session.user_id);
    let reader = client.with("x-api-key", &key(&signed_in, "read").await);
    assert_eq!(reader.get("/wallet/balance").await.status, 200);
    let anybody = client.get("/wallet/balance").await;
    anybody.assert_error(401, "MISSING_CREDENTIAL");
    // Another spelling of the same path is another path for whoever compares texts.
    let respelled = reader.get("/wallet/%62alance").await;
    assert!([400, 404].contains(&respelled.status), "{respelled:?}");
}

#[tokio::test]
async fn what_surrounds_the_servers_routes_surrounds_the_applications() {
    let server = Server::start_program(&build("embedded", "embedded"), &[]);
    let client = server.client();
    let malformed = client.post_bytes("/orders", "{").await;
    malformed.assert_error(401, "MISSING_CREDENTIAL");
    assert_ne!(malformed.header("x-request-id"), "");
    assert_eq!(malformed.header("x-content-type-options"), "nosniff");
    let rebound = client.with("host", "attacker.example");
    let misdirected = rebound.post("/orders", &json!({})).await;
    misdirected.assert_error(421, "MISDIRECTED_REQUEST");
    let keys = client.get("/v1/auth/keys").await;
    keys.assert_aura_error(401, "unauthorized");
    assert_ne!(keys.header("ratelimit-limit"), "");
}
