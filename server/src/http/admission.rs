//! Asks the access engine about a request, in the terms of HTTP.

use std::sync::Arc;

use countersign_core::{
    client_address::ClientAddress,
    service::{Access, AccessRequest, Decision, Presented},
};
use poem::{Request, Result};

use super::{browser, fault::Fault};
use crate::site::Site;

/// Decides about a request by the rules of the dialect it came in.
///
/// # Errors
/// [`Fault::Internal`] outside of a dialect.
pub(crate) async fn decide(request: &Request, presented: &Presented) -> Result<Decision> {
    let access: &Arc<Access> = request.data().ok_or(Fault::Internal)?;
    let site: &Arc<Site> = request.data().ok_or(Fault::Internal)?;
    let asked = AccessRequest {
        method: request.method().as_str(),
        path: request.original_uri().path(),
        presented,
        client: client(request)?,
        is_cross_site: browser::is_cross_site(request.headers(), &site.browser_origins),
    };
    Ok(access.decide(&asked).await)
}

/// Tells who a request comes from, whatever it asks for.
///
/// # Errors
/// [`Fault::Internal`] outside of a dialect.
pub(crate) async fn identify(request: &Request, presented: &Presented) -> Result<Decision> {
    let access: &Arc<Access> = request.data().ok_or(Fault::Internal)?;
    Ok(access.identify(presented, client(request)?).await)
}

/// Where a request comes from, as the shell has found out.
///
/// # Errors
/// [`Fault::Internal`] outside of the shell.
pub(crate) fn client(request: &Request) -> Result<ClientAddress, Fault> {
    request.data().copied().ok_or(Fault::Internal)
}
