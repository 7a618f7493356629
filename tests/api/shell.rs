//! What surrounds every route: host rule, request ids, headers, graceful shutdown.

use std::io::{Read, Write};

use countersign_tests::Server;
use reqwest::Method;

use crate::wallet;

#[tokio::test]
async fn a_local_server_answers_to_its_local_names_only() {
    let server = Server::start();
    let port = server.authority().rsplit(':').next().expect("a port");
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("localhost".to_owned(), 421),
        ("rebound.example".to_owned(), 421),
        (format!("rebound.example:{port}"), 421),
    ] {
        let answer = server
            .client()
            .with("host", &host)
            .get("/auth/chains")
            .await;
        assert_eq!(answer.status, status, "{host}: {answer:?}");
        if status == 421 {
            answer.assert_error(421, "MISDIRECTED_REQUEST");
        }
    }
}

#[tokio::test]
async fn behind_a_public_url_the_proxy_decides_on_the_host() {
    let server = Server::start_with(&[(
        "COUNTERSIGN__SERVER__PUBLIC_URL",
        "https://auth.example.com",
    )]);
    assert_eq!(
        server
            .client()
            .with("host", "backend.internal")
            .get("/auth/chains")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_well_formed_request_id_is_echoed_and_any_other_replaced() {
    let server = Server::start();
    let client = server.client();
    assert_eq!(
        client
            .with("x-request-id", "abc-1._Z")
            .get("/auth/me")
            .await
            .header("x-request-id"),
        "abc-1._Z"
    );
    assert_eq!(client.get("/auth/me").await.header("x-request-id"), "");
    for bad in ["", "a b", "a;b", &"a".repeat(65)] {
        let answer = client.with("x-request-id", bad).get("/auth/nope").await;
        answer.assert_error(404, "NOT_FOUND");
        assert_ne!(answer.header("x-request-id"), bad);
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let server = Server::start();
    let client = server.client();
    for (path, is_about_credentials) in [
        ("/auth/me", true),
        ("/auth/nope", true),
        ("/health/live", false),
        ("/nope", false),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("cache-control") == "no-store",
            is_about_credentials,
            "{path}"
        );
        let vary = "Origin, Cookie, Authorization, X-API-Key";
        assert_eq!(answer.header("vary"), vary, "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let server = Server::start();
    let client = server.client();
    let answer = client
        .send(client.request(Method::HEAD, "/auth/chains"))
        .await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
}

#[tokio::test]
async fn a_stopped_server_ends_cleanly() {
    let (status, log) = Server::start().stop();
    assert!(status.success(), "{log}");
    assert!(log.contains("countersign has stopped"), "{log}");
}

#[tokio::test]
async fn a_new_signing_key_ends_no_session() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    let key = server
        .directory()
        .join("countersign-data/session-signing-key.pem");
    std::fs::remove_file(key).expect("the key was there");
    let server = server.kill_and_restart();
    let me = server
        .client()
        .with_cookie(&session.token)
        .get("/auth/me")
        .await;
    assert_eq!(
        me.field("userId"),
        session.user_id,
        "the row finds the session, whatever key signed the token"
    );
}

#[tokio::test]
async fn losing_the_log_does_not_end_the_service() {
    let server = Server::start_with_lost_log();
    let client = server.client();
    for _ in 0..3 {
        client
            .get("/auth/nope")
            .await
            .assert_error(404, "NOT_FOUND");
    }
    client.sign_in(&wallet()).await;
}

#[tokio::test]
async fn silent_connections_do_not_keep_others_out() {
    let server = Server::start();
    let silent: Vec<_> = (0..200)
        .map(|_| std::net::TcpStream::connect(server.authority()).expect("a connection"))
        .collect();
    assert_eq!(server.client().get("/health/live").await.status, 200);
    drop(silent);
}

#[tokio::test]
async fn a_body_in_an_encoding_we_do_not_undo_is_refused() {
    let server = Server::start();
    let request = format!(
        "POST /auth/nonce HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n",
        server.authority()
    );
    let answer = exchange(&server, request.as_bytes());
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("Transfer-Encoding: chunked"),
        "{answer}"
    );
}

/// Sends raw bytes and reads until the server closes the connection.
fn exchange(server: &Server, request: &[u8]) -> String {
    let mut connection = std::net::TcpStream::connect(server.authority()).expect("a connection");
    connection.write_all(request).expect("the server reads");
    let mut answer = String::new();
    connection
        .read_to_string(&mut answer)
        .expect("the server answers text");
    answer
}
