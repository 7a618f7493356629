//! The Aura dialect: API keys for whoever signs a challenge, errors as `{error: {code, message, details?}}`.

mod auth;
mod error;
mod examples;
mod layer;
mod security;
mod view;

use std::sync::Arc;

use countersign_core::{
    chain::ChainId,
    service::{Access, ApiKeys, Challenges, Revocation},
};
use poem_openapi::{OpenApiService, Tags};

pub(crate) use error::{ApiError, render_error};
pub(crate) use examples::of as examples;
pub(crate) use layer::{AuraLayer, count_refused, tell};
pub(crate) use security::{admit, admit_by, presented, presented_as_token};

use crate::openapi;

/// What the dialect serves.
pub(crate) struct Aura {
    /// Judges credentials.
    pub access: Arc<Access>,
    /// Issues what is to be signed.
    pub challenges: Arc<Challenges>,
    /// Mints and lists API keys.
    pub api_keys: Arc<ApiKeys>,
    /// Ends API keys.
    pub revocation: Revocation,
    /// The chain of requests that name none: the first network of Alephium, where one is served.
    pub default_chain: Option<ChainId>,
}

#[derive(Tags)]
enum Tag {
    /// API keys by a wallet's signature.
    #[oai(rename = "Auth")]
    Auth,
}

/// The operations of the dialect. They find what they serve, an [`Aura`], in the request.
pub(crate) fn service() -> OpenApiService<auth::AuthApi, ()> {
    OpenApiService::new(
        auth::AuthApi,
        "Countersign, Aura dialect",
        env!("CARGO_PKG_VERSION"),
    )
    .description(
        "Sign a text with a wallet and get an API key.\n\n\
         A key travels as `Authorization: Bearer`. Every answer says how its caller stands with the limit on requests,\n\
         by `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`. Errors are\n\
         `{error: {code, message, details?}}`; match on `code`. A path that is asked with a method that it does not take\n\
         answers 405, with those that it takes in `Allow`.",
    )
    .license(openapi::license())
    .contact(openapi::contact())
}
