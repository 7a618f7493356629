//! The browser rule: which web pages may sign in and log out.

use countersign_tests::{Client, Server};
use reqwest::Method;

use crate::wallet;

#[tokio::test]
async fn a_foreign_page_can_neither_sign_in_nor_log_out() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let session = client.sign_in(&wallet).await;
    let message = client.message(&wallet).await;
    for foreign in [
        client.with("origin", "https://evil.example"),
        client.with("origin", "null"),
        client.with("origin", &format!("{}0", server.url())),
        client.with("sec-fetch-site", "cross-site"),
        client.with("sec-fetch-site", "same-site"),
        client
            .with("origin", server.url())
            .with("origin", "https://evil.example"),
    ] {
        foreign
            .submit(&wallet, &message)
            .await
            .assert_error(403, "CSRF_REJECTED");
        let foreign = foreign.with_cookie(&session.token);
        foreign
            .send(foreign.request(Method::POST, "/auth/logout"))
            .await
            .assert_error(403, "CSRF_REJECTED");
    }
    assert_eq!(
        client
            .with_cookie(&session.token)
            .get("/auth/me")
            .await
            .field("userId"),
        session.user_id
    );
    assert_eq!(
        client.submit(&wallet, &message).await.status,
        200,
        "a refused page must not consume the nonce"
    );
}

#[tokio::test]
async fn own_and_listed_pages_may() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let localhost = server.url().replace("127.0.0.1", "localhost");
    for page in [
        client.with("origin", server.url()),
        client
            .with("origin", &localhost)
            .with("sec-fetch-site", "cross-site"),
        client.with("sec-fetch-site", "same-origin"),
    ] {
        page.sign_in(&wallet).await;
    }
    let listing =
        Server::start_with(&[("COUNTERSIGN__BROWSER__ORIGINS", "https://app.example.com")]);
    listing
        .client()
        .with("origin", "https://app.example.com")
        .sign_in(&wallet)
        .await;
    let own = listing.client().with("origin", listing.url());
    own.submit(&wallet, &listing.client().message(&wallet).await)
        .await
        .assert_error(403, "CSRF_REJECTED");
}

#[tokio::test]
async fn the_rule_comes_before_the_body() {
    let server = Server::start();
    let foreign = server.client().with("origin", "https://evil.example");
    foreign
        .post_bytes("/auth/siwe", "not json")
        .await
        .assert_error(403, "CSRF_REJECTED");
}

#[tokio::test]
async fn forms_cannot_sign_in() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let body = Client::signed(&wallet, &client.message(&wallet).await).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        let request = client
            .request(Method::POST, "/auth/siwe")
            .header("content-type", content_type)
            .body(body.clone());
        client
            .send(request)
            .await
            .assert_error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
}
