//! The OCX dialect: SIWE, the `astra_session` cookie, errors as `{error, code, message, details?}`.

mod api_keys;
mod auth;
mod cookie;
mod error;
mod examples;
mod key_view;
mod layer;
mod security;
mod sign_in_quota;
mod view;

use std::sync::Arc;

use countersign_core::{
    ChainRegistry, Clock,
    service::{Access, ApiKeys, Challenges, Limits, Revocation, SignIn},
};
use poem::Request;
use poem_openapi::{OpenApiService, Tags};

pub(crate) use error::{ApiError, render_error};
pub(crate) use examples::of as examples;
pub(crate) use layer::{OcxLayer, clear_cookie};
pub(crate) use security::{admit, admit_by, presented, presented_as_token};

use crate::{http::fault::Fault, openapi, site::Site};

/// What the dialect serves.
pub(crate) struct Ocx {
    /// Judges credentials.
    pub access: Arc<Access>,
    /// How often requests may come.
    pub limits: Arc<Limits>,
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

impl Ocx {
    /// What the dialect's requests carry.
    fn of(request: &Request) -> Result<&Arc<Self>, Fault> {
        request.data().ok_or(Fault::Internal)
    }
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

/// The operations of the dialect. They find what they serve, an [`Ocx`], in the request.
pub(crate) fn service() -> OpenApiService<(auth::AuthApi, api_keys::ApiKeysApi), ()> {
    OpenApiService::new(
        (auth::AuthApi, api_keys::ApiKeysApi),
        "Countersign, OCX dialect",
        env!("CARGO_PKG_VERSION"),
    )
    .description(
        "Sign in with a wallet and get a session; make API keys for programs.\n\n\
         A session travels in the cookie `astra_session` or as `Authorization: Bearer`, an API key in `x-api-key` or as\n\
         bearer. Of several, `Authorization` counts before `x-api-key` before the cookie, and a bad one is never rescued\n\
         by another. Errors are `{error, code, message, details?}`; match on `code`. A path that is asked with a method that it\n\
         does not take answers 405, with those that it takes in `Allow`.",
    )
    .license(openapi::license())
    .contact(openapi::contact())
}
