//! What surrounds every route: the request's id, the host rule, the limit on bodies, the
//! envelope for errors, and the headers of every response.

use std::sync::Arc;

use poem::{Endpoint, Request, Response, Result};

use super::{allow::AllowedMethods, body_limit, headers, host, request_id};
use crate::{ocx, site::Site};

/// The routes, with everything around them. It never fails: every error is a response.
pub struct Shell<E> {
    routes: E,
    site: Arc<Site>,
    allowed: AllowedMethods,
}

impl<E: Endpoint<Output = Response>> Shell<E> {
    /// Surrounds the routes.
    pub fn new(routes: E, site: Arc<Site>, allowed: AllowedMethods) -> Self {
        Self {
            routes,
            site,
            allowed,
        }
    }

    async fn answer(&self, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let mut response = self.route(request).await.unwrap_or_else(ocx::render_error);
        self.allowed.complete(&path, &mut response);
        headers::protect(&self.site, &path, &mut response);
        response
    }

    async fn route(&self, mut request: Request) -> Result<Response> {
        body_limit::read(&mut request).await?;
        host::check(&self.site, &request)?;
        self.routes.call(request).await
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id::of(&request);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        Ok(request_id::scope(id, &method, &path, self.answer(request)).await)
    }
}
