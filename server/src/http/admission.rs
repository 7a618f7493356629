//! Asks the access engine about a request, in the terms of HTTP.

use countersign_core::service::{Access, AccessRequest, Decision, Presented, Transport};
use poem::Request;

use super::{browser, context::Context};

/// Decides about a request by the rules of an engine.
pub(crate) async fn decide(
    access: &Access,
    context: &Context,
    request: &Request,
    presented: &Presented,
) -> Decision {
    let listed = &context.site.browser_origins;
    // Which page it was counts for a cookie only.
    let is_cookie = presented.transport() == Some(Transport::Cookie);
    let asked = AccessRequest {
        method: request.method().as_str(),
        path: request.original_uri().path(),
        presented,
        client: context.client,
        is_cross_site: is_cookie && browser::is_cross_site(request.headers(), listed),
    };
    access.decide(&asked).await
}
