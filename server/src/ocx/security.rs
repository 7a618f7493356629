//! What a request presents to say who it comes from.

use countersign_core::secret::Secret;
use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::cookie;
use crate::session_token::SessionTokens;

/// What a request presents: the credential that counts, and every session it names.
#[derive(Debug)]
pub(super) struct Presented {
    /// `Authorization` before `x-api-key` before the cookie. A bad one is never rescued by a lower one.
    pub(super) credential: Credential,
    /// Every well-formed token, whether it counts or not: logging out ends them all.
    pub(super) tokens: Vec<Secret>,
}

/// The credential that counts.
#[derive(Debug)]
pub(super) enum Credential {
    /// Nothing was presented.
    Nothing,
    /// Something that cannot be a credential, or two where one belongs.
    Malformed(Transport),
    /// A session token.
    Token(Secret, Transport),
}

/// How the credential travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// A header a program set on purpose.
    Header,
    /// The cookie, which a browser sends by itself.
    Cookie,
}

impl Presented {
    /// Whether the cookie is what counts.
    pub(super) fn is_cookie(&self) -> bool {
        matches!(
            self.credential,
            Credential::Malformed(Transport::Cookie) | Credential::Token(_, Transport::Cookie)
        )
    }

    fn from_headers(headers: &HeaderMap) -> Self {
        let bearers: Vec<_> = headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .map(|value| bearer(value.as_bytes()))
            .collect();
        let cookies: Vec<_> = session_cookies(headers).map(token).collect();
        let credential = if !bearers.is_empty() {
            Credential::of(&bearers, Transport::Header)
        } else if headers.contains_key("x-api-key") {
            // API keys are not issued yet, so none can be good.
            Credential::Malformed(Transport::Header)
        } else {
            Credential::of(&cookies, Transport::Cookie)
        };
        Self {
            credential,
            tokens: bearers.into_iter().chain(cookies).flatten().collect(),
        }
    }
}

impl Credential {
    /// One token is a credential, none is none, and two are not one.
    fn of(tokens: &[Option<Secret>], transport: Transport) -> Self {
        match tokens {
            [] => Self::Nothing,
            [Some(token)] => Self::Token(token.clone(), transport),
            _ => Self::Malformed(transport),
        }
    }
}

/// The token of `Bearer TOKEN`; the scheme's letter case does not matter (RFC 9110).
fn bearer(value: &[u8]) -> Option<Secret> {
    let (scheme, rest) = value.split_at_checked(b"Bearer ".len())?;
    if scheme.eq_ignore_ascii_case(b"Bearer ") {
        token(rest)
    } else {
        None
    }
}

/// The values of all session cookies. Other cookies may hold bytes that are no text.
fn session_cookies(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        pair.trim_ascii()
            .strip_prefix(cookie::NAME.as_bytes())?
            .strip_prefix(b"=")
    })
}

fn token(value: &[u8]) -> Option<Secret> {
    let text = std::str::from_utf8(value).ok()?;
    SessionTokens::has_form(text).then(|| Secret::new(text.to_owned()))
}

impl<'a> ApiExtractor<'a> for Presented {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme("bearerAuth", BEARER);
        registry.create_security_scheme("sessionCookie", COOKIE);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["bearerAuth", "sessionCookie"]
    }

    /// Every operation that asks for a credential answers callers without one, too.
    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self::from_headers(request.headers()))
    }
}

const BEARER: MetaSecurityScheme = MetaSecurityScheme {
    ty: "http",
    description: Some("The session token, as found in the cookie"),
    name: None,
    key_in: None,
    scheme: Some("bearer"),
    bearer_format: Some("JWT"),
    flows: None,
    openid_connect_url: None,
};

const COOKIE: MetaSecurityScheme = MetaSecurityScheme {
    ty: "apiKey",
    description: Some("The session cookie, set by signing in"),
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

    fn presented(headers: &[(&'static str, &'static str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                *name,
                poem::http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        match Presented::from_headers(&map).credential {
            Credential::Nothing => "nothing".into(),
            Credential::Malformed(transport) => format!("malformed {transport:?}"),
            Credential::Token(secret, transport) => format!("{} {transport:?}", secret.expose()),
        }
    }

    #[test]
    fn the_header_counts_before_the_cookie() {
        let cookie = ("cookie", "a=b; astra_session=c.c.c; d=e");
        assert_eq!(presented(&[]), "nothing");
        assert_eq!(presented(&[cookie]), "c.c.c Cookie");
        assert_eq!(
            presented(&[("cookie", "astra_session=c.c.c; x=é")]),
            "c.c.c Cookie"
        );
        assert_eq!(
            presented(&[cookie, ("authorization", "bearer b.b.b")]),
            "b.b.b Header"
        );
        assert_eq!(presented(&[cookie, ("x-api-key", "k")]), "malformed Header");
        assert_eq!(
            presented(&[("x-api-key", "k"), ("authorization", "Bearer b.b.b")]),
            "b.b.b Header"
        );
    }

    #[test]
    fn what_is_present_and_wrong_is_not_absent() {
        for headers in [
            [("authorization", "Basic b.b.b")].as_slice(),
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer  b.b.b")],
            &[("authorization", "Bearer b")],
            &[("authorization", "")],
            &[
                ("authorization", "Bearer b.b.b"),
                ("authorization", "Bearer b.b.b"),
            ],
        ] {
            assert_eq!(presented(headers), "malformed Header", "{headers:?}");
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
            assert_eq!(presented(headers), "malformed Cookie", "{headers:?}");
        }
    }
}
