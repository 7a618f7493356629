//! Bad input for every call that takes a body: the envelope, a true status, the field's name,
//! never the client's value, and no panic.

use countersign_tests::{Answer, Server};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// A field's value that must never come back.
const MARKER: &str = "the-clients-own-value";

/// Calls with a body, their required fields and their optional ones.
const CALLS: [(&str, &[&str], &[&str]); 4] = [
    ("/auth/nonce", &["walletAddress"], &[]),
    ("/auth/siwe", &["message", "signature"], &[]),
    ("/auth/challenge", &["chain", "address"], &[]),
    (
        "/auth/verify",
        &["challengeId", "signature"],
        &["publicKey", "keyType"],
    ),
];

/// A body with every field, each of the right type.
fn body(required: &[&str], optional: &[&str]) -> Map<String, Value> {
    let value = |name: &str| match name {
        "challengeId" => "01HW7ZK5P8J9X2M3T4V6Y8N0B1",
        "chain" => "eip155:1",
        "keyType" => "secp256k1",
        _ => "0x00",
    };
    required
        .iter()
        .chain(optional)
        .map(|name| ((*name).to_owned(), value(name).into()))
        .collect()
}

#[track_caller]
fn assert_bad_request(answer: &Answer, pointer: &str) {
    answer.assert_error_at(400, "INVALID_REQUEST", pointer);
    assert!(
        answer.json()["details"]["expected"].is_string(),
        "{answer:?}"
    );
    assert!(
        !answer.text.contains(MARKER),
        "the client's value is echoed: {answer:?}"
    );
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    let server = Server::start();
    let client = server.client();
    for (path, required, optional) in CALLS {
        let good = body(required, optional);
        for name in good.keys() {
            let pointer = format!("/{name}");
            let with = |value: Value| {
                let mut body = good.clone();
                body.insert(name.clone(), value);
                Value::Object(body)
            };
            for wrong in [
                Value::Null,
                json!(7),
                json!(true),
                json!([MARKER]),
                json!({ MARKER: 1 }),
                json!(""),
                json!(format!("{MARKER}\0")),
                json!(MARKER.repeat(1000)),
            ] {
                let answer = client.post(path, &with(wrong.clone())).await;
                let inside = wrong.is_object() || wrong.is_array();
                let at = answer.json()["details"]["field"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                assert!(
                    at == pointer || (inside && at.starts_with(&pointer)),
                    "{path} {name} {wrong}: {answer:?}"
                );
                assert_bad_request(&answer, &at);
            }
            let mut without = good.clone();
            without.remove(name);
            let answer = client.post(path, &Value::Object(without)).await;
            if required.contains(&name.as_str()) {
                assert_bad_request(&answer, &pointer);
            } else {
                assert_ne!(
                    answer.json()["code"],
                    "INVALID_REQUEST",
                    "{path} without {name}: {answer:?}"
                );
            }
            let twice = format!(
                "{{\"{name}\": \"{MARKER}\", {}",
                &Value::Object(good.clone()).to_string()[1..]
            );
            assert_bad_request(&client.post_bytes(path, twice).await, &pointer);
        }
        let mut extra = good.clone();
        extra.insert("extra".into(), MARKER.into());
        assert_bad_request(&client.post(path, &Value::Object(extra)).await, "/extra");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn control_characters_are_no_part_of_any_field() {
    let server = Server::start();
    let client = server.client();
    for (path, required, optional) in CALLS {
        for control in ['\u{1}', '\n', '\u{7f}', '\u{202e}', '\u{feff}'] {
            for name in body(required, optional).keys() {
                let mut bad = body(required, optional);
                bad.insert(name.clone(), format!("0x00{control}").into());
                let answer = client.post(path, &Value::Object(bad)).await;
                assert_eq!(answer.status, 400, "{path} {name} {control:?}: {answer:?}");
                answer.assert_error(400, &answer.field("code"));
            }
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let server = Server::start();
    let client = server.client();
    let deep = "[".repeat(50_000);
    for (path, ..) in CALLS {
        for bytes in [
            b"".as_slice(),
            b"null",
            b"[]",
            b"\"text\"",
            b"{",
            b"{}{}",
            b"{'a': 1}",
            b"{\"a\": 1,}",
            b"{\"a\": NaN}",
            b"\xef\xbb\xbf{}",
            b"{\"a\": \"\xff\xfe\"}",
            b"{\"a\": \"\\ud800\"}",
            deep.as_bytes(),
        ] {
            let answer = client.post_bytes(path, bytes.to_vec()).await;
            let pointer = answer.json()["details"]["field"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            assert!(["", "/a"].contains(&pointer.as_str()), "{answer:?}");
            assert_bad_request(&answer, &pointer);
        }
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[tokio::test]
async fn long_field_names_are_neither_echoed_nor_costly() {
    let server = Server::start();
    let name = "~".repeat(30_000);
    let body = format!("{{\"{name}\": [{}0]}}", "0,".repeat(15_000));
    let answer = server.client().post_bytes("/auth/nonce", body).await;
    assert_bad_request(&answer, "");
    assert!(answer.text.len() < 500, "{answer:?}");
}

#[tokio::test]
async fn an_oversized_body_gets_its_answer() {
    let server = Server::start();
    let client = server.client();
    for (path, ..) in CALLS {
        client
            .post_bytes(path, vec![b'x'; 10 * 1024 * 1024])
            .await
            .assert_error(413, "PAYLOAD_TOO_LARGE");
    }
    // Chunked, without a length.
    let chunks = futures_util::stream::iter(
        (0..160).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024])),
    );
    let body = reqwest::Body::wrap_stream(chunks);
    client
        .post_bytes("/auth/nonce", body)
        .await
        .assert_error(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn an_oversized_body_gets_its_answer_where_none_belongs() {
    let server = Server::start();
    let client = server.client();
    for path in ["/auth/me", "/health/live", "/.well-known/jwks.json"] {
        let request = client.request(Method::GET, path);
        let answer = client.send(request.body(vec![b'x'; 100_000])).await;
        answer.assert_error(413, "PAYLOAD_TOO_LARGE");
    }
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let server = Server::start();
    let client = server.client();
    for (path, required, optional) in CALLS {
        let body = Value::Object(body(required, optional)).to_string();
        let request = client.request(Method::POST, path).body(body.clone());
        client
            .send(request)
            .await
            .assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
        for content_type in [
            "text/plain",
            "application/xml",
            "application/json; charset=latin1",
            "application/problem+json",
            "",
        ] {
            let request = client
                .request(Method::POST, path)
                .header("content-type", content_type)
                .body(body.clone());
            client
                .send(request)
                .await
                .assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
        }
    }
}

#[tokio::test]
async fn other_methods_are_refused_with_those_allowed() {
    let server = Server::start();
    let client = server.client();
    let posts = CALLS
        .iter()
        .map(|(path, ..)| (*path, "POST"))
        .chain([("/auth/logout", "POST")]);
    let gets = [
        ("/auth/me", "GET, HEAD"),
        ("/auth/chains", "GET, HEAD"),
        ("/health/live", "GET, HEAD"),
        ("/health/ready", "GET, HEAD"),
        ("/.well-known/jwks.json", "GET, HEAD"),
    ];
    for (path, allow) in posts.chain(gets) {
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let answer = client.send(client.request(method, path)).await;
            answer.assert_error(405, "METHOD_NOT_ALLOWED");
            assert_eq!(answer.header("allow"), allow, "{path}");
        }
    }
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let server = Server::start();
    for path in [
        "/",
        "/auth",
        "/auth/",
        "/auth/me/",
        "/auth/nope",
        "/AUTH/me",
        "/auth/%6de",
        "/auth/..%2fme",
        "/favicon.ico",
    ] {
        server
            .client()
            .get(path)
            .await
            .assert_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_id_that_is_no_text_is_nobodys() {
    let server = Server::start();
    let id = "/perps/me/api-keys/%ff";
    let client = server.client();
    let refused = client.send(client.request(Method::DELETE, id)).await;
    refused.assert_error(404, "NOT_FOUND");
    let id = "/v1/auth/keys/%ff";
    let refused = client.send(client.request(Method::DELETE, id)).await;
    refused.assert_aura_error(404, "not_found");
}
