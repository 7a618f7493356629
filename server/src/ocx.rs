//! The OCX dialect: SIWE, the `astra_session` cookie, errors as `{error, code, message, details?}`.

mod auth;
mod cookie;
mod error;
mod security;
mod view;

use std::sync::Arc;

use countersign_core::{
    ChainRegistry,
    service::{Revocation, SessionCheck, SignIn},
};
use poem_openapi::{OpenApiService, Tags};

pub(crate) use error::render_error;

use crate::site::Site;

/// What the dialect serves.
#[derive(Clone)]
pub(crate) struct Ocx {
    /// Turns signatures into sessions.
    pub sign_in: Arc<SignIn>,
    /// Turns tokens into principals.
    pub session_check: SessionCheck,
    /// Ends sessions.
    pub revocation: Revocation,
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
}

/// The operations of the dialect.
pub(crate) fn service(ocx: Ocx) -> OpenApiService<auth::AuthApi, ()> {
    OpenApiService::new(
        auth::AuthApi::new(ocx),
        "Countersign, OCX dialect",
        env!("CARGO_PKG_VERSION"),
    )
}
