//! What a request presents to say who it comes from, and who is let in.

use countersign_core::{
    Error, api_key,
    principal::{Credential, Principal},
    profile::Profile,
    secret::HashedSecret,
    service::{Access, Caller, CanonicalPath, CredentialKind, Presented, Transport},
};
use poem::{
    Request, Result,
    http::{HeaderMap, HeaderName, header},
};
use poem_openapi::registry::{MetaSecurityScheme, Registry};

use super::{Ocx, cookie, error::ApiError};
use crate::{
    http::{admission, context::Context, secured::Security},
    session_token::SessionTokens,
};

static API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Sessions ended by one call at most. A browser has one.
const MAX_SESSIONS: usize = 4;

/// Reads what counts: `Authorization` before `x-api-key` before the cookie. A bad one is never
/// rescued by a lower one.
pub(crate) fn presented(headers: &HeaderMap) -> Presented {
    let bearers = headers.get_all(header::AUTHORIZATION).iter();
    let bearers = bearers.map(|value| bearer(value.as_bytes()));
    let keys = || headers.get_all(&API_KEY).iter();
    let keys = || keys().map(|value| api_key(value.as_bytes()));
    let cookies = || session_cookies(headers).map(session_token);
    the_one(bearers, Transport::Header)
        .or_else(|| the_one(keys(), Transport::Header))
        .or_else(|| the_one(cookies(), Transport::Cookie))
        .unwrap_or(Presented::Nothing)
}

fn sessions(headers: &HeaderMap) -> Vec<HashedSecret> {
    let bearers = headers.get_all(header::AUTHORIZATION).iter();
    let bearers = bearers.map(|value| bearer(value.as_bytes()));
    let cookies = session_cookies(headers).map(session_token);
    let is_session = |(hash, kind)| (kind == CredentialKind::Session).then_some(hash);
    let named = bearers.chain(cookies).flatten().filter_map(is_session);
    named.take(MAX_SESSIONS).collect()
}

/// A secret's hash with what its form says it is; `None` for a text that is no credential.
type Read = Option<(HashedSecret, CredentialKind)>;

/// One is a credential, none is none, and two are not one.
fn the_one(mut read: impl Iterator<Item = Read>, transport: Transport) -> Option<Presented> {
    let first = read.next()?;
    let is_alone = read.next().is_none();
    Some(present(first.filter(|_| is_alone), transport))
}

fn present(read: Read, transport: Transport) -> Presented {
    match read {
        Some((hash, kind)) => Presented::Credential {
            hash,
            kind,
            transport,
        },
        None => Presented::Malformed(transport),
    }
}

/// Reads a token that was presented to somebody else, who asks about it.
pub(crate) fn presented_as_token(value: &[u8]) -> Presented {
    present(token(value), Transport::Header)
}

/// The token or key of `Bearer TOKEN`; the scheme's letter case does not matter (RFC 9110).
fn bearer(value: &[u8]) -> Read {
    let (scheme, rest) = value.split_at_checked(b"Bearer ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Bearer ") {
        return None;
    }
    token(rest)
}

fn token(value: &[u8]) -> Read {
    api_key(value).or_else(|| session_token(value))
}

fn api_key(value: &[u8]) -> Read {
    api_key::has_form(Profile::Ocx, value)
        .then(|| (HashedSecret::of(value), CredentialKind::ApiKey))
}

fn session_token(value: &[u8]) -> Read {
    SessionTokens::has_form(value).then(|| (HashedSecret::of(value), CredentialKind::Session))
}

/// The values of all session cookies. Other cookies may hold bytes that are no text.
fn session_cookies(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| split_at_semicolons(line.as_bytes()));
    pairs.filter_map(|pair| {
        pair.trim_ascii()
            .strip_prefix(cookie::NAME.as_bytes())?
            .strip_prefix(b"=")
    })
}

/// The parts of a line. Most of it is a token, so whoever looks for its end looks at many bytes at a time.
fn split_at_semicolons(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b';', line).chain([line.len()]);
    let mut start = 0;
    ends.map(move |end| &line[std::mem::replace(&mut start, end + 1)..end])
}

/// Lets a request in or refuses it, by the rules of the dialect.
///
/// # Errors
/// An [`ApiError`], and framework errors outside of the dialect.
pub(crate) async fn admit(request: &Request) -> Result<Caller> {
    let path = CanonicalPath::new(request.original_uri().path());
    admit_by(&Ocx::of(request)?.access, request, path).await
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

/// Whoever was let in.
#[derive(Debug)]
pub(super) struct Admitted;

impl Security for Admitted {
    const SCHEMES: &'static [&'static str] = &[BEARER_AUTH, API_KEY_AUTH, SESSION_COOKIE];
    const IS_OPTIONAL: bool = true;

    fn register(registry: &mut Registry) {
        register(registry);
    }

    async fn find(request: &Request) -> Result<Self> {
        admit(request).await?;
        Ok(Self)
    }
}

/// Somebody who is signed in; no API key gets this far.
#[derive(Debug)]
pub(super) struct SignedIn(pub(super) Principal);

impl Security for SignedIn {
    const SCHEMES: &'static [&'static str] = &[BEARER_AUTH, SESSION_COOKIE];

    fn register(registry: &mut Registry) {
        register(registry);
    }

    async fn find(request: &Request) -> Result<Self> {
        let caller = admit(request).await?;
        match caller.principal() {
            Some(principal) if matches!(principal.credential, Credential::Session(_)) => {
                Ok(Self(principal))
            }
            Some(_) => Err(ApiError::from(Error::SessionRequired).into()),
            None => Err(ApiError::from(Error::MissingCredential).into()),
        }
    }
}

/// Whoever a request comes from, or nobody, whatever is wrong with its credential.
#[derive(Debug)]
pub(super) struct Identified(pub(super) Caller);

impl Security for Identified {
    const SCHEMES: &'static [&'static str] = &[BEARER_AUTH, API_KEY_AUTH, SESSION_COOKIE];
    const IS_OPTIONAL: bool = true;

    fn register(registry: &mut Registry) {
        register(registry);
    }

    async fn find(request: &Request) -> Result<Self> {
        let context = Context::of(request)?;
        let presented = presented(request.headers());
        let access = &Ocx::of(request)?.access;
        let decision = admission::in_time(access.identify(presented, context.client)).await;
        admission::note(context, &decision);
        match decision.verdict {
            Err(error) if error.is_dead_credential() => Ok(Self(Caller::Anonymous)),
            verdict => Ok(Self(verdict.map_err(ApiError::from)?)),
        }
    }
}

/// The hash of every session's token that the request names, whether it counts or not: logging out ends them all.
#[derive(Debug)]
pub(super) struct Sessions(pub(super) Vec<HashedSecret>);

impl Security for Sessions {
    const SCHEMES: &'static [&'static str] = &[BEARER_AUTH, SESSION_COOKIE];
    const IS_OPTIONAL: bool = true;

    fn register(registry: &mut Registry) {
        register(registry);
    }

    async fn find(request: &Request) -> Result<Self> {
        Ok(Self(sessions(request.headers())))
    }
}

const BEARER_AUTH: &str = "bearerAuth";
const API_KEY_AUTH: &str = "apiKey";
const SESSION_COOKIE: &str = "sessionCookie";

fn register(registry: &mut Registry) {
    registry.create_security_scheme(BEARER_AUTH, BEARER);
    registry.create_security_scheme(API_KEY_AUTH, KEY);
    registry.create_security_scheme(SESSION_COOKIE, COOKIE);
}

const BEARER: MetaSecurityScheme = MetaSecurityScheme {
    ty: "http",
    description: Some("The session token, as found in the cookie, or an API key"),
    name: None,
    key_in: None,
    scheme: Some("bearer"),
    bearer_format: Some("JWT"),
    flows: None,
    openid_connect_url: None,
};

const KEY: MetaSecurityScheme = MetaSecurityScheme {
    ty: "apiKey",
    description: Some("An API key"),
    name: Some("x-api-key"),
    key_in: Some("header"),
    scheme: None,
    bearer_format: None,
    flows: None,
    openid_connect_url: None,
};

const COOKIE: MetaSecurityScheme = MetaSecurityScheme {
    ty: "apiKey",
    description: Some("The session cookie, set by signing in; browsers send it by themselves"),
    name: Some(cookie::NAME),
    key_in: Some("cookie"),
    scheme: None,
    bearer_format: None,
    flows: None,
    openid_connect_url: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The checksum is right, so the form is.
    const KEY: &str = "ocx_sk_ExampleKeyThatNobodyHasEverHeld0124FF1de";

    fn read(headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                *name,
                poem::http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        match presented(&map) {
            Presented::Nothing => "nothing".into(),
            Presented::Malformed(transport) => format!("malformed {transport:?}"),
            Presented::Credential {
                hash,
                kind,
                transport,
            } => {
                let texts = [KEY, "b.b.b", "c.c.c"];
                let text = texts
                    .iter()
                    .find(|text| HashedSecret::of(text.as_bytes()) == hash);
                format!("{} {kind:?} {transport:?}", text.unwrap())
            }
        }
    }

    #[test]
    fn the_header_counts_before_the_cookie() {
        let cookie = ("cookie", "a=b; astra_session=c.c.c; d=e");
        assert_eq!(read(&[]), "nothing");
        assert_eq!(read(&[cookie]), "c.c.c Session Cookie");
        assert_eq!(
            read(&[("cookie", "astra_session=c.c.c; x=é")]),
            "c.c.c Session Cookie"
        );
        assert_eq!(
            read(&[cookie, ("authorization", "bearer b.b.b")]),
            "b.b.b Session Header"
        );
        assert_eq!(read(&[cookie, ("x-api-key", "k")]), "malformed Header");
        assert_eq!(
            read(&[("x-api-key", "k"), ("authorization", "Bearer b.b.b")]),
            "b.b.b Session Header"
        );
    }

    #[test]
    fn a_key_travels_in_either_header() {
        let bearer: &'static str = Box::leak(format!("Bearer {KEY}").into_boxed_str());
        for header in [("x-api-key", KEY), ("authorization", bearer)] {
            assert_eq!(read(&[header]), format!("{KEY} ApiKey Header"));
        }
    }

    #[test]
    fn what_is_present_and_wrong_is_not_absent() {
        for headers in [
            [("authorization", "Basic b.b.b")].as_slice(),
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer  b.b.b")],
            &[("authorization", "Bearer b")],
            &[("authorization", "")],
            &[("x-api-key", "b.b.b")],
            &[("x-api-key", "")],
            &[("x-api-key", KEY), ("x-api-key", KEY)],
            &[("authorization", "Bearer k"), ("x-api-key", KEY)],
            &[
                ("authorization", "Bearer b.b.b"),
                ("authorization", "Bearer b.b.b"),
            ],
        ] {
            assert_eq!(read(headers), "malformed Header", "{headers:?}");
        }
        for headers in [
            [("cookie", "astra_session=")].as_slice(),
            &[("cookie", "astra_session=c")],
            &[("cookie", "astra_session=é.é.é")],
            &[
                ("cookie", "astra_session=c.c.c"),
                ("cookie", "astra_session=é"),
            ],
            &[("cookie", "astra_session=c.c.c; astra_session=c.c.c")],
            &[
                ("cookie", "astra_session=c.c.c"),
                ("cookie", "astra_session=d.d.d"),
            ],
        ] {
            assert_eq!(read(headers), "malformed Cookie", "{headers:?}");
        }
    }
}
