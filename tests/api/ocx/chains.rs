//! `GET /auth/chains`

use countersign_tests::Server;
use serde_json::json;

#[tokio::test]
async fn the_list_says_what_each_chain_needs() {
    let server = Server::start_with(&[
        ("COUNTERSIGN__ETHEREUM__CHAIN_IDS", "1, 8453"),
        ("COUNTERSIGN__ALEPHIUM__NETWORKS", "testnet"),
    ]);
    let alephium = json!({
        "namespace": "alephium",
        "name": "Alephium",
        "chainIds": ["alephium:testnet"],
        "keyTypes": ["default", "bip340-schnorr", "gl-secp256k1"],
        "needsPublicKey": true,
        "source": "builtin",
        "available": true,
    });
    let ethereum = json!({
        "namespace": "eip155",
        "name": "Ethereum",
        "chainIds": ["eip155:1", "eip155:8453"],
        "keyTypes": ["secp256k1"],
        "needsPublicKey": false,
        "source": "builtin",
        "available": true,
    });
    let expected = json!({ "chains": [alephium, ethereum] });
    assert_eq!(server.client().get("/auth/chains").await.json(), expected);
}

#[tokio::test]
async fn a_chain_without_networks_is_not_listed() {
    let server = Server::start_with(&[("COUNTERSIGN__ALEPHIUM__NETWORKS", "")]);
    let chains = server.client().get("/auth/chains").await.json();
    assert_eq!(chains["chains"].as_array().map(Vec::len), Some(1));
    let body = json!({ "chain": "alephium:mainnet", "address": "1" });
    let answer = server.client().post("/auth/challenge", &body).await;
    answer.assert_error_at(400, "CHAIN_NOT_ALLOWED", "/chain");
}
