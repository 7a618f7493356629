//! The guard as a layer of `tower`, for applications that are served by something else than poem, such as axum.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use countersign_core::service::Caller;
use poem::{
    Addr, Body, Endpoint, Middleware, Request, Response, Result,
    http::{self, Uri, request::Parts, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    denial::Denial,
    guard::{Guard, Guarded},
    http::fault::Fault,
    principal::Principal,
};

/// How a request was received, which a `tower` request does not say by itself.
#[derive(Debug, Clone)]
pub struct Received {
    /// The other end of the connection: the client, or the last proxy in front of the application.
    pub peer: SocketAddr,
    /// The whole URI, from before any router has taken a part of it away.
    pub uri: Uri,
}

/// A [`Guard`] as a layer of `tower`: it answers whoever is refused, and gives everybody else to the service within.
/// Made by [`Guard::layer`], which shows it.
#[derive(Clone)]
pub struct GuardLayer<F> {
    guarded: Arc<Guarded<Admitted>>,
    received: F,
}

impl Guard {
    /// This guard as a layer of `tower`.
    ///
    /// `received` tells how a request was received. On it depend what rules are compared with and which addresses
    /// keys may come from, so it has no default, and a request of which it says nothing is answered 500.
    ///
    /// The service within finds a [`Principal`] in the extensions of the request, unless nobody is known, and the
    /// [`Caller`] in any case. As elsewhere behind a guard, `server.trusted_proxies` says whose `X-Forwarded-For`
    /// counts, and errors have the dialect's envelope. The limit on bodies, the host rule and CORS are the application's.
    ///
    /// ```
    /// # use countersign_server::{Guard, tower::{GuardLayer, Received}};
    /// # use poem::http::{Uri, request::Parts};
    /// # use std::net::SocketAddr;
    /// # #[derive(Clone)] struct ConnectInfo(SocketAddr);
    /// # #[derive(Clone)] struct OriginalUri(Uri);
    /// // With axum's `ConnectInfo<SocketAddr>` and `OriginalUri`.
    /// fn received(parts: &Parts) -> Option<Received> {
    ///     let ConnectInfo(peer) = parts.extensions.get()?;
    ///     let OriginalUri(uri) = parts.extensions.get()?;
    ///     Some(Received { peer: *peer, uri: uri.clone() })
    /// }
    /// # fn layer(guard: Guard) -> GuardLayer<impl Fn(&Parts) -> Option<Received>> {
    /// guard.layer(received)
    /// # }
    /// ```
    pub fn layer<F: Fn(&Parts) -> Option<Received>>(&self, received: F) -> GuardLayer<F> {
        GuardLayer {
            guarded: Arc::new(self.transform(Admitted)),
            received,
        }
    }
}

impl<S, F: Clone> Layer<S> for GuardLayer<F> {
    type Service = GuardService<S, F>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService {
            layer: self.clone(),
            inner,
        }
    }
}

/// A guarded service, made by [`GuardLayer`].
#[derive(Clone)]
pub struct GuardService<S, F> {
    layer: GuardLayer<F>,
    inner: S,
}

impl<S, F, B, R> Service<http::Request<B>> for GuardService<S, F>
where
    S: Service<http::Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    F: Fn(&Parts) -> Option<Received>,
    B: Send + 'static,
    R: From<Vec<u8>>,
{
    type Response = http::Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let guarded = self.layer.guarded.clone();
        let asked = (self.layer.received)(&parts).map(|received| ask(&parts, received));
        // The one that is ready is the one that is called.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let mut answer = match asked {
                Some(asked) => guarded.get_response(asked).await,
                None => Denial::from(Fault::Internal).answer(guarded.dialect()).1,
            };
            let Some(caller) = answer.extensions_mut().remove::<Caller>() else {
                return Ok(render(answer).await);
            };
            // What surrounds the dialect's routes says so: limits, and the end of a dead cookie.
            let headers = std::mem::take(answer.headers_mut());
            parts.extensions.remove::<Principal>();
            if let Some(principal) = caller.principal() {
                parts.extensions.insert(Principal(principal));
            }
            parts.extensions.insert(caller);
            let request = http::Request::from_parts(parts, body);
            let mut response = inner.call(request).await?;
            response.headers_mut().extend(headers);
            Ok(response)
        })
    }
}

/// The request as poem has it, as far as a guard looks at it.
fn ask(parts: &Parts, received: Received) -> Request {
    let (mut asked, ()) = http::Request::new(()).into_parts();
    asked.method = parts.method.clone();
    asked.uri = received.uri;
    asked.headers = parts.headers.clone();
    let peer = RemoteAddr(Addr::SocketAddr(received.peer));
    let asked = (asked, LocalAddr::default(), peer, Scheme::HTTP);
    Request::from_parts(asked.into(), Body::empty())
}

/// Stands where the application would, and tells who came so far.
struct Admitted;

impl Endpoint for Admitted {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let caller: &Caller = request.data().ok_or(Fault::Internal)?;
        let mut response = Response::default();
        response.extensions_mut().insert(caller.clone());
        Ok(response)
    }
}

async fn render<R: From<Vec<u8>>>(refusal: Response) -> http::Response<R> {
    let (parts, body) = refusal.into_parts();
    // It is ours, and in memory.
    let body = body.into_vec().await.unwrap_or_default();
    let mut response = http::Response::new(R::from(body));
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    response
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::Ready};

    use countersign_core::{profile::Profile, service::Admits};

    use super::*;
    use crate::{Countersign, config::Config, settings::Settings};

    /// An application that nothing may reach.
    #[derive(Clone)]
    struct Unreachable;

    impl Service<http::Request<()>> for Unreachable {
        type Response = http::Response<Vec<u8>>;
        type Error = Infallible;
        type Future = Ready<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: http::Request<()>) -> Self::Future {
            panic!("{request:?} came through");
        }
    }

    #[tokio::test]
    async fn a_request_that_nobody_knows_how_it_was_received_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.server.data_dir = directory.path().join("data");
        let settings = Settings::parse(&config).unwrap();
        let listen = settings.listen();
        let countersign = Countersign::open(settings, listen).await.unwrap();
        for (dialect, code) in [
            (Profile::Ocx, "INTERNAL_ERROR"),
            (Profile::Aura, "internal_error"),
        ] {
            // Anybody may pass, if only it is known from where.
            let guard = countersign.guard(dialect, Admits::EVERYBODY);
            let mut service = guard.layer(|_: &Parts| None).layer(Unreachable);
            let answer = service.call(http::Request::new(())).await.unwrap();
            let body = String::from_utf8(answer.into_body()).unwrap();
            assert!(body.contains(code), "{body}");
        }
        countersign.close().await;
    }
}
