//! `POST /auth/nonce`

use countersign_tests::Server;
use serde_json::json;

use crate::wallet;

#[tokio::test]
async fn a_nonce_is_fresh_and_says_when_it_ends() {
    let server = Server::start();
    let wallet = wallet();
    let ask = || async {
        server
            .client()
            .post("/auth/nonce", &json!({ "walletAddress": wallet.address() }))
            .await
    };
    let (first, second) = (ask().await, ask().await);
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.field("nonce"), second.field("nonce"));
    assert!(
        first.field("nonce").len() >= 22 && first.field("expiresAt").ends_with('Z'),
        "{first:?}"
    );
    assert_eq!(first.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_address_of_no_chain_is_refused() {
    let server = Server::start();
    for address in [
        "0x12",
        "vitalik.eth",
        "0xZZ00000000000000000000000000000000000000",
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ] {
        let answer = server
            .client()
            .post("/auth/nonce", &json!({ "walletAddress": address }))
            .await;
        answer.assert_error_at(400, "INVALID_ADDRESS", "/walletAddress");
        assert!(
            !answer.text.contains(address),
            "the client's value is echoed: {answer:?}"
        );
    }
}

#[tokio::test]
async fn challenges_over_the_cap_are_put_off() {
    let server = Server::start_with(&[("COUNTERSIGN__SIGN_IN__MAX_CHALLENGES", "2")]);
    let wallet = wallet();
    server.client().nonce(&wallet).await;
    server.client().nonce(&wallet).await;
    let third = server
        .client()
        .post("/auth/nonce", &json!({ "walletAddress": wallet.address() }))
        .await;
    third.assert_error(503, "SERVICE_UNAVAILABLE");
    assert_eq!(third.header("retry-after"), "1");
}
