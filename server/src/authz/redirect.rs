//! Browsers that nobody is signed in with are sent to sign in, if they load a page.

use countersign_core::origin::Origin;
use poem::http::{HeaderMap, header};

use super::original::Original;
use crate::site::Site;

/// Where browsers are sent.
pub(super) struct Redirect<'a> {
    /// The page where people sign in.
    pub to: Option<&'a str>,
    /// Whose pages they may come back to.
    pub site: &'a Site,
}

impl Redirect<'_> {
    /// Where to send whoever made this request without a credential; `None` unless it is a page load, of a page
    /// on a listed origin. The page that was asked for is in the parameter `return_to`.
    pub(super) fn of<'r>(&self, original: &Original<'r>, headers: &'r HeaderMap) -> Option<String> {
        let to = self.to?;
        if !matches!(original.method, "GET" | "HEAD") || !is_page_load(headers) {
            return None;
        }
        let (scheme, host) = original.scheme_and_host(headers)?;
        let origin = Origin::of(scheme, host)?;
        if !self.site.browser_origins.contains(&origin) {
            return None;
        }
        let separator = if to.contains('?') { '&' } else { '?' };
        let page = encode(&format!("{origin}{}", original.uri));
        Some(format!("{to}{separator}return_to={page}"))
    }
}

/// A browser says so, or an old one wants a page.
fn is_page_load(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => {
            let accepted = headers.get_all(header::ACCEPT).iter();
            let mut accepted = accepted.filter_map(|value| value.to_str().ok());
            accepted.any(|value| value.contains("text/html"))
        }
    }
}

/// A text as the value of a parameter (RFC 3986 §2.1).
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
