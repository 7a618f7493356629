//! The Aura dialect: API keys for whoever signs a challenge, errors as `{error: {code, message, details?}}`.

mod auth;
mod error;
mod layer;
mod security;
mod view;

use std::sync::Arc;

use countersign_core::{
    chain::ChainId,
    service::{ApiKeys, Challenges, Revocation},
};
use poem_openapi::{OpenApiService, Tags};

pub(crate) use error::render_error;
pub(crate) use layer::AuraLayer;
pub(crate) use security::admit;

/// What the dialect serves.
#[derive(Clone)]
pub(crate) struct Aura {
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

/// The operations of the dialect.
pub(crate) fn service(aura: Aura) -> OpenApiService<auth::AuthApi, ()> {
    OpenApiService::new(
        auth::AuthApi::new(aura),
        "Countersign, Aura dialect",
        env!("CARGO_PKG_VERSION"),
    )
}
