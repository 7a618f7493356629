//! What surrounds every route: the request's id, the client's address, the headers of every
//! response, CORS included, and the metrics.

use std::{
    pin::{Pin, pin},
    sync::Arc,
    time::Instant,
};

use countersign_core::{answer::Answer, profile::Profile};
use poem::{
    Endpoint, Error, Request, Response, Result,
    http::{HeaderValue, Method, Uri},
};

use super::{
    client::Proxies,
    context::Context,
    cors,
    dialects::{self, AUTHZ},
    headers, host,
    known_paths::{KnownPath, KnownPaths},
    refusal, request_id,
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
    /// What is served.
    pub known: KnownPaths,
    /// Where every answer is counted.
    pub metrics: Arc<Metrics>,
    /// Puts an error into the envelope.
    pub render_error: fn(Error) -> Response,
}

/// A request, as far as its answer depends on it before anybody has looked closer.
struct Asked<'a> {
    began: Instant,
    method: &'a Method,
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
    fn asked<'a>(&'a self, began: Instant, method: &'a Method, uri: &'a Uri) -> Asked<'a> {
        let path = uri.path();
        Asked {
            began,
            method,
            path,
            dialect: dialects::profile(path),
            route: self.known.find(path),
        }
    }

    /// Answers a proxy. Whoever passes on what memory knows is answered at once.
    fn judge<'a>(
        &'a self,
        authz: &'a Authz,
        began: Instant,
        request: &'a Request,
    ) -> Answer<'a, Response> {
        let asked = self.asked(began, request.method(), request.uri());
        let rest = asked.path.strip_prefix(AUTHZ).unwrap_or_default();
        let judged = match authz.judge(asked.dialect, rest, request) {
            Answer::Known(Ok(mut response)) => {
                request_id::echo(request, &mut response);
                self.count(&asked, &response, None);
                return Answer::Known(response);
            }
            judged => judged,
        };
        let id = request_id::of(request);
        Answer::asked(async move {
            let answer = pin!(async {
                match judged.await {
                    // Proxies alone are told so, and keep it to themselves.
                    Ok(response) => response,
                    Err(refused) => {
                        let mut response = refused.answer().await;
                        let origin = cors::listed_origin(&self.site, request.headers());
                        // A proxy asks about a preflight as about any request.
                        self.complete(&asked, origin, false, &mut response);
                        response
                    }
                }
            });
            self.observe(&asked, id, answer).await
        })
    }

    /// The answer of the routes.
    async fn route(&self, began: Instant, request: Request) -> Response {
        let id = request_id::of(&request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let asked = self.asked(began, &method, &uri);
        let origin = cors::listed_origin(&self.site, request.headers());
        // What is passed on is the pin: a future that is an argument is copied whole, more than once.
        let answer = pin!(async {
            let preflight = cors::preflight(&request);
            let preflight = preflight.filter(|_| host::check(&self.site, &request).is_ok());
            let is_preflight = preflight.is_some();
            let mut response = match preflight {
                Some(response) => response,
                None => {
                    let answer = self.routes.call(self.with_context(asked.dialect, request));
                    answer.await.unwrap_or_else(self.render_error)
                }
            };
            self.complete(&asked, origin, is_preflight, &mut response);
            response
        });
        self.observe(&asked, id, answer).await
    }

    fn with_context(&self, dialect: Profile, mut request: Request) -> Request {
        let client = self.proxies.client(&request);
        let context = Context::new(dialect, self.site.clone(), client);
        request.set_data(Arc::new(context));
        request
    }

    /// Adds the headers of every response.
    fn complete(
        &self,
        asked: &Asked<'_>,
        origin: Option<HeaderValue>,
        is_preflight: bool,
        response: &mut Response,
    ) {
        if let Some(route) = asked.route {
            route.complete(response);
        }
        headers::protect(&self.site, asked.path, response);
        cors::admit(origin, is_preflight, response);
    }

    /// Works on an answer under the request's id, and counts it.
    async fn observe(
        &self,
        asked: &Asked<'_>,
        id: Option<String>,
        answer: Pin<&mut impl Future<Output = Response>>,
    ) -> Response {
        let answer = request_id::scope(id, asked.method, asked.logged(), answer);
        let (response, code) = refusal::scope(answer).await;
        self.count(asked, &response, code);
        response
    }

    fn count(&self, asked: &Asked<'_>, response: &Response, code: Option<String>) {
        self.metrics.count(Answered {
            profile: asked.dialect,
            route: asked.route.map(|route| &*route.counted),
            method: asked.method,
            status: response.status(),
            code,
            took: asked.began.elapsed(),
        });
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Shell<E> {
    type Output = Response;

    #[expect(
        clippy::manual_async_fn,
        reason = "the future of an async function has room for its argument twice"
    )]
    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        async move {
            let began = Instant::now();
            let is_of_proxy = request.uri().path().starts_with(AUTHZ);
            if let Some(authz) = self.authz.as_ref().filter(|_| is_of_proxy) {
                return Ok(match self.judge(authz, began, &request) {
                    Answer::Known(response) => response,
                    Answer::Asked(response) => response.await,
                });
            }
            // In a box: room for it would be made for every answer, also for those that need no routes.
            Ok(Box::pin(self.route(began, request)).await)
        }
    }
}
