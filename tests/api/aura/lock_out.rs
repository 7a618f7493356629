//! A stranger who floods challenges and junk proofs for a wallet cannot keep its owner out.

use countersign_tests::Server;
use futures_util::future::join_all;
use serde_json::json;

use super::{challenge, signed, wallet};

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_mints_while_a_stranger_floods() {
    let server = Server::start();
    let (owner, stranger) = (wallet(), wallet());
    let text = challenge(&server.client(), &owner.address()).await;
    let flood = (0..16).map(|_| {
        let client = server.client();
        let (address, public_key) = (owner.address(), owner.public_key());
        let (junk, of_stranger) = ("ab".repeat(64), stranger.sign(b"anything"));
        tokio::spawn(async move {
            for _ in 0..20 {
                challenge(&client, &address).await;
                for signature in [&junk, &of_stranger] {
                    let body = json!({
                        "address": address, "publicKey": public_key, "signature": signature,
                    });
                    let answer = client.post("/v1/auth/keys", &body).await;
                    answer.assert_aura_error(401, "invalid_signature");
                }
            }
        })
    });
    for flooder in join_all(flood).await {
        flooder.expect("every junk proof is refused");
    }
    let minted = server
        .client()
        .post("/v1/auth/keys", &signed(&owner, &text))
        .await;
    assert_eq!(minted.status, 200, "{minted:?}");
}

/// With the real limits: the stranger spends its own address's writes, not the owner's.
#[tokio::test]
async fn the_flood_is_counted_for_the_stranger() {
    let server = Server::start_with(&[
        ("COUNTERSIGN__LIMITS__SCALE", "1"),
        ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    let owner = wallet();
    let stranger = server.client().with("x-forwarded-for", "203.0.113.7");
    for _ in 0..10 {
        challenge(&stranger, &owner.address()).await;
    }
    let refused = stranger
        .post("/v1/auth/challenge", &json!({ "address": owner.address() }))
        .await;
    refused.assert_aura_error(429, "rate_limited");
    let client = server.client().with("x-forwarded-for", "198.51.100.1");
    let text = challenge(&client, &owner.address()).await;
    let minted = client.post("/v1/auth/keys", &signed(&owner, &text)).await;
    assert_eq!(minted.status, 200, "{minted:?}");
}
