//! The session cookie.

use countersign_core::secret::Secret;
use time::Duration;

use crate::site::Site;

/// The cookie's name.
pub(super) const NAME: &str = "astra_session";

/// A `Set-Cookie` value that hands out a token.
pub(super) fn set(site: &Site, token: &Secret, ttl: Duration) -> String {
    format!(
        "{NAME}={}; {}; Max-Age={}",
        token.expose(),
        attributes(site),
        ttl.whole_seconds()
    )
}

/// A `Set-Cookie` value that makes the browser forget the token.
pub(super) fn clear(site: &Site) -> String {
    format!("{NAME}=; {}; Max-Age=0", attributes(site))
}

/// Over plain http, which is local development only, a browser would drop a `Secure` cookie.
fn attributes(site: &Site) -> &'static str {
    if site.is_https {
        "HttpOnly; Secure; SameSite=None; Path=/"
    } else {
        "HttpOnly; SameSite=Lax; Path=/"
    }
}
