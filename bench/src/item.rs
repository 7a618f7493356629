//! The operation behind every route that is compared.

use poem::{Endpoint, endpoint::make_sync};
use poem_openapi::{Object, OpenApi, OpenApiService, payload::Json};
use serde_json::json;

/// Answers a small object and does nothing else, so that what differs between two routes is what
/// stands around them.
pub struct ItemApi;

#[derive(Object)]
struct Item {
    id: u64,
    name: String,
    is_listed: bool,
}

#[OpenApi]
impl ItemApi {
    /// Find the item.
    #[oai(path = "/item", method = "get", operation_id = "findItem")]
    async fn find(&self) -> Json<Item> {
        Json(Item {
            id: 7,
            name: "countersign".to_owned(),
            is_listed: true,
        })
    }
}

/// The same answer, by a handler that no document describes.
pub fn plain() -> impl Endpoint {
    make_sync(|_| poem::web::Json(json!({ "id": 7, "name": "countersign", "is_listed": true })))
}

/// The operation, to be mounted.
pub fn service() -> OpenApiService<ItemApi, ()> {
    OpenApiService::new(ItemApi, "Benchmark", env!("CARGO_PKG_VERSION"))
}
