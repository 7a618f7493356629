//! Who may not ask, and what is no question.

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_core::{profile::Profile, service_credential};
use countersign_server::random::SystemRandom;
use countersign_tests::{Answer, Client, Metrics, Server, secrets};
use reqwest::Method;

use super::{FORM, PATH, Platform, ask, ask_good, assert_inactive, post, unknown_key};
use crate::access::history::{GOOD, History};

/// A question that is answered to whoever may ask.
async fn knock(client: &Client) -> Answer {
    ask(client, "x", "").await
}

fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

#[tokio::test]
async fn a_service_shows_its_credential_in_either_scheme() {
    let platform = Platform::start().await;
    let [orders, ..] = &platform.secrets;
    let internal = platform.server.internal_client();
    for value in [
        format!("Bearer {orders}"),
        format!("bearer {orders}"),
        basic("orders", orders),
        basic("orders", orders).replace("Basic", "BASIC"),
    ] {
        assert_inactive(&knock(&internal.with("authorization", &value)).await);
    }
}

/// Asserts that whoever knocks is no service, and is told how to show that it is one.
async fn assert_refused(client: &Client, scheme: &str) {
    let answer = knock(client).await;
    answer.assert_oauth_error(401, "invalid_client");
    let challenge = answer.header("www-authenticate");
    let scheme = format!("{scheme} realm=");
    assert!(challenge.starts_with(&scheme), "{answer:?}");
}

#[tokio::test]
async fn whoever_shows_no_credential_of_a_service_may_not_ask() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "trade", "", GOOD).await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    let [orders, funds, _] = &platform.secrets;
    let internal = platform.server.internal_client();
    assert_refused(&internal, "Bearer").await;
    assert_refused(&internal.with("x-api-key", orders), "Bearer").await;
    assert_refused(&internal.with_cookie(&session), "Bearer").await;
    for value in [
        "",
        "x",
        &key,
        &session,
        service_credential::generate(&SystemRandom).expose(),
        &orders.replace("cs_svc_", "cs_svc_0"),
        &orders[1..],
        &orders.to_lowercase(),
        &format!(" {orders}"),
        &format!("{orders} x"),
    ] {
        assert_refused(&internal.with_bearer(value), "Bearer").await;
    }
    for value in ["Bearer", &**orders, "Digest x"] {
        assert_refused(&internal.with("authorization", value), "Bearer").await;
    }
    // Two are not one, whichever they are.
    let one = internal.with_bearer(orders);
    for other in [orders, funds] {
        assert_refused(&one.with_bearer(other), "Bearer").await;
    }
    // A stranger learns nothing of what is wrong with a question.
    let answer = post(&internal, "application/json", "{}").await;
    answer.assert_oauth_error(401, "invalid_client");
}

#[tokio::test]
async fn a_name_goes_with_its_own_credential() {
    let platform = Platform::start().await;
    let [orders, ..] = &platform.secrets;
    let internal = platform.server.internal_client();
    for (name, secret) in [
        ("funds", orders.as_str()),
        ("Orders", orders),
        ("", orders),
        ("orders", ""),
        (
            "orders",
            service_credential::generate(&SystemRandom).expose(),
        ),
        (orders, "orders"),
    ] {
        let client = internal.with("authorization", &basic(name, secret));
        assert_refused(&client, "Basic").await;
    }
    for value in ["Basic", "Basic !", "Basic b3JkZXJz"] {
        assert_refused(&internal.with("authorization", value), "Basic").await;
    }
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    let client = platform.ocx();
    let token = format!("token={key}");
    for body in [
        "",
        "token",
        "token=",
        "token=&ip=203.0.113.7",
        "ip=203.0.113.7",
        &format!("{{\"token\":\"{key}\"}}"),
        &format!("{token}&{token}"),
        &format!("{token}&token="),
        &format!("{token}&ip=203.0.113.7&ip=203.0.113.7"),
        &format!("{token}&ip=203.0.113.7&%69p=203.0.113.8"),
        &format!("{token}&token_type_hint=a&token_type_hint=a"),
        &format!("{token}&x=1&x=2"),
        &format!("{token}%"),
        &format!("{token}%zz"),
        &format!("{token}%ff"),
        &format!("{token}&%ff=1"),
    ] {
        let answer = post(&client, FORM, body.to_owned()).await;
        answer.assert_oauth_error(400, "invalid_request");
    }
    let invalid = post(&client, FORM, [token.as_bytes(), b"\xff"].concat()).await;
    invalid.assert_oauth_error(400, "invalid_request");
    for content_type in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded; charset=iso-8859-1",
        "application/x-www-form-urlencoded; charset=utf-16",
    ] {
        let answer = post(&client, content_type, token.clone()).await;
        answer.assert_oauth_error(400, "invalid_request");
    }
    let untyped = client.request(Method::POST, PATH).body(token.clone());
    let untyped = client.send(untyped).await;
    untyped.assert_oauth_error(400, "invalid_request");
    let large = format!("{token}&x={}", "a".repeat(70_000));
    let large = post(&client, FORM, large).await;
    large.assert_oauth_error(400, "invalid_request");
    assert!(
        large.field("error_description").contains("64 KiB"),
        "{large:?}"
    );
}

#[tokio::test]
async fn fields_that_are_not_known_and_hints_are_ignored() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    for body in [
        format!("token={key}&token_type_hint=access_token"),
        format!("token_type_hint=whatever&token={key}&"),
        format!("token={key}&token_type_hint="),
        format!("token={key}&resource=https%3A%2F%2Fapi.example.com"),
        format!("token={}", key.replace('_', "%5F")),
    ] {
        let charset = format!("{FORM}; charset=UTF-8");
        let answer = post(&platform.ocx(), &charset, body.clone()).await;
        assert_eq!(answer.json()["active"], true, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn other_methods_and_other_hosts_are_told_in_the_same_form() {
    let platform = Platform::start().await;
    let client = platform.ocx();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = client.send(client.request(method, PATH)).await;
        answer.assert_oauth_error(405, "invalid_request");
        assert_eq!(answer.header("allow"), "POST");
    }
    let rebound = knock(&client.with("host", "rebound.example")).await;
    rebound.assert_oauth_error(421, "invalid_request");
}

#[tokio::test]
async fn the_main_listener_never_serves_it() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let platform = Platform::serve(history, &[]).await;
    ask_good(&platform.ocx(), &key).await;
    let main = platform.server.client().with_bearer(&platform.secrets[0]);
    ask(&main, &key, "").await.assert_error(404, "NOT_FOUND");
    main.get(PATH).await.assert_error(404, "NOT_FOUND");
    // Not even where it serves metrics.
    let plain = Server::start();
    knock(&plain.client()).await.assert_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn refusals_are_counted_by_their_code() {
    let platform = Platform::start().await;
    let internal = platform.server.internal_client();
    knock(&internal).await;
    post(&platform.ocx(), FORM, "").await;
    let metrics = Metrics::of(&internal.get("/metrics").await);
    for code in ["invalid_client", "invalid_request"] {
        let labels = format!("code={code}");
        assert_eq!(metrics.value("refusals_total", &labels), 1.0, "{code}");
    }
    let route = "route=/oauth2/introspect method=POST status=4xx";
    assert_eq!(metrics.value("request_duration_seconds_count", route), 2.0);
}

#[tokio::test]
async fn neither_tokens_nor_credentials_are_logged_or_counted() {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", "", GOOD).await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let trace = ("COUNTERSIGN__LOG__FILTER", "trace");
    let platform = Platform::serve(history, &[trace]).await;
    let url = platform.server.url().to_owned();
    let (client, internal) = (platform.ocx(), platform.server.internal_client());
    let unknown = unknown_key(Profile::Ocx);
    for token in [&key, &session, &unknown] {
        secrets::note_secret(&url, token);
        ask(&client, token, "203.0.113.7").await;
        // Each refusal is looked through by the client.
        ask(&client, token, "nowhere")
            .await
            .assert_oauth_error(400, "invalid_request");
        post(&client, FORM, format!("token={token}&token={token}"))
            .await
            .assert_oauth_error(400, "invalid_request");
        knock(&internal.with_bearer(token))
            .await
            .assert_oauth_error(401, "invalid_client");
        let misplaced = client.request(Method::POST, &format!("{PATH}?token={token}"));
        client
            .send(misplaced)
            .await
            .assert_oauth_error(400, "invalid_request");
    }
    let [orders, ..] = &platform.secrets;
    let twice = internal.with_bearer(orders).with_bearer(orders);
    knock(&twice)
        .await
        .assert_oauth_error(401, "invalid_client");
    let metrics = internal.get("/metrics").await;
    let secrets = [&key, &session, &unknown, orders].map(String::clone);
    let (_, log) = platform.server.stop();
    assert!(log.contains("request refused"), "{log}");
    for secret in &secrets {
        assert!(!log.contains(secret), "{secret} was logged");
        assert!(!metrics.text.contains(secret), "{secret} is in metrics");
    }
    assert!(!metrics.text.contains("203.0.113.7"), "{metrics:?}");
}
