//! The headers every response carries.

use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

use crate::site::Site;

/// Headers that are set here.
const MOST: usize = 5;

/// Sets the headers of the response to a request for this path.
pub(crate) fn protect(site: &Site, path: &str, response: &mut Response) {
    let headers = response.headers_mut();
    headers.reserve(MOST);
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    if is_private(path) || headers.contains_key(header::SET_COOKIE) {
        set(headers, header::CACHE_CONTROL, "no-store");
    }
    // What CORS allows differs by origin on every path, and who may pass by credential on most.
    set(
        headers,
        header::VARY,
        "Origin, Cookie, Authorization, X-API-Key",
    );
    if site.is_https {
        set(
            headers,
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000",
        );
    }
}

/// Whether answers hold what belongs to one caller.
fn is_private(path: &str) -> bool {
    // This is /authz/, too.
    path.starts_with("/auth")
        || path.starts_with("/v1/auth/")
        || path.starts_with("/perps/me/api-keys")
        || path.starts_with("/oauth2/")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
