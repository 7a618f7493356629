//! What surrounds the routes of the dialect: its envelope for errors, and the `RateLimit` headers
//! of every answer (draft-ietf-httpapi-ratelimit-headers).

use std::sync::Arc;

use countersign_core::{
    Clock, client_address::ClientAddress, clock::SystemClock, rate_limit::Standing, service::Limits,
};
use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderName, HeaderValue, Method},
};

use super::error::render_error;
use crate::http::context::Context;

static LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
static REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// The routes of the dialect, with what surrounds them. It never fails.
pub(crate) struct AuraLayer<E> {
    /// The routes.
    pub routes: E,
    /// How often requests may come.
    pub limits: Arc<Limits>,
}

impl<E: Endpoint<Output = Response>> Endpoint for AuraLayer<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let context = Context::of(&request)?.clone();
        let method = request.method().clone();
        let answer = self.routes.call(request).await;
        let mut response = answer.unwrap_or_else(render_error);
        let standing = match context.standing() {
            Some(standing) => standing,
            None => {
                let standing = count_refused(&self.limits, context.client, &method).await;
                context.note_standing(standing);
                standing
            }
        };
        tell(standing, &mut response);
        Ok(response)
    }
}

/// Counts a request that nobody has counted, because it was refused before, for its client address.
pub(crate) async fn count_refused(
    limits: &Limits,
    client: ClientAddress,
    method: &Method,
) -> Standing {
    let counted = limits.admit_anonymous(client, method.as_str(), SystemClock.now());
    counted.await.unwrap_or_else(|standing| standing)
}

/// Tells how the caller stands with its limit.
pub(crate) fn tell(standing: Standing, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(&LIMIT, HeaderValue::from(standing.max));
    headers.insert(&REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(&RESET, HeaderValue::from(standing.reset_seconds()));
}
