//! What surrounds every route: the request's id, the client's address, and the headers of every
//! response, CORS included.

use std::sync::Arc;

use poem::{Endpoint, Error, Request, Response, Result};

use super::{allow::AllowedMethods, client::Proxies, cors, headers, host, request_id};
use crate::site::Site;

/// The routes, with everything around them. It never fails: every error is a response.
pub(crate) struct Shell<E> {
    /// The routes.
    pub routes: E,
    /// Who we are.
    pub site: Arc<Site>,
    /// Whose word on the client's address is believed.
    pub proxies: Arc<Proxies>,
    /// The methods of each path.
    pub allowed: AllowedMethods,
    /// Puts an error into the envelope.
    pub render_error: fn(Error) -> Response,
}

impl<E: Endpoint<Output = Response>> Shell<E> {
    async fn answer(&self, path: &str, request: Request) -> Response {
        let origin = cors::listed_origin(&self.site, request.headers());
        let preflight =
            cors::preflight(&request).filter(|_| host::check(&self.site, &request).is_ok());
        let is_preflight = preflight.is_some();
        let mut response = match preflight {
            Some(response) => response,
            None => self
                .routes
                .call(self.with_client(request))
                .await
                .unwrap_or_else(self.render_error),
        };
        self.allowed.complete(path, &mut response);
        headers::protect(&self.site, path, &mut response);
        cors::admit(origin, is_preflight, &mut response);
        response
    }

    fn with_client(&self, mut request: Request) -> Request {
        let client = self.proxies.client(&request);
        request.set_data(client);
        request
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id::of(&request);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.answer(&path, request);
        Ok(request_id::scope(id, &method, &path, answer).await)
    }
}
