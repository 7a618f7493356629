//! The `Host` rule: a local server answers to its local names only, against DNS rebinding.

use poem::{Request, http::header};

use super::fault::Fault;
use crate::site::Site;

/// Refuses a request that names another host.
///
/// # Errors
/// [`Fault::MisdirectedRequest`].
pub(crate) fn check(site: &Site, request: &Request) -> Result<(), Fault> {
    let Some(hosts) = &site.hosts else {
        return Ok(());
    };
    // HTTP/2 and absolute-form requests carry the host in the URI.
    let in_uri = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let in_headers = request
        .headers()
        .get_all(header::HOST)
        .iter()
        .map(|value| value.to_str().unwrap_or(""));
    let mut named = in_uri.into_iter().chain(in_headers).peekable();
    let is_named = named.peek().is_some();
    if is_named && named.all(|host| hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))) {
        return Ok(());
    }
    Err(Fault::MisdirectedRequest)
}
