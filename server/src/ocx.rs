//! The OCX dialect: SIWE, the `astra_session` cookie, errors as `{error, code, message, details?}`.

mod api_keys;
mod auth;
mod cookie;
mod error;
mod key_view;
mod layer;
mod security;
mod sign_in_quota;
mod view;

use std::sync::Arc;

use countersign_core::{
    ChainRegistry, Clock,
    service::{ApiKeys, Challenges, Revocation, SignIn},
};
use poem_openapi::{OpenApiService, Tags};

pub(crate) use error::render_error;
pub(crate) use layer::OcxLayer;
pub(crate) use security::admit;

use crate::site::Site;

/// What the dialect serves.
#[derive(Clone)]
pub(crate) struct Ocx {
    /// Issues what is to be signed.
    pub challenges: Arc<Challenges>,
    /// Turns signatures into sessions.
    pub sign_in: Arc<SignIn>,
    /// Mints and lists API keys.
    pub api_keys: Arc<ApiKeys>,
    /// Ends sessions and API keys.
    pub revocation: Revocation,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The chains.
    pub registry: Arc<ChainRegistry>,
    /// Who we are.
    pub site: Arc<Site>,
    /// How long the cookie lasts.
    pub session_ttl: time::Duration,
}

#[derive(Tags)]
enum Tag {
    /// Sign in with a wallet, and stay signed in.
    #[oai(rename = "Authentication")]
    Authentication,
    /// Credentials for programs.
    #[oai(rename = "API keys")]
    ApiKeys,
}

/// The operations of the dialect.
pub(crate) fn service(ocx: Ocx) -> OpenApiService<(auth::AuthApi, api_keys::ApiKeysApi), ()> {
    let apis = (
        auth::AuthApi::new(ocx.clone()),
        api_keys::ApiKeysApi::new(ocx),
    );
    OpenApiService::new(apis, "Countersign, OCX dialect", env!("CARGO_PKG_VERSION"))
}
