//! Asks the access engine about a request, in the terms of HTTP.

use countersign_core::{
    Error,
    service::{Access, AccessRequest, Decision, Presented, Transport},
};
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
    let decision = access.decide(&asked).await;
    note(context, &decision);
    decision
}

/// Tells the layers around what the answer is to say besides.
pub(crate) fn note(context: &Context, decision: &Decision) {
    if decision.is_cookie_dead {
        context.clear_cookie();
    }
    // The limit on lookups is none of a caller's own, and is told where there is no other.
    let of_lookups = match &decision.verdict {
        Err(Error::RateLimited(standing)) => Some(*standing),
        _ => None,
    };
    if let Some(standing) = decision.standing.or(of_lookups) {
        context.note_standing(standing);
    }
}
