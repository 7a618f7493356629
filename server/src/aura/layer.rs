//! What surrounds the routes of the dialect: its envelope for errors, and the `RateLimit` headers
//! of every answer (draft-ietf-httpapi-ratelimit-headers).

use std::sync::Arc;

use countersign_core::{
    Clock, client_address::ClientAddress, clock::SystemClock, rate_limit::Standing, service::Limits,
};
use poem::{Endpoint, Request, Response, Result, http::HeaderValue};

use super::error::render_error;
use crate::http::context::Context;

/// The routes of the dialect, with what surrounds them. It never fails.
pub(crate) struct AuraLayer<E> {
    /// The routes.
    pub routes: E,
    /// How often requests may come.
    pub limits: Arc<Limits>,
}

impl<E: Endpoint<Output = Response>> AuraLayer<E> {
    /// A request that nobody has counted, because it was refused before, counts for its client address.
    async fn count(&self, client: ClientAddress, method: &str) -> Standing {
        let now = SystemClock.now();
        let counted = self.limits.admit_anonymous(client, method, now).await;
        counted.unwrap_or_else(|standing| standing)
    }
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
                let standing = self.count(context.client, method.as_str()).await;
                context.note_standing(standing);
                standing
            }
        };
        let headers = response.headers_mut();
        headers.insert("ratelimit-limit", HeaderValue::from(standing.max));
        headers.insert("ratelimit-remaining", HeaderValue::from(standing.remaining));
        headers.insert(
            "ratelimit-reset",
            HeaderValue::from(standing.reset_seconds()),
        );
        Ok(response)
    }
}
