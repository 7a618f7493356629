//! `POST /auth/siwe`

use countersign_tests::{Client, Server, Session, siwe_message};
use serde_json::json;

use crate::wallet;

#[tokio::test]
async fn a_signed_message_signs_in() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let answer = client.submit(&wallet, &client.message(&wallet).await).await;
    assert_eq!(
        (answer.status, answer.field("walletAddress")),
        (200, wallet.address())
    );
    let session = Session::of(&answer);
    let expected = format!(
        "astra_session={}; HttpOnly; SameSite=Lax; Path=/; Max-Age=604800",
        session.token
    );
    assert_eq!(answer.set_cookie(), Some(expected.as_str()));
    let me = client.with_cookie(&session.token).get("/auth/me").await;
    assert_eq!(
        me.json(),
        json!({ "userId": session.user_id, "walletAddress": wallet.address(), "chain": "eip155:1" })
    );
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    let server = Server::start_with(&[(
        "COUNTERSIGN__SERVER__PUBLIC_URL",
        "https://auth.example.com",
    )]);
    let (client, wallet) = (server.client(), wallet());
    let nonce = client.nonce(&wallet).await;
    let message = siwe_message("https://auth.example.com", &wallet, &nonce)
        .replace("https://auth.example.com wants", "auth.example.com wants");
    let answer = client.submit(&wallet, &message).await;
    let cookie = answer.set_cookie().expect("a cookie");
    assert!(
        cookie.ends_with("; HttpOnly; Secure; SameSite=None; Path=/; Max-Age=604800"),
        "{cookie}"
    );
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn each_wrong_expectation_has_its_code() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    let (own, uri) = (server.authority(), format!("URI: {}", server.url()));
    let (wrong_scheme, other_port) = (format!("https://{own} wants"), format!("{own}1 wants"));
    let own_wants = format!("{own} wants");
    for (from, to, code) in [
        (own_wants.as_str(), "evil.example wants", "DOMAIN_MISMATCH"),
        (&own_wants, &other_port, "DOMAIN_MISMATCH"),
        (&own_wants, &wrong_scheme, "DOMAIN_MISMATCH"),
        (&uri, "URI: https://evil.example", "URI_MISMATCH"),
        ("Chain ID: 1", "Chain ID: 5", "CHAIN_NOT_ALLOWED"),
        ("Nonce: ", "Nonce: x", "NONCE_MISMATCH"),
        ("Issued At: 20", "Issued At: 19", "MESSAGE_EXPIRED"),
        ("Issued At: 20", "Issued At: 21", "MESSAGE_NOT_YET_VALID"),
        ("Version: 1", "Version: 2", "INVALID_SIWE_MESSAGE"),
        ("Sign in", "Sign\tin", "INVALID_SIWE_MESSAGE"),
        ("\n\n", "\r\n\r\n", "INVALID_SIWE_MESSAGE"),
    ] {
        let changed = message.replace(from, to);
        assert_ne!(changed, message, "{from:?} is not in the message");
        client
            .submit(&wallet, &changed)
            .await
            .assert_error(400, code);
    }
    for (added, code) in [
        ("\nExpiration Time: 2026-01-01T00:00:00Z", "MESSAGE_EXPIRED"),
        (
            "\nNot Before: 2100-01-01T00:00:00Z",
            "MESSAGE_NOT_YET_VALID",
        ),
        ("\n", "INVALID_SIWE_MESSAGE"),
    ] {
        client
            .submit(&wallet, &format!("{message}{added}"))
            .await
            .assert_error(400, code);
    }
    assert_eq!(
        client.submit(&wallet, &message).await.status,
        200,
        "a refusal must not consume the nonce"
    );
}

#[tokio::test]
async fn a_malformed_message_names_the_line_and_what_was_expected() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let message = client
        .message(&wallet)
        .await
        .replace("Chain ID: 1", "Chain ID: one");
    let answer = client.submit(&wallet, &message).await;
    answer.assert_error_at(400, "INVALID_SIWE_MESSAGE", "/message");
    assert_eq!(answer.json()["details"]["line"], 8);
    assert!(
        answer.json()["details"]["expected"]
            .as_str()
            .is_some_and(|text| text.contains("EIP-155")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_signature_that_is_no_hex_is_a_bad_request() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    for signature in ["0xzz", "0x123", " 0x12", "MEUCIQ=="] {
        let answer = client
            .post(
                "/auth/siwe",
                &json!({ "message": message, "signature": signature }),
            )
            .await;
        answer.assert_error_at(400, "INVALID_REQUEST", "/signature");
    }
}

#[tokio::test]
async fn a_signature_of_the_wrong_shape_or_signer_is_refused_and_consumes_nothing() {
    let server = Server::start();
    let (client, signer) = (server.client(), wallet());
    let message = client.message(&signer).await;
    let good = signer.sign(message.as_bytes());
    let (short, long) = (good[..good.len() - 2].to_owned(), format!("{good}00"));
    let eip_155 = format!("{}25", &good[..good.len() - 2]);
    for signature in [
        "0x",
        "0x00",
        &short,
        &long,
        &eip_155,
        &wallet().sign(message.as_bytes()),
    ] {
        let answer = client
            .post(
                "/auth/siwe",
                &json!({ "message": message, "signature": signature }),
            )
            .await;
        answer.assert_error(401, "INVALID_SIGNATURE");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(
        client
            .post("/auth/siwe", &Client::signed(&signer, &message))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_message_works_once() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    assert_eq!(client.submit(&wallet, &message).await.status, 200);
    client
        .submit(&wallet, &message)
        .await
        .assert_error(400, "NONCE_MISMATCH");
}

#[tokio::test]
async fn a_nonce_of_another_wallet_is_refused() {
    let server = Server::start();
    let (client, owner, thief) = (server.client(), wallet(), wallet());
    let message = siwe_message(server.url(), &thief, &client.nonce(&owner).await);
    client
        .submit(&thief, &message)
        .await
        .assert_error(400, "NONCE_MISMATCH");
}

#[tokio::test]
async fn an_old_credential_does_not_keep_anybody_from_signing_in() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    let burdened = client.with_cookie("dead").with_bearer("dead");
    assert_eq!(burdened.submit(&wallet, &message).await.status, 200);
}

#[tokio::test]
async fn an_expiration_time_can_be_required_and_bounded() {
    let server = Server::start_with(&[
        ("COUNTERSIGN__SIGN_IN__REQUIRE_EXPIRATION", "true"),
        ("COUNTERSIGN__SIGN_IN__MAX_VALIDITY_SECONDS", "3600"),
    ]);
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    let answer = client.submit(&wallet, &message).await;
    answer.assert_error(400, "INVALID_SIWE_MESSAGE");
    assert!(
        answer
            .field("message")
            .contains("must carry an Expiration Time")
    );
    let answer = client
        .submit(
            &wallet,
            &format!("{message}\nExpiration Time: 2100-01-01T00:00:00Z"),
        )
        .await;
    answer.assert_error(400, "INVALID_SIWE_MESSAGE");
    assert!(answer.field("message").contains("too long"));
}

#[tokio::test]
async fn one_wallet_is_one_user_on_every_chain() {
    let server = Server::start();
    let (client, signer) = (server.client(), wallet());
    let first = client.sign_in(&signer).await;
    let message = client
        .message(&signer)
        .await
        .replace("Chain ID: 1", "Chain ID: 8453");
    let second = Session::of(&client.submit(&signer, &message).await);
    assert_eq!(first.user_id, second.user_id);
    assert_eq!(
        client
            .with_cookie(&second.token)
            .get("/auth/me")
            .await
            .field("chain"),
        "eip155:8453"
    );
    assert_ne!(client.sign_in(&wallet()).await.user_id, first.user_id);
}
