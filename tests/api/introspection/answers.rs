//! What a token is good for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::profile::Profile;
use countersign_tests::{Client, Session};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Platform, ask, ask_good, assert_inactive, unknown_key};
use crate::{
    access::history::{EXPIRED, GOOD, History, REVOKED},
    aura, authz,
    health::database,
    wallet,
};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

fn unix(key: &Value, field: &str) -> i64 {
    let text = key[field].as_str().expect("an instant");
    let instant = OffsetDateTime::parse(text, &Rfc3339).expect("an instant");
    instant.unix_timestamp()
}

async fn sign_in(platform: &Platform) -> (Client, Session) {
    let client = platform.server.client();
    let session = client.sign_in(&wallet()).await;
    (client.with_bearer(&session.token), session)
}

async fn make_key(owner: &Client, scope: &str) -> Value {
    let body = json!({ "name": "a", "scope": scope, "expiresInDays": 30 });
    let made = owner.post("/perps/me/api-keys", &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.json()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().expect("a text")
}

#[tokio::test]
async fn a_session_is_told_as_its_token_has_it() {
    let platform = Platform::start().await;
    let (_, session) = sign_in(&platform).await;
    let claims = claims(&session.token);
    let expected = json!({
        "active": true,
        "scope": "read trade",
        "token_type": "Bearer",
        "credential": "session",
        "exp": claims["exp"],
        "iat": claims["iat"],
        "sub": session.user_id,
        "aud": "ocx",
        "iss": "countersign",
        "wallet": claims["wallet"],
        "sid": claims["sid"],
        "profile": "ocx",
    });
    assert_eq!(ask_good(&platform.ocx(), &session.token).await, expected);
    assert_eq!(
        (&claims["sub"], &claims["aud"], &claims["iss"]),
        (&expected["sub"], &expected["aud"], &expected["iss"])
    );
}

#[tokio::test]
async fn an_ocx_key_is_told_with_its_owner_scope_and_id() {
    let platform = Platform::start().await;
    let (owner, session) = sign_in(&platform).await;
    let key = make_key(&owner, "trade").await;
    let expected = json!({
        "active": true,
        "scope": "read trade",
        "token_type": "Bearer",
        "credential": "api-key",
        "exp": unix(&key, "expiresAt"),
        "iat": unix(&key, "createdAt"),
        "sub": session.user_id,
        "aud": "ocx",
        "iss": "countersign",
        "wallet": claims(&session.token)["wallet"],
        "key_id": key["id"],
        "profile": "ocx",
    });
    assert_eq!(
        ask_good(&platform.ocx(), text(&key, "secret")).await,
        expected
    );
}

/// One truth for whoever asks and for whoever is told.
#[tokio::test]
async fn upstreams_of_proxies_are_told_the_same_scopes() {
    let mut history = History::begin().await;
    let mut tokens = vec![history.session(Profile::Ocx, GOOD).await];
    for scopes in ["", "read", "trade"] {
        tokens.push(history.key(Profile::Ocx, scopes, "", GOOD).await);
    }
    let write = history.key(Profile::Aura, "write:tx", "", GOOD).await;
    let proxies = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    let platform = Platform::serve(history, &[proxies]).await;
    let ocx = tokens.iter().map(|token| ("ocx", platform.ocx(), token));
    let aura = [("aura", platform.aura(), &write)];
    let mut told = vec![];
    for (dialect, service, token) in ocx.chain(aura) {
        let caller = platform.server.client().with_bearer(token);
        let paths = ["/perps/markets", "/v1/markets"];
        let path = paths[usize::from(dialect == "aura")];
        let passed = authz::ask(&caller, dialect, "forward-auth", "GET", path).await;
        assert_eq!(passed.status, 200, "{passed:?}");
        let scope = ask_good(&service, token).await["scope"].clone();
        let scopes = passed.header("x-auth-scopes").to_owned();
        assert_eq!(scope.as_str().unwrap_or_default(), scopes, "{passed:?}");
        told.push(scopes);
    }
    assert_eq!(told, ["read trade", "", "read", "read trade", "write:tx"]);
}

#[tokio::test]
async fn an_aura_key_that_never_expires_has_no_exp() {
    let platform = Platform::start().await;
    let wallet = aura::wallet();
    let key = aura::mint(&platform.server.client(), &wallet).await.json();
    let mut answer = ask_good(&platform.aura(), text(&key, "key")).await;
    let sub = answer["sub"].take();
    assert_eq!(sub.as_str().map(str::len), Some(26), "an account's id");
    let expected = json!({
        "active": true,
        "scope": "read write:tx",
        "token_type": "Bearer",
        "credential": "api-key",
        "iat": unix(&key, "createdAt"),
        "sub": null,
        "aud": "aura",
        "iss": "countersign",
        "wallet": format!("alephium:mainnet:{}", wallet.address()),
        "key_id": key["id"],
        "profile": "aura",
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn the_scope_is_all_that_a_key_may_do() {
    let mut history = History::begin().await;
    let mut keys = vec![];
    for (profile, given, told) in [
        (Profile::Ocx, "read", json!("read")),
        (Profile::Ocx, "trade", json!("read trade")),
        (Profile::Ocx, "", Value::Null),
        (Profile::Aura, "read", json!("read")),
        (Profile::Aura, "write:tx", json!("write:tx")),
        (Profile::Aura, "read write:tx", json!("read write:tx")),
    ] {
        keys.push((profile, history.key(profile, given, "", GOOD).await, told));
    }
    let platform = Platform::serve(history, &[]).await;
    for (profile, key, told) in keys {
        let client = match profile {
            Profile::Ocx => platform.ocx(),
            Profile::Aura => platform.aura(),
        };
        assert_eq!(ask_good(&client, &key).await["scope"], told);
    }
}

#[tokio::test]
async fn what_is_good_for_nothing_is_inactive_and_no_more_is_said() {
    let mut history = History::begin().await;
    let mut dead = vec![];
    for fate in [EXPIRED, REVOKED] {
        for profile in [Profile::Ocx, Profile::Aura] {
            dead.push((profile, history.key(profile, "read", "", fate).await));
        }
        dead.push((Profile::Ocx, history.session(Profile::Ocx, fate).await));
    }
    let session = history.session(Profile::Ocx, GOOD).await;
    let ocx = history.key(Profile::Ocx, "trade", "", GOOD).await;
    let aura = history.key(Profile::Aura, "read", "", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    let (ocx_service, aura_service) = (platform.ocx(), platform.aura());
    let service = |profile| match profile {
        Profile::Ocx => &ocx_service,
        Profile::Aura => &aura_service,
    };
    // Twice: from the database, and from whatever is remembered of it.
    for _ in 0..2 {
        for (profile, token) in &dead {
            assert_inactive(&ask(service(*profile), token, "").await);
        }
        // Of the other dialect.
        assert_inactive(&ask(&aura_service, &session, "").await);
        assert_inactive(&ask(&aura_service, &ocx, "").await);
        assert_inactive(&ask(&ocx_service, &aura, "").await);
        ask_good(&ocx_service, &session).await;
        ask_good(&ocx_service, &ocx).await;
        ask_good(&aura_service, &aura).await;
    }
    let mistyped = ocx.replace("ocx_sk_", "ocx_sk_0");
    let long = "a".repeat(20_000);
    let jwt = format!("e30.e30.{}", "a".repeat(86));
    for token in [
        "x",
        "a.b.c",
        "+",
        "Bearer%20x",
        "%00",
        "%C3%A9",
        &mistyped,
        &long,
        &jwt,
    ] {
        assert_inactive(&ask(&ocx_service, token, "").await);
        assert_inactive(&ask(&aura_service, token, "").await);
    }
    let with_scheme = format!("Bearer {ocx}").replace(' ', "%20");
    assert_inactive(&ask(&ocx_service, &with_scheme, "").await);
    assert_inactive(&ask(&ocx_service, &unknown_key(Profile::Ocx), "").await);
    assert_inactive(&ask(&aura_service, &unknown_key(Profile::Aura), "").await);
}

#[tokio::test]
async fn a_revocation_is_obeyed_by_the_next_question() {
    let platform = Platform::start().await;
    let (owner, session) = sign_in(&platform).await;
    let key = make_key(&owner, "read").await;
    let aura_key = aura::mint(&platform.server.client(), &aura::wallet())
        .await
        .json();
    let holder = platform.server.client().with_bearer(text(&aura_key, "key"));
    let ocx_path = format!("/perps/me/api-keys/{}", text(&key, "id"));
    let aura_path = format!("/v1/auth/keys/{}", text(&aura_key, "id"));
    for (service, token, (revoker, method, path)) in [
        (
            platform.ocx(),
            text(&key, "secret"),
            (&owner, Method::DELETE, &*ocx_path),
        ),
        (
            platform.aura(),
            text(&aura_key, "key"),
            (&holder, Method::DELETE, &*aura_path),
        ),
        (
            platform.ocx(),
            &*session.token,
            (&owner, Method::POST, "/auth/logout"),
        ),
    ] {
        ask_good(&service, token).await;
        ask_good(&service, token).await;
        let revoked = revoker.send(revoker.request(method, path)).await;
        assert_eq!(revoked.status, 204, "{revoked:?}");
        assert_inactive(&ask(&service, token, "").await);
    }
}

#[tokio::test]
async fn a_question_is_a_use_of_the_key_from_where_its_holder_is() {
    let platform = Platform::start().await;
    let (owner, _) = sign_in(&platform).await;
    let key = make_key(&owner, "read").await;
    let answer = ask(&platform.ocx(), text(&key, "secret"), "::ffff:203.0.113.7").await;
    assert_eq!(answer.json()["active"], true);
    let listed = owner.get("/perps/me/api-keys").await.json();
    let listed = &listed["keys"][0];
    assert_eq!(listed["lastUsedIp"], "203.0.113.7", "{listed}");
    assert!(listed["lastUsedAt"].is_string(), "{listed}");
}

#[tokio::test]
async fn a_database_that_fails_is_no_word_on_a_token() {
    let mut history = History::begin().await;
    let known = history.key(Profile::Ocx, "read", "", GOOD).await;
    let good = history.key(Profile::Ocx, "read", "", GOOD).await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    ask_good(&platform.ocx(), &known).await;
    let database = database(&platform.server).await;
    for table in ["api_key", "session"] {
        let dropped = database
            .execute_unprepared(&format!("DROP TABLE {table}"))
            .await;
        dropped.expect("the table is dropped");
    }
    for token in [&good, &session, &unknown_key(Profile::Ocx)] {
        let answer = ask(&platform.ocx(), token, "").await;
        answer.assert_oauth_error(503, "temporarily_unavailable");
        assert!(!answer.text.contains("active"), "{answer:?}");
    }
    // What is remembered needs no database, and neither does what has no token's form.
    ask_good(&platform.ocx(), &known).await;
    assert_inactive(&ask(&platform.ocx(), "x", "").await);
}

#[tokio::test]
async fn a_token_is_looked_up_once_and_then_answered_from_memory() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    for service in ["orders", "funds", "orders"] {
        ask_good(&platform.service(service), &key).await;
    }
    let client = platform.server.internal_client();
    let metrics = countersign_tests::Metrics::of(&client.get("/metrics").await);
    for (labels, count) in [
        ("result=good source=database", 1.0),
        ("result=good source=memory", 2.0),
    ] {
        assert_eq!(
            metrics.value("credential_checks_total", labels),
            count,
            "{labels}"
        );
    }
    let route = "route=/oauth2/introspect method=POST status=2xx";
    assert_eq!(metrics.value("request_duration_seconds_count", route), 3.0);
}
