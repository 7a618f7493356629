//! `/health`: is the process alive, can it serve.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, payload::Json};

use super::{Platform, Tag};
use crate::{http::fault::Fault, ocx::ApiError};

pub(crate) struct HealthApi;

/// The server's process answers.
#[derive(Debug, Object)]
struct Liveness {
    /// How it is.
    status: Alive,
}

#[derive(Debug, Enum)]
#[oai(rename_all = "lowercase")]
enum Alive {
    /// The process answers.
    Alive,
}

/// The server can serve.
#[derive(Debug, Object)]
struct Readiness {
    /// How it is.
    status: Ready,
}

#[derive(Debug, Enum)]
#[oai(rename_all = "lowercase")]
enum Ready {
    /// The process and its database answer.
    Ready,
}

#[OpenApi(prefix_path = "/health", tag = "Tag::Health")]
impl HealthApi {
    /// Is the process alive?
    ///
    /// A supervisor restarts a server that does not answer this. Anybody may call.
    #[oai(path = "/live", method = "get", operation_id = "checkLiveness")]
    async fn live(&self) -> Result<Json<Liveness>, ApiError> {
        let status = Alive::Alive;
        Ok(Json(Liveness { status }))
    }

    /// Can it serve?
    ///
    /// A load balancer sends requests only to servers that answer 200: their database answers, too. Anybody may call.
    #[oai(path = "/ready", method = "get", operation_id = "checkReadiness")]
    async fn ready(&self, platform: Data<&Arc<Platform>>) -> Result<Json<Readiness>, ApiError> {
        if !platform.store.is_ready().await {
            return Err(Fault::NotReady.into());
        }
        let status = Ready::Ready;
        Ok(Json(Readiness { status }))
    }
}
