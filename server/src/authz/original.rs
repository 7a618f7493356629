//! The request that a proxy asks about, by the headers of one family.

use countersign_core::{client_address::ClientAddress, service::CanonicalPath};
use poem::{
    Request,
    http::{HeaderMap, HeaderName, header},
};

use super::said::{Header, Said, read};
use crate::http::{
    client::Proxies,
    fault::{CANONICAL, Fault},
};

/// A request that a proxy asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original<'a> {
    /// Where it comes from.
    pub client: ClientAddress,
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

static FORWARDED_METHOD: Header = Header::new("x-forwarded-method", "X-Forwarded-Method", METHOD);
static FORWARDED_URI: Header = Header::new("x-forwarded-uri", "X-Forwarded-Uri", URI);
static FORWARDED_FOR: Header = Header::new("x-forwarded-for", "X-Forwarded-For", CLIENT);
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static ORIGINAL_METHOD: Header = Header::new("x-original-method", "X-Original-Method", METHOD);
static ORIGINAL_URI: Header = Header::new("x-original-uri", "X-Original-URI", URI);
static ORIGINAL_URL: Header = Header::new("x-original-url", "X-Original-URL", URL);

const METHOD: &str = "exactly one, with the method of the request";
const URI: &str = "exactly one, with the path and query of the request as they were sent";
const URL: &str = "the URL of the request as it was sent, and no X-Original-URI beside it";
const CLIENT: &str = "exactly one, that ends with the address of the client, which is none of server.trusted_proxies";

impl<'a> Original<'a> {
    /// By `X-Forwarded-*`.
    pub(super) fn forwarded(proxies: &Proxies, headers: &'a HeaderMap) -> Result<Self, Fault> {
        let wanted = [&FORWARDED_FOR, &FORWARDED_METHOD, &FORWARDED_URI];
        let [client, method, uri] = read(headers, wanted.map(|header| &header.name));
        let client = client_in(proxies, client)?;
        let method = FORWARDED_METHOD.only(method)?;
        let uri = FORWARDED_URI.only(uri)?;
        Ok(Self {
            client,
            method: judge_method(FORWARDED_METHOD.shown, method)?,
            path: judge_path(FORWARDED_URI.shown, uri)?,
            uri,
            site: Site::Headers {
                host: &FORWARDED_HOST,
            },
        })
    }

    /// By `X-Original-*`. The proxy sets either the URI or the whole URL.
    pub(super) fn of_nginx(proxies: &Proxies, headers: &'a HeaderMap) -> Result<Self, Fault> {
        let wanted = [
            &FORWARDED_FOR,
            &ORIGINAL_METHOD,
            &ORIGINAL_URI,
            &ORIGINAL_URL,
        ];
        let [client, method, uri, url] = read(headers, wanted.map(|header| &header.name));
        let client = client_in(proxies, client)?;
        let method = ORIGINAL_METHOD.only(method)?;
        let (header, uri, site) = match url {
            Said::Nothing => (&ORIGINAL_URI, ORIGINAL_URI.only(uri)?, Site::Untold),
            _ if uri != Said::Nothing => return Err(ORIGINAL_URL.unjudgeable()),
            _ => {
                let split = split_url(ORIGINAL_URL.only(url)?);
                let (scheme, host, uri) = split.ok_or_else(|| ORIGINAL_URL.unjudgeable())?;
                (&ORIGINAL_URL, uri, Site::Url { scheme, host })
            }
        };
        Ok(Self {
            client,
            method: judge_method(ORIGINAL_METHOD.shown, method)?,
            path: judge_path(header.shown, uri)?,
            uri,
            site,
        })
    }

    /// By its own method and path, which follows a prefix.
    pub(super) fn of_envoy(
        proxies: &Proxies,
        request: &'a Request,
        path: &'a str,
    ) -> Result<Self, Fault> {
        let [client] = read(request.headers(), [&FORWARDED_FOR.name]);
        // The path is the end of the request's own path, and the query follows it.
        let whole = request.uri();
        let prefix = whole.path().len() - path.len();
        let uri = whole
            .path_and_query()
            .map_or(path, |all| &all.as_str()[prefix..]);
        Ok(Self {
            client: client_in(proxies, client)?,
            method: judge_method("The method", request.method().as_str())?,
            path: judge_path("The path", uri)?,
            uri,
            site: Site::Headers {
                host: &header::HOST,
            },
        })
    }

    /// The scheme and the host, if the proxy says both.
    pub(super) fn scheme_and_host(&self, headers: &'a HeaderMap) -> Option<(&'a str, &'a str)> {
        match self.site {
            Site::Untold => None,
            Site::Url { scheme, host } => Some((scheme, host)),
            Site::Headers { host } => {
                let [scheme, host] = read(headers, [&FORWARDED_PROTO, host]);
                scheme.text().zip(host.text())
            }
        }
    }
}

/// The client, which a proxy that is believed says in one header.
fn client_in(proxies: &Proxies, line: Said<'_>) -> Result<ClientAddress, Fault> {
    let client = proxies.client_in(FORWARDED_FOR.only(line)?);
    let client = client.ok_or_else(|| FORWARDED_FOR.unjudgeable())?;
    Ok(ClientAddress::Known(client))
}

/// The scheme, the host, and the path and query of a URL.
fn split_url(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let (host, uri) = rest.split_at(rest.find(['/', '?', '#'])?);
    (!host.is_empty()).then_some((scheme, host, uri))
}

/// A method that rules can be asked about; `shown` is where people find it.
fn judge_method<'a>(shown: &'static str, method: &'a str) -> Result<&'a str, Fault> {
    let is_method = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
    let is_upper_case = method.bytes().all(is_method);
    is_upper_case.then_some(method).ok_or(Fault::Unjudgeable {
        header: shown,
        expected: "a method, in upper case",
    })
}

/// The path of a URI, of which the query must be what it seems, too; `shown` is where people find it.
fn judge_path<'a>(shown: &'static str, uri: &'a str) -> Result<CanonicalPath<'a>, Fault> {
    let path_ends = uri.bytes().position(|byte| byte == b'?');
    let path = path_ends.map_or(uri, |end| &uri[..end]);
    let query = &uri.as_bytes()[path.len()..];
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'#';
    let path = CanonicalPath::new(path).filter(|_| query.iter().all(is_plain));
    path.ok_or(Fault::Unjudgeable {
        header: shown,
        expected: CANONICAL,
    })
}
