//! Asks the access engine about a request, in the terms of HTTP.

use std::time::Duration;

use countersign_core::{
    Error,
    answer::Answer,
    rate_limit::Standing,
    service::{Access, AccessRequest, CanonicalPath, Decision, Presented, Transport},
    store::StoreError,
};
use poem::Request;
use tokio::time::timeout;

use super::{browser, context::Context};

/// How long it may take to find out about a credential; then nobody knows, and nobody passes.
const DEADLINE: Duration = Duration::from_secs(2);

/// Decides about a request by the rules of an engine.
pub(crate) async fn decide(
    access: &Access,
    context: &Context,
    request: &Request,
    path: Option<CanonicalPath<'_>>,
    presented: Presented,
) -> Decision {
    let listed = &context.site.browser_origins;
    // Which page it was counts for a cookie only.
    let is_cookie = presented.transport() == Some(Transport::Cookie);
    let asked = AccessRequest {
        method: request.method().as_str(),
        path,
        presented,
        client: context.client,
        is_cross_site: is_cookie && browser::is_cross_site(request.headers(), listed),
    };
    let decision = in_time(access.decide(asked)).await;
    note(context, &decision);
    decision
}

/// A decision that is waited for no longer than it may take. Who does not know in time does not know.
pub(crate) fn in_time(deciding: Answer<'_, Decision>) -> Answer<'_, Decision> {
    match deciding {
        // What memory knows needs no timer.
        Answer::Known(decision) => Answer::Known(decision),
        Answer::Asked(deciding) => Answer::asked(async {
            let decided = timeout(DEADLINE, deciding).await;
            decided.unwrap_or_else(|_| Decision {
                verdict: Err(StoreError::Unavailable.into()),
                is_cookie_dead: false,
                standing: None,
            })
        }),
    }
}

/// Tells the layers around what the answer is to say besides.
pub(crate) fn note(context: &Context, decision: &Decision) {
    if decision.is_cookie_dead {
        context.clear_cookie();
    }
    if let Some(standing) = standing(decision) {
        context.note_standing(standing);
    }
}

/// How the caller stands with the limit that its answer tells of.
pub(crate) fn standing(decision: &Decision) -> Option<Standing> {
    // The limit on lookups is none of a caller's own, and is told where there is no other.
    let of_lookups = match &decision.verdict {
        Err(Error::RateLimited(standing)) => Some(*standing),
        _ => None,
    };
    decision.standing.or(of_lookups)
}
