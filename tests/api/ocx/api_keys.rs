//! `/perps/me/api-keys`

use countersign_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::wallet;

const PATH: &str = "/perps/me/api-keys";

async fn signed_in(server: &Server) -> Client {
    let session = server.client().sign_in(&wallet()).await;
    server.client().with_bearer(&session.token)
}

async fn create(client: &Client, body: &Value) -> Answer {
    let answer = client.post(PATH, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

async fn revoke(client: &Client, id: &str) -> Answer {
    client
        .send(client.request(Method::DELETE, &format!("{PATH}/{id}")))
        .await
}

fn instant(answer: &Answer, field: &str) -> OffsetDateTime {
    OffsetDateTime::parse(&answer.field(field), &Rfc3339).expect("an instant")
}

#[tokio::test]
async fn a_key_is_created_listed_used_and_revoked() {
    let server = Server::start();
    let client = signed_in(&server).await;
    let body = json!({
        "name": "monitor", "scope": "trade", "expiresInDays": 180,
        "allowedIps": ["127.0.0.1", "2001:DB8::/32"],
    });
    let created = create(&client, &body).await;
    assert_eq!(created.header("cache-control"), "no-store");
    let mut expected = created.json();
    let object = expected.as_object_mut().expect("an object");
    let secret = object.remove("secret").expect("the secret");
    let message = object.remove("message").expect("a message");
    assert!(
        message.as_str().is_some_and(|text| text.contains("once")),
        "{message}"
    );
    assert_eq!(object.len(), 10);
    assert_eq!(
        expected["allowedIps"],
        json!(["127.0.0.1", "2001:db8::/32"])
    );
    assert_eq!(expected["status"], "active");
    let lives = instant(&created, "expiresAt") - instant(&created, "createdAt");
    assert_eq!(lives, Duration::days(180));
    assert!(created.field("id").starts_with("ocx_kid_") && created.field("id").len() == 24);
    let listed = client.get(PATH).await.json();
    assert_eq!(listed, json!({ "keys": [expected] }));

    let secret = secret.as_str().expect("text");
    assert!(secret.starts_with("ocx_sk_") && secret.len() == 47);
    let holder = server.client().with("x-api-key", secret);
    assert_eq!(holder.post("/perps/orders", &json!({})).await.status, 200);
    let listed = client.get(PATH).await.json();
    assert_eq!(listed["keys"][0]["lastUsedIp"], "127.0.0.1", "{listed}");
    assert_eq!(revoke(&client, &created.field("id")).await.status, 204);
    let refused = holder.post("/perps/orders", &json!({})).await;
    refused.assert_error(401, "REVOKED_CREDENTIAL");
    let again = revoke(&client, &created.field("id")).await;
    again.assert_error(409, "API_KEY_REVOKED");
    let listed = client.get(PATH).await.json();
    assert_eq!(listed["keys"][0]["status"], "revoked");
    assert!(listed["keys"][0]["revokedAt"].is_string());
}

#[tokio::test]
async fn the_shortest_request_makes_a_key_for_good() {
    let server = Server::start();
    let client = signed_in(&server).await;
    let first = create(&client, &json!({ "name": "a", "scope": "read" })).await;
    assert_eq!(first.json()["expiresAt"], Value::Null);
    assert_eq!(first.json()["allowedIps"], json!([]));
    let second = create(&client, &json!({ "name": "a", "scope": "read" })).await;
    let listed = client.get(PATH).await.json();
    assert_eq!(listed["keys"][0]["id"], second.field("id"), "newest first");
    assert_eq!(listed["keys"][1]["id"], first.field("id"));
}

#[tokio::test]
async fn keys_of_others_are_not_there() {
    let server = Server::start();
    let (owner, stranger) = (signed_in(&server).await, signed_in(&server).await);
    let key = create(&owner, &json!({ "name": "a", "scope": "read" })).await;
    assert_eq!(stranger.get(PATH).await.json(), json!({ "keys": [] }));
    for id in [
        key.field("id"),
        "ocx_kid_0000000000000000".into(),
        "x".into(),
        "%C3%A9".into(),
    ] {
        let answer = revoke(&stranger, &id).await;
        answer.assert_error(404, "API_KEY_NOT_FOUND");
    }
    // A path that has two readings, or none, fits no rule.
    let answer = revoke(&stranger, "%00").await;
    answer.assert_error(404, "NOT_FOUND");
    let holder = server.client().with("x-api-key", &key.field("secret"));
    assert_eq!(holder.get("/perps/positions").await.status, 200);
    assert_eq!(
        holder.get("/auth/me").await.json(),
        owner.get("/auth/me").await.json(),
        "a key stands for its owner"
    );
}

#[tokio::test]
async fn a_refusal_points_at_the_field() {
    let server = Server::start();
    let client = signed_in(&server).await;
    for (field, value, pointer) in [
        ("name", json!(""), "/name"),
        ("name", json!("n".repeat(81)), "/name"),
        ("name", json!(1), "/name"),
        ("name", json!("two\nlines"), "/name"),
        ("name", json!("right\u{202e}to left"), "/name"),
        ("scope", json!("admin"), "/scope"),
        ("scope", json!(["read"]), "/scope"),
        ("scope", json!(null), "/scope"),
        ("allowedIps", json!("127.0.0.1"), "/allowedIps"),
        ("allowedIps", json!(vec!["127.0.0.1"; 33]), "/allowedIps"),
        ("allowedIps", json!(["127.0.0.1", 1]), "/allowedIps/1"),
        (
            "allowedIps",
            json!(["127.0.0.1", "10.0.0.1/8"]),
            "/allowedIps/1",
        ),
        ("allowedIps", json!(["localhost"]), "/allowedIps/0"),
        ("expiresInDays", json!(0), "/expiresInDays"),
        ("expiresInDays", json!(3651), "/expiresInDays"),
        ("expiresInDays", json!(1.5), "/expiresInDays"),
        ("expiresInDays", json!("90"), "/expiresInDays"),
        ("other", json!(1), "/other"),
    ] {
        let mut body = json!({ "name": "a", "scope": "read" });
        body[field] = value;
        let answer = client.post(PATH, &body).await;
        answer.assert_error_at(400, "INVALID_REQUEST", pointer);
    }
    for body in [
        json!({ "name": "a" }),
        json!({ "scope": "read" }),
        json!([]),
    ] {
        client
            .post(PATH, &body)
            .await
            .assert_error(400, "INVALID_REQUEST");
    }
    assert_eq!(client.get(PATH).await.json(), json!({ "keys": [] }));
    let most = json!({ "name": "é".repeat(80), "scope": "read", "expiresInDays": 3650.0, "allowedIps": vec!["127.0.0.1"; 32] });
    create(&client, &most).await;
}

#[tokio::test]
async fn a_stranger_is_told_to_sign_in_before_the_body_is_looked_at() {
    let server = Server::start();
    let answer = server.client().post_bytes(PATH, "{").await;
    answer.assert_error(401, "MISSING_CREDENTIAL");
}

#[tokio::test]
async fn an_account_has_a_hundred_live_keys_at_most() {
    let server = Server::start();
    let client = signed_in(&server).await;
    let body = json!({ "name": "a", "scope": "read" });
    let mut last = create(&client, &body).await;
    for _ in 1..100 {
        last = create(&client, &body).await;
    }
    client
        .post(PATH, &body)
        .await
        .assert_error(409, "KEY_LIMIT");
    assert_eq!(revoke(&client, &last.field("id")).await.status, 204);
    create(&client, &body).await;
    assert_eq!(
        client.get(PATH).await.json()["keys"]
            .as_array()
            .map(Vec::len),
        Some(101)
    );
}

#[tokio::test]
async fn a_page_that_is_not_listed_cannot_use_the_cookie() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    let body = json!({ "name": "a", "scope": "trade" });
    let evil = ("origin", "https://evil.example");
    let by_cookie = server
        .client()
        .with_cookie(&session.token)
        .with(evil.0, evil.1);
    by_cookie
        .post(PATH, &body)
        .await
        .assert_error(403, "CSRF_REJECTED");
    revoke(&by_cookie, "x")
        .await
        .assert_error(403, "CSRF_REJECTED");
    by_cookie
        .post("/perps/orders", &json!({}))
        .await
        .assert_error(403, "CSRF_REJECTED");
    let no_origin = server
        .client()
        .with_cookie(&session.token)
        .with("sec-fetch-site", "cross-site");
    no_origin
        .post(PATH, &body)
        .await
        .assert_error(403, "CSRF_REJECTED");
    assert_eq!(
        by_cookie.get(PATH).await.status,
        200,
        "reading changes nothing"
    );
    let by_header = server
        .client()
        .with_bearer(&session.token)
        .with(evil.0, evil.1);
    create(&by_header, &body).await;
    let own_page = server
        .client()
        .with_cookie(&session.token)
        .with("origin", server.url());
    create(&own_page, &body).await;
    let dead = server.client().with_cookie("dead").with(evil.0, evil.1);
    dead.post(PATH, &body)
        .await
        .assert_error(401, "INVALID_CREDENTIAL");
}
