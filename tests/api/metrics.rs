//! `/metrics`: every number moves when its thing happens, and none of them names anybody.

mod counts;
mod listeners;
mod privacy;

use countersign_tests::{Client, Server};
use serde_json::json;

use crate::wallet;

/// Somebody who is signed in.
async fn signed_in(server: &Server) -> Client {
    let session = server.client().sign_in(&wallet()).await;
    server.client().with_bearer(&session.token)
}

/// Makes an OCX key; its id and its secret.
async fn mint(client: &Client) -> (String, String) {
    let body = json!({ "name": "a", "scope": "trade" });
    let key = client.post("/perps/me/api-keys", &body).await;
    (key.field("id"), key.field("secret"))
}
