//! `GET /auth/me`

use countersign_tests::{Client, Server};

use crate::wallet;

async fn is_signed_in(client: &Client) -> bool {
    let answer = client.get("/auth/me").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    !answer.json().is_null()
}

#[tokio::test]
async fn the_header_counts_before_the_cookie_and_is_never_rescued_by_it() {
    let server = Server::start();
    let client = server.client();
    let good = client.sign_in(&wallet()).await.token;
    let bad = good.replace(good.chars().last().expect("a token"), "_");
    for (client, expected) in [
        (client.clone(), false),
        (client.with_cookie(&good), true),
        (client.with_bearer(&good), true),
        (
            client.with("authorization", &format!("bearer {good}")),
            true,
        ),
        (client.with_bearer(&good).with_cookie(&bad), true),
        (client.with_bearer(&bad).with_cookie(&good), false),
        (
            client
                .with("authorization", "Basic dXNlcjpwYXNz")
                .with_cookie(&good),
            false,
        ),
        (
            client
                .with("x-api-key", "ocx_sk_nothing")
                .with_cookie(&good),
            false,
        ),
        (client.with_bearer(&good).with_bearer(&good), false),
        (
            client.with(
                "cookie",
                &format!("astra_session={good}; astra_session={good}"),
            ),
            false,
        ),
        (
            client.with("cookie", &format!("other=1; astra_session={good}; more=2")),
            true,
        ),
        (
            client.with("cookie", &format!("astra_session=\"{good}\"")),
            false,
        ),
    ] {
        assert_eq!(is_signed_in(&client).await, expected, "{client:?}");
    }
}

#[tokio::test]
async fn a_token_that_was_tampered_with_is_nobody() {
    let server = Server::start();
    let client = server.client();
    let token = client.sign_in(&wallet()).await.token;
    let parts: Vec<&str> = token.split('.').collect();
    for forged in [
        format!("{}.{}.{}", parts[0], parts[1], "A".repeat(86)),
        format!("eyJhbGciOiJub25lIn0.{}.x", parts[1]),
        format!("{token}A"),
        "a.b.c".to_owned(),
    ] {
        assert!(
            !is_signed_in(&client.with_bearer(&forged)).await,
            "{forged}"
        );
    }
}

#[tokio::test]
async fn a_dead_cookie_is_cleared() {
    let server = Server::start();
    let answer = server.client().with_cookie("a.b.c").get("/auth/me").await;
    assert_eq!(
        answer.set_cookie(),
        Some("astra_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0")
    );
    assert_eq!(
        server
            .client()
            .with_bearer("a.b.c")
            .get("/auth/me")
            .await
            .set_cookie(),
        None
    );
}

#[tokio::test]
async fn a_token_of_another_server_is_nobody() {
    let (ours, theirs) = (Server::start(), Server::start());
    let token = theirs.client().sign_in(&wallet()).await.token;
    assert!(!is_signed_in(&ours.client().with_bearer(&token)).await);
}
