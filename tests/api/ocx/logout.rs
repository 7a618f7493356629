//! `POST /auth/logout`

use countersign_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::Value;

use crate::wallet;

async fn log_out(client: &Client) -> Answer {
    client
        .send(client.request(Method::POST, "/auth/logout"))
        .await
}

#[tokio::test]
async fn logging_out_revokes_the_session_from_the_next_request_on() {
    let server = Server::start();
    let client = server.client();
    for by_cookie in [true, false] {
        let session = client.sign_in(&wallet()).await;
        let signed_in = if by_cookie {
            client.with_cookie(&session.token)
        } else {
            client.with_bearer(&session.token)
        };
        let answer = log_out(&signed_in).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert!(
            answer
                .set_cookie()
                .is_some_and(|cookie| cookie.ends_with("Max-Age=0")),
            "{answer:?}"
        );
        for client in [
            client.with_cookie(&session.token),
            client.with_bearer(&session.token),
        ] {
            assert_eq!(client.get("/auth/me").await.json(), Value::Null);
        }
    }
}

#[tokio::test]
async fn logging_out_ends_no_other_session_of_the_same_wallet() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let (first, second) = (client.sign_in(&wallet).await, client.sign_in(&wallet).await);
    log_out(&client.with_cookie(&first.token)).await;
    assert_eq!(
        client
            .with_cookie(&second.token)
            .get("/auth/me")
            .await
            .field("userId"),
        second.user_id
    );
}

#[tokio::test]
async fn logging_out_without_a_session_does_nothing() {
    let server = Server::start();
    let client = server.client();
    for client in [
        client.clone(),
        client.with_cookie("dead"),
        client.with_bearer("a.b.c"),
        client.with("authorization", "Basic x"),
    ] {
        assert_eq!(log_out(&client).await.status, 204, "{client:?}");
    }
}

#[tokio::test]
async fn every_session_the_request_names_is_ended() {
    let server = Server::start();
    let (client, wallet) = (server.client(), wallet());
    let sessions = [
        client.sign_in(&wallet).await.token,
        client.sign_in(&wallet).await.token,
    ];
    let [first, second] = &sessions;
    let both = client.with_bearer(first).with_cookie(second);
    assert_eq!(log_out(&both).await.status, 204);
    for token in &sessions {
        assert_eq!(
            client.with_bearer(token).get("/auth/me").await.json(),
            Value::Null
        );
    }
    // What hides a good cookie from the identity check must not save its session.
    for (name, value) in [
        ("authorization", "Basic x"),
        ("x-api-key", "x"),
        ("cookie", "astra_session=a.b.c"),
    ] {
        let token = client.sign_in(&wallet).await.token;
        assert_eq!(
            log_out(&client.with_cookie(&token).with(name, value))
                .await
                .status,
            204
        );
        assert_eq!(
            client.with_bearer(&token).get("/auth/me").await.json(),
            Value::Null,
            "{name}: {value}"
        );
    }
}
