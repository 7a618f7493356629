//! What surrounds every route: the request's id, the client's address, the headers of every
//! response, CORS included, and the metrics.

use std::{sync::Arc, time::Instant};

use poem::{Endpoint, Error, Request, Response, Result};

use super::{
    allow::AllowedMethods, client::Proxies, cors, dialects, headers, host, refusal, request_id,
};
use crate::{
    metrics::{Answered, Metrics},
    site::Site,
};

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
    /// Where every answer is counted.
    pub metrics: Arc<Metrics>,
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
        let began = Instant::now();
        let id = request_id::of(&request);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.answer(&path, request);
        let answer = request_id::scope(id, &method, &path, answer);
        let (response, code) = refusal::scope(answer).await;
        self.metrics.count(Answered {
            profile: dialects::profile(&path),
            route: self.allowed.pattern(&path),
            method: &method,
            status: response.status(),
            code,
            took: began.elapsed(),
        });
        Ok(response)
    }
}
