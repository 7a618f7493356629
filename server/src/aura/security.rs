//! What a request presents to say who it comes from, and who is let in.

use std::sync::Arc;

use countersign_core::{
    Error, api_key,
    principal::Principal,
    profile::Profile,
    secret::HashedSecret,
    service::{Access, Caller, CanonicalPath, CredentialKind, Presented, Transport},
};
use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, header},
};
use poem_openapi::registry::{MetaSecurityScheme, Registry};

use super::{Aura, error::ApiError};
use crate::http::{admission, context::Context, fault::Fault, secured::Security};

/// Reads `Authorization: Bearer aura_live_…`; anything else in that header is no credential.
pub(crate) fn presented(headers: &HeaderMap) -> Presented {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (None, _) => Presented::Nothing,
        (Some(value), None) => present(bearer(value.as_bytes())),
        (Some(_), Some(_)) => Presented::Malformed(Transport::Header),
    }
}

/// The scheme's letter case does not matter (RFC 9110).
fn bearer(value: &[u8]) -> Option<HashedSecret> {
    let (scheme, rest) = value.split_at_checked(b"Bearer ".len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"Bearer ");
    is_bearer.then(|| api_key(rest)).flatten()
}

fn api_key(value: &[u8]) -> Option<HashedSecret> {
    api_key::has_form(Profile::Aura, value).then(|| HashedSecret::of(value))
}

fn present(read: Option<HashedSecret>) -> Presented {
    match read {
        Some(hash) => Presented::Credential {
            hash,
            kind: CredentialKind::ApiKey,
            transport: Transport::Header,
        },
        None => Presented::Malformed(Transport::Header),
    }
}

/// Reads a token that was presented to somebody else, who asks about it.
pub(crate) fn presented_as_token(value: &[u8]) -> Presented {
    present(api_key(value))
}

/// Lets a request in or refuses it, by the rules of the dialect.
///
/// # Errors
/// An [`ApiError`], and framework errors outside of the dialect.
pub(crate) async fn admit(request: &Request) -> Result<Caller> {
    let aura: &Arc<Aura> = request.data().ok_or(Fault::Internal)?;
    let path = CanonicalPath::new(request.original_uri().path());
    admit_by(&aura.access, request, path).await
}

/// Lets a request in or refuses it, by the rules of this engine.
///
/// # Errors
/// As [`admit`].
pub(crate) async fn admit_by(
    access: &Access,
    request: &Request,
    path: Option<CanonicalPath<'_>>,
) -> Result<Caller> {
    let context = Context::of(request)?;
    let presented = presented(request.headers());
    let decision = admission::decide(access, context, request, path, presented).await;
    Ok(decision.verdict.map_err(ApiError::from)?)
}

/// Whoever holds an API key.
#[derive(Debug)]
pub(super) struct KeyHolder(pub(super) Principal);

impl Security for KeyHolder {
    const SCHEMES: &'static [&'static str] = &[API_KEY];

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(API_KEY, BEARER);
    }

    async fn find(request: &Request) -> Result<Self> {
        let caller = admit(request).await?;
        let principal = caller.principal().ok_or(Error::MissingCredential);
        Ok(Self(principal.map_err(ApiError::from)?))
    }
}

/// Shows that the client has calls left, whoever it is. For calls whose body proves who calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota;

impl<'a> poem::FromRequest<'a> for Quota {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        admit(request).await?;
        Ok(Self)
    }
}

const API_KEY: &str = "ApiKey";

const BEARER: MetaSecurityScheme = MetaSecurityScheme {
    ty: "http",
    description: Some("An API key"),
    name: None,
    key_in: None,
    scheme: Some("bearer"),
    bearer_format: Some("aura_live_<32 characters>"),
    flows: None,
    openid_connect_url: None,
};
