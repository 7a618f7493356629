//! `GET /auth/chains`

use countersign_tests::Server;
use serde_json::json;

#[tokio::test]
async fn the_list_says_what_each_chain_needs() {
    let server = Server::start_with(&[("COUNTERSIGN__ETHEREUM__CHAIN_IDS", "1, 8453")]);
    let expected = json!({ "chains": [{
        "namespace": "eip155",
        "name": "Ethereum",
        "chainIds": ["eip155:1", "eip155:8453"],
        "keyTypes": ["secp256k1"],
        "needsPublicKey": false,
        "source": "builtin",
        "available": true,
    }] });
    assert_eq!(server.client().get("/auth/chains").await.json(), expected);
}
