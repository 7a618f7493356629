//! Allowlists and the client's address: what proxies say, and what strangers pretend.

use countersign_core::profile::Profile;
use countersign_tests::Answer;

use super::history::{GOOD, History};

const CLIENT: &str = "198.51.100.1";

/// Asks with a key of this allowlist, on a server that trusts these proxies; the test's own
/// address is 127.0.0.1.
async fn asked(allowlist: &str, trusted: &str, headers: &[(&str, &str)]) -> Answer {
    let mut history = History::begin().await;
    let key = history.key(Profile::Ocx, "read", allowlist, GOOD).await;
    let server = history
        .serve(&[("COUNTERSIGN__SERVER__TRUSTED_PROXIES", trusted)])
        .await;
    let client = server.client().with("x-api-key", &key);
    let client = headers
        .iter()
        .fold(client, |client, (name, value)| client.with(name, value));
    client.get("/perps/positions").await
}

async fn check(allowlist: &str, trusted: &str, headers: &[(&str, &str)], is_allowed: bool) {
    let answer = asked(allowlist, trusted, headers).await;
    let case = format!("{allowlist:?}, trusted {trusted:?}, {headers:?}: {answer:?}");
    if is_allowed {
        assert_eq!(answer.status, 200, "{case}");
    } else {
        assert_eq!(answer.status, 403, "{case}");
        answer.assert_error(403, "IP_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn the_sockets_peer_is_compared_with_the_list() {
    for (allowlist, is_allowed) in [
        ("", true),
        ("127.0.0.1", true),
        ("127.0.0.0/31", true),
        ("127.0.0.2/31", false),
        ("0.0.0.0/0", true),
        ("127.0.0.2", false),
        ("::ffff:127.0.0.1", true),
        ("::1", false),
        ("::/0", false),
        ("203.0.113.7,2001:db8::/32,127.0.0.1", true),
    ] {
        check(allowlist, "", &[], is_allowed).await;
    }
}

#[tokio::test]
async fn a_stranger_cannot_speak_for_another_address() {
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        check(CLIENT, "", &[(header, CLIENT)], false).await;
        // It may be a proxy that was forgotten in the configuration.
        check("127.0.0.1", "", &[(header, CLIENT)], false).await;
        check("", "", &[(header, CLIENT)], true).await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_says_where_a_request_comes_from() {
    let trusted = "127.0.0.1,10.0.0.0/8";
    for (headers, is_allowed) in [
        (vec![("x-forwarded-for", CLIENT)], true),
        (vec![("x-forwarded-for", "::ffff:198.51.100.1")], true),
        (vec![("x-forwarded-for", "198.51.100.1, 10.1.2.3")], true),
        (
            vec![("x-forwarded-for", CLIENT), ("x-forwarded-for", "10.1.2.3")],
            true,
        ),
        (
            vec![("x-forwarded-for", "198.51.100.1, 203.0.113.7")],
            false,
        ),
        (
            vec![
                ("x-forwarded-for", CLIENT),
                ("x-forwarded-for", "203.0.113.7"),
            ],
            false,
        ),
        (vec![("x-forwarded-for", "junk, 198.51.100.1")], true),
        (vec![("x-forwarded-for", "198.51.100.1, junk")], false),
        (
            vec![("x-forwarded-for", "198.51.100.1, junk, 10.1.2.3")],
            false,
        ),
        (vec![("x-forwarded-for", "198.51.100.1:4711")], false),
        (vec![("x-forwarded-for", "10.1.2.3")], false),
        (vec![("forwarded", "for=198.51.100.1")], false),
        (vec![("x-real-ip", CLIENT)], false),
        (
            vec![("x-real-ip", "203.0.113.7"), ("x-forwarded-for", CLIENT)],
            true,
        ),
        (vec![], false),
    ] {
        check(CLIENT, trusted, &headers, is_allowed).await;
    }
    // The proxy's own address is not the client's.
    check("127.0.0.1", trusted, &[("x-forwarded-for", CLIENT)], false).await;
}

#[tokio::test]
async fn ipv6_is_compared_as_numbers_and_to_the_edge_of_the_block() {
    for (allowlist, client, is_allowed) in [
        (
            "2001:db8::/33",
            "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
            true,
        ),
        ("2001:db8::/33", "2001:db8:8000::", false),
        ("2001:DB8:0:0::1", "2001:db8::1", true),
        ("2001:db8::1", "2001:db8::2", false),
        ("::/0", CLIENT, false),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("::ffff:198.51.100.0/120", CLIENT, true),
        ("198.51.100.0/31", CLIENT, true),
        ("198.51.100.2/31", CLIENT, false),
    ] {
        check(
            allowlist,
            "127.0.0.1",
            &[("x-forwarded-for", client)],
            is_allowed,
        )
        .await;
    }
}

#[tokio::test]
async fn the_address_is_noted_with_the_key() {
    let mut history = History::begin().await;
    let session = history.session(Profile::Ocx, GOOD).await;
    let key = history.key(Profile::Ocx, "read", CLIENT, GOOD).await;
    let server = history
        .serve(&[("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1")])
        .await;
    let through_proxy = server.client().with("x-forwarded-for", CLIENT);
    let listed = async || {
        let list = through_proxy
            .with_bearer(&session)
            .get("/perps/me/api-keys")
            .await;
        list.json()["keys"][0].clone()
    };
    assert_eq!(listed().await["lastUsedAt"], serde_json::Value::Null);
    let refused = server
        .client()
        .with("x-api-key", &key)
        .get("/perps/positions")
        .await;
    refused.assert_error(403, "IP_NOT_ALLOWED");
    assert_eq!(
        listed().await["lastUsedIp"],
        serde_json::Value::Null,
        "a refusal is no use"
    );
    let used = through_proxy
        .with("x-api-key", &key)
        .get("/perps/positions")
        .await;
    assert_eq!(used.status, 200);
    assert_eq!(listed().await["lastUsedIp"], CLIENT);
}

#[tokio::test]
async fn the_operator_is_told_of_a_stranger_once() {
    let server = countersign_tests::Server::start();
    let client = server.client().with("x-forwarded-for", CLIENT);
    for _ in 0..3 {
        client.get("/perps/markets").await;
    }
    let (_, log) = server.stop();
    assert_eq!(log.matches("server.trusted_proxies").count(), 1, "{log}");
    assert!(!log.contains(CLIENT), "{log}");
}
