//! The request that a proxy asks about, by the headers of one family. What is missing, empty or there twice is
//! refused: a header that the proxy did not set may be the client's.

use countersign_core::service::is_canonical_path;
use poem::{Request, http::HeaderMap};

use crate::http::{
    context::Context,
    fault::{CANONICAL, Fault},
};

/// A request that a proxy asks about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Original<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, as it was sent.
    pub path: &'a str,
    /// Its path and query.
    pub uri: &'a str,
    /// The scheme, if the proxy says so.
    pub scheme: Option<&'a str>,
    /// The host, if the proxy says so.
    pub host: Option<&'a str>,
}

const METHOD: &str = "exactly one, with the method of the request";
const URI: &str = "exactly one, with the path and query of the request as they were sent";
const CLIENT: &str = "exactly one, that ends with the address of the client, which is none of server.trusted_proxies";

impl<'a> Original<'a> {
    /// By `X-Forwarded-*`.
    pub(super) fn forwarded(headers: &'a HeaderMap) -> Result<Self, Fault> {
        let method = only(headers, "X-Forwarded-Method", METHOD)?;
        let uri = only(headers, "X-Forwarded-Uri", URI)?;
        let original = Self::new("X-Forwarded-Method", method, "X-Forwarded-Uri", uri)?;
        Ok(Self {
            scheme: alone(headers, "X-Forwarded-Proto"),
            host: alone(headers, "X-Forwarded-Host"),
            ..original
        })
    }

    /// By `X-Original-*`. The proxy sets either the URI or the whole URL.
    pub(super) fn of_nginx(headers: &'a HeaderMap) -> Result<Self, Fault> {
        let method = only(headers, "X-Original-Method", METHOD)?;
        if !headers.contains_key("X-Original-URL") {
            let uri = only(headers, "X-Original-URI", URI)?;
            return Self::new("X-Original-Method", method, "X-Original-URI", uri);
        }
        let name = "X-Original-URL";
        let expected = "the URL of the request as it was sent, and no X-Original-URI beside it";
        let malformed = || Fault::Unjudgeable {
            header: name,
            expected,
        };
        let url = only(headers, name, expected)?;
        let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
        let path_at = rest.find(['/', '?', '#']).ok_or_else(malformed)?;
        let (host, uri) = rest.split_at(path_at);
        if headers.contains_key("X-Original-URI") || host.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            scheme: Some(scheme),
            host: Some(host),
            ..Self::new("X-Original-Method", method, name, uri)?
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
        Ok(Self {
            scheme: alone(request.headers(), "X-Forwarded-Proto"),
            host: alone(request.headers(), "Host"),
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
        let path = uri.split_once('?').map_or(uri, |(path, _)| path);
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        if !is_canonical_path(path) || !uri.bytes().all(is_plain) {
            return refuse(uri_name, CANONICAL);
        }
        Ok(Self {
            method,
            path,
            uri,
            scheme: None,
            host: None,
        })
    }
}

/// Refuses a request whose proxy does not say, in one header, which client it is.
pub(super) fn check_client(context: &Context, headers: &HeaderMap) -> Result<(), Fault> {
    let name = "X-Forwarded-For";
    only(headers, name, CLIENT)?;
    match context.client.certain() {
        Some(_) => Ok(()),
        None => Err(Fault::Unjudgeable {
            header: name,
            expected: CLIENT,
        }),
    }
}

/// The one value of a header that must be there.
fn only<'a>(
    headers: &'a HeaderMap,
    header: &'static str,
    expected: &'static str,
) -> Result<&'a str, Fault> {
    alone(headers, header).ok_or(Fault::Unjudgeable { header, expected })
}

/// The value of a header that is there once, and is not empty.
fn alone<'a>(headers: &'a HeaderMap, header: &str) -> Option<&'a str> {
    let mut values = headers.get_all(header).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    value.to_str().ok().filter(|text| !text.is_empty())
}
