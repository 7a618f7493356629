//! `/health`: is the process alive, can it serve.

use std::sync::Arc;

use poem::{
    Endpoint, EndpointExt, Route, get, handler,
    web::{Data, Json},
};
use serde_json::{Value, json};

use crate::{http::fault::Fault, store::SqliteStore};

/// The paths of this module.
pub(crate) const PATHS: [&str; 2] = ["/health/live", "/health/ready"];

/// `/health/live` and `/health/ready`.
pub(crate) fn routes(store: Arc<SqliteStore>) -> impl Endpoint {
    Route::new()
        .at("/live", get(live))
        .at("/ready", get(ready))
        .data(store)
}

/// The process answers.
#[handler]
fn live() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// The database answers, too.
#[handler]
async fn ready(store: Data<&Arc<SqliteStore>>) -> poem::Result<Json<Value>> {
    if store.is_ready() {
        return Ok(Json(json!({ "status": "ready" })));
    }
    Err(Fault::NotReady.into())
}
