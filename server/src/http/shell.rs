//! What surrounds every route: the request's id, the client's address, the headers of every
//! response, CORS included, and the metrics.

use std::{pin::pin, sync::Arc, time::Instant};

use countersign_core::profile::Profile;
use poem::{Endpoint, Error, Request, Response, Result};

use super::{
    allow::{AllowedMethods, KnownPath},
    client::Proxies,
    context::Context,
    cors,
    dialects::{self, AUTHZ},
    headers, host, refusal, request_id,
};
use crate::{
    authz::Authz,
    metrics::{Answered, Metrics},
    site::Site,
};

/// The routes, with everything around them. It never fails: every error is a response.
pub(crate) struct Shell<E> {
    /// The routes.
    pub routes: E,
    /// Answers proxies, beside the routes, where they may ask.
    pub authz: Option<Authz>,
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

/// What a request's path says.
struct Asked<'a> {
    path: &'a str,
    dialect: Profile,
    route: Option<&'a KnownPath>,
}

impl<'a> Asked<'a> {
    /// The path for the log. A proxy's may go on as that of somebody else's page, which can be a secret.
    fn logged(&self) -> &'a str {
        let is_asked_about = self.path.starts_with(AUTHZ);
        let pattern = self.route.map(|route| &*route.pattern);
        pattern.filter(|_| is_asked_about).unwrap_or(self.path)
    }
}

impl<E: Endpoint<Output = Response>> Shell<E> {
    async fn answer(&self, asked: &Asked<'_>, request: Request) -> Response {
        let origin = cors::listed_origin(&self.site, request.headers());
        let authz = self.authz.as_ref();
        let (is_preflight, mut response) = match authz.zip(asked.path.strip_prefix(AUTHZ)) {
            // A proxy asks about a preflight as about any request.
            Some((authz, rest)) => {
                let response = authz.answer(asked.dialect, rest, &request).await;
                if response.is_success() {
                    // Proxies alone are told so, and keep it to themselves.
                    return response;
                }
                (false, response)
            }
            None => self.route(asked.dialect, request).await,
        };
        if let Some(route) = asked.route {
            route.complete(&mut response);
        }
        headers::protect(&self.site, asked.path, &mut response);
        cors::admit(origin, is_preflight, &mut response);
        response
    }

    /// The answer of the routes, and whether it is one to a preflight.
    async fn route(&self, dialect: Profile, request: Request) -> (bool, Response) {
        let preflight = cors::preflight(&request);
        if let Some(answer) = preflight.filter(|_| host::check(&self.site, &request).is_ok()) {
            return (true, answer);
        }
        // In a box: its size would be that of every answer, also of those that need no routes.
        let routed = Box::pin(self.routes.call(self.with_context(dialect, request)));
        (false, routed.await.unwrap_or_else(self.render_error))
    }

    fn with_context(&self, dialect: Profile, mut request: Request) -> Request {
        let client = self.proxies.client(&request);
        let context = Context::new(dialect, self.site.clone(), client);
        request.set_data(Arc::new(context));
        request
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Shell<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let began = Instant::now();
        let id = request_id::of(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let path = uri.path();
        let asked = Asked {
            path,
            dialect: dialects::profile(path),
            route: self.allowed.find(path),
        };
        // What is passed on is the pin: a future that is an argument is copied whole, more than once.
        let answer = pin!(self.answer(&asked, request));
        let answer = request_id::scope(id, &method, asked.logged(), answer);
        let (response, code) = refusal::scope(answer).await;
        self.metrics.count(Answered {
            profile: asked.dialect,
            route: asked.route.map(|route| &*route.pattern),
            method: &method,
            status: response.status(),
            code,
            took: began.elapsed(),
        });
        Ok(response)
    }
}
