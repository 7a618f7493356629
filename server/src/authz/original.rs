//! The request that a proxy asks about, by the headers of one family. What is missing, empty or there twice is
//! refused: a header that the proxy did not set may be the client's.

use countersign_core::{client_address::ClientAddress, service::CanonicalPath};
use poem::{
    Request,
    http::{HeaderMap, HeaderName, header},
};

use crate::http::{
    client::Proxies,
    fault::{CANONICAL, Fault},
};

/// A request that a proxy asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, as it was sent.
    pub path: CanonicalPath<'a>,
    /// Its path and query.
    pub uri: &'a str,
    site: Site<'a>,
}

/// Where the proxy says of which scheme and host a request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Site<'a> {
    /// Nowhere.
    Untold,
    /// In the URL: these.
    Url { scheme: &'a str, host: &'a str },
    /// In `X-Forwarded-Proto`, and this header.
    Headers { host: &'static HeaderName },
}

/// A header of a proxy.
struct Header {
    /// By this it is found.
    name: HeaderName,
    /// So people write it.
    shown: &'static str,
}

static FORWARDED_METHOD: Header = Header::new("x-forwarded-method", "X-Forwarded-Method");
static FORWARDED_URI: Header = Header::new("x-forwarded-uri", "X-Forwarded-Uri");
static FORWARDED_FOR: Header = Header::new("x-forwarded-for", "X-Forwarded-For");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static ORIGINAL_METHOD: Header = Header::new("x-original-method", "X-Original-Method");
static ORIGINAL_URI: Header = Header::new("x-original-uri", "X-Original-URI");
static ORIGINAL_URL: Header = Header::new("x-original-url", "X-Original-URL");

const METHOD: &str = "exactly one, with the method of the request";
const URI: &str = "exactly one, with the path and query of the request as they were sent";
const CLIENT: &str = "exactly one, that ends with the address of the client, which is none of server.trusted_proxies";

impl<'a> Original<'a> {
    /// By `X-Forwarded-*`.
    pub(super) fn forwarded(headers: &'a HeaderMap) -> Result<Self, Fault> {
        let method = only(headers, &FORWARDED_METHOD, METHOD)?;
        let uri = only(headers, &FORWARDED_URI, URI)?;
        let original = Self::new(FORWARDED_METHOD.shown, method, FORWARDED_URI.shown, uri)?;
        let host = &FORWARDED_HOST;
        Ok(Self {
            site: Site::Headers { host },
            ..original
        })
    }

    /// By `X-Original-*`. The proxy sets either the URI or the whole URL.
    pub(super) fn of_nginx(headers: &'a HeaderMap) -> Result<Self, Fault> {
        let method = only(headers, &ORIGINAL_METHOD, METHOD)?;
        let of_method = ORIGINAL_METHOD.shown;
        if !headers.contains_key(&ORIGINAL_URL.name) {
            let uri = only(headers, &ORIGINAL_URI, URI)?;
            return Self::new(of_method, method, ORIGINAL_URI.shown, uri);
        }
        let expected = "the URL of the request as it was sent, and no X-Original-URI beside it";
        let malformed = || ORIGINAL_URL.unjudgeable(expected);
        let url = only(headers, &ORIGINAL_URL, expected)?;
        let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
        let path_at = rest.find(['/', '?', '#']).ok_or_else(malformed)?;
        let (host, uri) = rest.split_at(path_at);
        if headers.contains_key(&ORIGINAL_URI.name) || host.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            site: Site::Url { scheme, host },
            ..Self::new(of_method, method, ORIGINAL_URL.shown, uri)?
        })
    }

    /// By its own method and path, which follows a prefix.
    pub(super) fn of_envoy(request: &'a Request, path: &'a str) -> Result<Self, Fault> {
        // The path is the end of the request's own path, and the query follows it.
        let whole = request.uri();
        let prefix = whole.path().len() - path.len();
        let uri = whole
            .path_and_query()
            .map_or(path, |all| &all.as_str()[prefix..]);
        let original = Self::new("The method", request.method().as_str(), "The path", uri)?;
        let host = &header::HOST;
        Ok(Self {
            site: Site::Headers { host },
            ..original
        })
    }

    fn new(
        method_name: &'static str,
        method: &'a str,
        uri_name: &'static str,
        uri: &'a str,
    ) -> Result<Self, Fault> {
        let refuse = |header, expected| Err(Fault::Unjudgeable { header, expected });
        let is_method = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
        if !method.bytes().all(is_method) {
            return refuse(method_name, "a method, in upper case");
        }
        let path_ends = uri.bytes().position(|byte| byte == b'?');
        let path = path_ends.map_or(uri, |end| &uri[..end]);
        let query = &uri.as_bytes()[path.len()..];
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'#';
        let path = CanonicalPath::new(path).filter(|_| query.iter().all(is_plain));
        let Some(path) = path else {
            return refuse(uri_name, CANONICAL);
        };
        Ok(Self {
            method,
            path,
            uri,
            site: Site::Untold,
        })
    }

    /// The scheme and the host, if the proxy says both.
    pub(super) fn scheme_and_host(&self, headers: &'a HeaderMap) -> Option<(&'a str, &'a str)> {
        match self.site {
            Site::Untold => None,
            Site::Url { scheme, host } => Some((scheme, host)),
            Site::Headers { host } => alone(headers, &FORWARDED_PROTO).zip(alone(headers, host)),
        }
    }
}

/// The client, which a proxy that is believed says in one header.
pub(super) fn client(proxies: &Proxies, request: &Request) -> Result<ClientAddress, Fault> {
    if !proxies.trusts(request) {
        return Err(Fault::UntrustedProxy);
    }
    let said = only(request.headers(), &FORWARDED_FOR, CLIENT)?;
    let client = proxies.client_in(said);
    let client = client.ok_or_else(|| FORWARDED_FOR.unjudgeable(CLIENT))?;
    Ok(ClientAddress::Known(client))
}

impl Header {
    const fn new(name: &'static str, shown: &'static str) -> Self {
        Self {
            name: HeaderName::from_static(name),
            shown,
        }
    }

    fn unjudgeable(&self, expected: &'static str) -> Fault {
        Fault::Unjudgeable {
            header: self.shown,
            expected,
        }
    }
}

/// The one value of a header that must be there.
fn only<'a>(
    headers: &'a HeaderMap,
    header: &Header,
    expected: &'static str,
) -> Result<&'a str, Fault> {
    let value = alone(headers, &header.name);
    value.ok_or_else(|| header.unjudgeable(expected))
}

/// The value of a header that is there once, and is not empty.
fn alone<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    value.to_str().ok().filter(|text| !text.is_empty())
}
