//! What surrounds the routes of the dialect: its envelope for errors, and the dead cookie's end.

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderValue, header},
};

use super::{cookie, error::render_error};
use crate::{http::context::Context, site::Site};

/// The routes of the dialect, with what surrounds them. It never fails.
pub(crate) struct OcxLayer<E> {
    /// The routes.
    pub routes: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for OcxLayer<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let context = Context::of(&request)?.clone();
        let answer = self.routes.call(request).await;
        let mut response = answer.unwrap_or_else(render_error);
        if context.take_dead_cookie() {
            clear_cookie(&context.site, &mut response);
        }
        Ok(response)
    }
}

/// Has the browser forget a cookie that turned out to be dead.
pub(crate) fn clear_cookie(site: &Site, response: &mut Response) {
    let clear = HeaderValue::try_from(cookie::clear(site));
    let clear = clear.expect("the cookie's attributes are ASCII");
    response.headers_mut().append(header::SET_COOKIE, clear);
}
