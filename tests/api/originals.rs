//! A client that was written for one of the originals can use Countersign: what it sends is taken, and every
//! status that it knows comes in the shape that it knows.

use std::collections::BTreeSet;

use countersign_tests::{
    Answer, Client, Contract, ORIGINAL_AURA, ORIGINAL_OCX, Server, siwe_message,
};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{aura, health::database, wallet};

/// A client that knows nothing but the original's document.
struct Original {
    contract: Contract,
    seen: BTreeSet<String>,
}

impl Original {
    fn of(document: &str) -> Self {
        Self {
            contract: Contract::read(document),
            seen: BTreeSet::new(),
        }
    }

    async fn call(&mut self, client: &Client, call: &str, body: &Value) -> Answer {
        let (method, path) = call.split_once(' ').expect("a method and a path");
        let method: Method = method.parse().expect("a method");
        let request = client.request(method.clone(), path);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        let answer = client.send(request).await;
        let understood = self
            .contract
            .assert_understood(method.as_str(), path, &answer);
        self.seen
            .insert(understood.unwrap_or_else(|| panic!("{call} is not the original's")));
        answer
    }

    /// Panics unless every answer of the document was seen. Limits and outages are the same for all operations;
    /// one of each is enough.
    fn assert_all_seen(&self) {
        let rare = |answer: &&String| answer.ends_with(" 429") || answer.ends_with(" 503");
        let all: BTreeSet<String> = self.contract.all_answers().into_iter().collect();
        let missing: Vec<_> = all.difference(&self.seen).collect();
        let missing: Vec<_> = missing
            .into_iter()
            .filter(|answer| !rare(answer) && !answer.ends_with(" default"))
            .collect();
        assert!(missing.is_empty(), "never answered: {missing:?}");
        for status in [" 429", " 503"] {
            let is_known = all.iter().any(|answer| answer.ends_with(status));
            let is_seen = self.seen.iter().any(|answer| answer.ends_with(status));
            assert_eq!(is_seen, is_known, "{status}");
        }
    }
}

const NOTHING: Value = Value::Null;

#[tokio::test]
async fn a_client_of_ocx_finds_what_it_knows() {
    let server = Server::start_with(&[("COUNTERSIGN__LIMITS__SCALE", "1")]);
    let (mut ocx, anyone, wallet) = (Original::of(ORIGINAL_OCX), server.client(), wallet());

    let address = json!({ "walletAddress": wallet.address() });
    let nonce = ocx.call(&anyone, "POST /auth/nonce", &address).await;
    let message = siwe_message(server.url(), &wallet, &nonce.field("nonce"));
    let signed = Client::signed(&wallet, &message);
    let wrong = json!({ "message": message, "signature": wallet.sign(b"another text") });
    ocx.call(&anyone, "POST /auth/siwe", &wrong).await;
    let signed_in = ocx.call(&anyone, "POST /auth/siwe", &signed).await;
    ocx.call(&anyone, "POST /auth/siwe", &signed).await;
    ocx.call(&anyone, "POST /auth/nonce", &json!({})).await;

    let cookie = signed_in.set_cookie().expect("a cookie");
    let (cookie, _) = cookie.split_once(';').expect("attributes");
    let session = anyone.with("cookie", cookie);
    for client in [&session, &anyone] {
        ocx.call(client, "GET /auth/me", &NOTHING).await;
    }
    let key = json!({ "name": "bot", "scope": "trade", "allowedIps": ["127.0.0.1"], "expiresInDays": 180 });
    let key = ocx.call(&session, "POST /perps/me/api-keys", &key).await;
    let program = anyone.with("x-api-key", &key.field("secret"));
    ocx.call(&program, "GET /auth/me", &NOTHING).await;
    ocx.call(&session, "POST /perps/me/api-keys", &json!({}))
        .await;
    let one = format!("/perps/me/api-keys/{}", key.field("id"));
    for caller in [&anyone, &program, &session] {
        let new = json!({ "name": "another", "scope": "read" });
        ocx.call(caller, "GET /perps/me/api-keys", &NOTHING).await;
        ocx.call(caller, "POST /perps/me/api-keys", &new).await;
        ocx.call(caller, &format!("DELETE {one}"), &NOTHING).await;
    }
    ocx.call(&session, &format!("DELETE {one}"), &NOTHING).await;
    ocx.call(&session, &format!("DELETE {one}0"), &NOTHING)
        .await;
    while (ocx.call(&anyone, "POST /auth/nonce", &address).await).status != 429 {}
    ocx.assert_all_seen();
}

#[tokio::test]
async fn a_client_of_aura_finds_what_it_knows() {
    let server = Server::start_with(&[("COUNTERSIGN__LIMITS__SCALE", "2")]);
    let (mut original, anyone, wallet) =
        (Original::of(ORIGINAL_AURA), server.client(), aura::wallet());

    let address = json!({ "address": wallet.address() });
    let challenge = "POST /v1/auth/challenge";
    let text = original.call(&anyone, challenge, &address).await;
    let mut signed = aura::signed(&wallet, &text.field("challenge"));
    signed["name"] = json!("indexer");
    signed["scopes"] = json!(["read"]);
    let mut wrong = signed.clone();
    wrong["signature"] = json!(wallet.sign(b"another text"));
    let mint = "POST /v1/auth/keys";
    original.call(&anyone, mint, &wrong).await;
    let key = original.call(&anyone, mint, &signed).await;
    original.call(&anyone, mint, &json!({})).await;
    original.call(&anyone, challenge, &json!({})).await;

    let program = anyone.with_bearer(&key.field("key"));
    let one = format!("DELETE /v1/auth/keys/{}", key.field("id"));
    for caller in [&program, &anyone] {
        original.call(caller, "GET /v1/auth/keys", &NOTHING).await;
    }
    let unknown = "DELETE /v1/auth/keys/00000000-0000-0000-0000-000000000000";
    original.call(&program, unknown, &NOTHING).await;
    original.call(&program, &one, &NOTHING).await;
    original.call(&program, &one, &NOTHING).await;
    let broken = database(&server).await;
    let broken = broken.execute_unprepared("DROP TABLE challenge").await;
    broken.expect("the table is dropped");
    original.call(&anyone, challenge, &address).await;
    while (original.call(&anyone, challenge, &address).await).status != 429 {}
    original.assert_all_seen();
}
