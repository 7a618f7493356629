//! What surrounds the routes of the dialect: its envelope for errors, and the dead cookie's end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderValue, header},
};

use super::{cookie, error::render_error};
use crate::site::Site;

/// The routes of the dialect, with what surrounds them. It never fails.
pub(crate) struct OcxLayer<E> {
    /// The routes.
    pub routes: E,
    /// Who we are.
    pub site: Arc<Site>,
}

/// Whether the answer to a request is to clear its cookie.
#[derive(Debug, Clone, Default)]
struct CookieIsDead(Arc<AtomicBool>);

/// Has the answer to this request clear its cookie.
pub(super) fn clear_cookie(request: &Request) {
    if let Some(CookieIsDead(mark)) = request.data() {
        mark.store(true, Ordering::Relaxed);
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for OcxLayer<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        // A guarded route has this layer twice, and its cookie is cleared once.
        let is_dead = request
            .data()
            .cloned()
            .unwrap_or_else(CookieIsDead::default);
        request.set_data(is_dead.clone());
        let answer = self.routes.call(request).await;
        let mut response = answer.unwrap_or_else(render_error);
        if is_dead.0.swap(false, Ordering::Relaxed) {
            let clear = HeaderValue::try_from(cookie::clear(&self.site));
            let clear = clear.expect("the cookie's attributes are ASCII");
            response.headers_mut().append(header::SET_COOKIE, clear);
        }
        Ok(response)
    }
}
