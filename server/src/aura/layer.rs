//! What surrounds the routes of the dialect: its envelope for errors, and the `RateLimit` headers
//! of every answer (draft-ietf-httpapi-ratelimit-headers).

use std::sync::{Arc, Mutex, PoisonError};

use countersign_core::{
    Clock, client_address::ClientAddress, clock::SystemClock, rate_limit::Standing, service::Limits,
};
use poem::{Endpoint, Request, Response, Result, http::HeaderValue};

use super::error::render_error;
use crate::http::admission;

/// The routes of the dialect, with what surrounds them. It never fails.
pub(crate) struct AuraLayer<E> {
    /// The routes.
    pub routes: E,
    /// How often requests may come.
    pub limits: Arc<Limits>,
}

/// How the caller of a request stands, once that is known.
#[derive(Debug, Clone, Default)]
struct Noted(Arc<Mutex<Option<Standing>>>);

impl Noted {
    fn standing_or(&self, count: impl FnOnce() -> Standing) -> Standing {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *noted.get_or_insert_with(count)
    }
}

/// Has the answer to this request tell how its caller stands.
pub(super) fn note_standing(request: &Request, standing: Standing) {
    if let Some(Noted(noted)) = request.data() {
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(standing);
    }
}

impl<E: Endpoint<Output = Response>> AuraLayer<E> {
    /// A request that nobody has counted, because it was refused before, counts for its client address.
    fn count(&self, client: ClientAddress, method: &str) -> Standing {
        let counted = self
            .limits
            .admit_anonymous(client, method, SystemClock.now());
        counted.unwrap_or_else(|standing| standing)
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for AuraLayer<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let client = admission::client(&request)?;
        let method = request.method().clone();
        // A guarded route has this layer twice, and is counted once.
        let noted = request.data().cloned().unwrap_or_else(Noted::default);
        request.set_data(noted.clone());
        let answer = self.routes.call(request).await;
        let mut response = answer.unwrap_or_else(render_error);
        let standing = noted.standing_or(|| self.count(client, method.as_str()));
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
