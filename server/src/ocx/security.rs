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

/// The credential that counts: `Authorization` before `x-api-key` before the cookie. A bad one
/// is never rescued by a lower one.
#[derive(Debug)]
pub(super) enum Presented {
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
            self,
            Self::Malformed(Transport::Cookie) | Self::Token(_, Transport::Cookie)
        )
    }

    fn from_headers(headers: &HeaderMap) -> Self {
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(first) = authorizations.next() {
            let token = first
                .to_str()
                .ok()
                .filter(|_| authorizations.next().is_none())
                .and_then(bearer);
            return Self::token(token, Transport::Header);
        }
        // API keys are not issued yet, so none can be good.
        if headers.contains_key("x-api-key") {
            return Self::Malformed(Transport::Header);
        }
        let lines = headers.get_all(header::COOKIE).iter();
        let pairs = lines.flat_map(|line| line.to_str().unwrap_or("").split(';'));
        let mut cookies =
            pairs.filter_map(|pair| pair.trim().strip_prefix(cookie::NAME)?.strip_prefix('='));
        match (cookies.next(), cookies.next()) {
            (None, _) => Self::Nothing,
            (Some(value), None) => Self::token(Some(value), Transport::Cookie),
            (Some(_), Some(_)) => Self::Malformed(Transport::Cookie),
        }
    }

    fn token(text: Option<&str>, transport: Transport) -> Self {
        match text.filter(|text| SessionTokens::has_form(text)) {
            Some(text) => Self::Token(Secret::new(text.to_owned()), transport),
            None => Self::Malformed(transport),
        }
    }
}

/// The token of `Bearer TOKEN`; the scheme's letter case does not matter (RFC 9110).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token)
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
            map.append(*name, value.parse().unwrap());
        }
        match Presented::from_headers(&map) {
            Presented::Nothing => "nothing".into(),
            Presented::Malformed(transport) => format!("malformed {transport:?}"),
            Presented::Token(secret, transport) => format!("{} {transport:?}", secret.expose()),
        }
    }

    #[test]
    fn the_header_counts_before_the_cookie() {
        let cookie = ("cookie", "a=b; astra_session=c.c.c; d=e");
        assert_eq!(presented(&[]), "nothing");
        assert_eq!(presented(&[cookie]), "c.c.c Cookie");
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
