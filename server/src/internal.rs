//! The internal listener: metrics, for those who run the server, and introspection, for services of the platform.
//! Clients do not reach it.

use std::{io, sync::Arc, time::Duration};

use poem::{Endpoint, Request, Response, Result, Route, listener::TcpAcceptor};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    app::Shared,
    connections::{BoundedAcceptor, Connections},
    http::{allow::AllowedMethods, intake::Intake, known_paths::KnownPaths, shell::Shell},
    introspection, metrics, ocx,
    server::{STREAMS, StartError},
    settings::Settings,
    site::Site,
};

/// Connections at once of those who watch the server, who are few. The files that are left for everything else are
/// enough for them.
const WATCHERS: usize = 16;
/// Connections at once of services that ask about tokens, each of which keeps some open.
const SERVICES: usize = 128;
/// How long a connection may be silent; longer than a scraper pauses.
const IDLE: Duration = Duration::from_secs(120);
/// How long an answer under way may take after the server has stopped.
const GRACE: Duration = Duration::from_secs(1);

/// The internal listener, bound.
pub(crate) struct Internal {
    listener: TcpListener,
    connections: Connections,
}

/// How many connections of clients are given up for those of this listener.
pub(crate) fn connections(settings: &Settings) -> usize {
    match settings.introspection_clients.is_empty() {
        true => 0,
        false => SERVICES,
    }
}

impl Internal {
    /// Binds the address, if one is set.
    ///
    /// # Errors
    /// [`StartError::ListenInternally`].
    pub(crate) async fn bind(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(address) = settings.internal_listen else {
            return Ok(None);
        };
        let failed = |source| StartError::ListenInternally { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        tracing::info!(metrics = %format_args!("http://{bound}{}", metrics::PATH), "listening on internal.listen");
        Ok(Some(Self {
            listener,
            connections: Connections::at_most(WATCHERS + connections(settings)),
        }))
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// What the operating system says about the listener.
    pub(crate) fn start(self, shared: &Shared) -> io::Result<Running> {
        let app = app(Site::internal(self.listener.local_addr()?), shared);
        let acceptor = TcpAcceptor::from_tokio(self.listener)?;
        let acceptor = BoundedAcceptor::new(acceptor, self.connections);
        let (stop, stopped) = oneshot::channel();
        let server = poem::Server::new_with_acceptor(acceptor)
            .idle_timeout(IDLE)
            .http2_max_concurrent_streams(STREAMS);
        let stopped = async {
            let _dropped: Result<(), _> = stopped.await;
        };
        let task = tokio::spawn(server.run_with_graceful_shutdown(app, stopped, Some(GRACE)));
        Ok(Running { stop, task })
    }
}

/// The internal listener, answering.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Finishes the answers under way.
    pub(crate) async fn stop(self) {
        drop(self.stop);
        if !matches!(self.task.await, Ok(Ok(()))) {
            tracing::warn!("the internal listener ended badly");
        }
    }
}

/// Metrics, introspection and nothing else, with everything that surrounds the routes of clients.
fn app(site: Site, shared: &Shared) -> impl Endpoint<Output = Response> + use<> {
    let site = Arc::new(site);
    let metrics = metrics::endpoint(shared.metrics.clone());
    let allowed = AllowedMethods::default()
        .and("GET", metrics::PATH)
        .and("POST", introspection::PATH);
    Shell {
        authz: None,
        routes: Routes {
            introspection: introspection::endpoint(shared.introspection.clone(), site.clone()),
            others: Intake {
                routes: Route::new().at(metrics::PATH, metrics),
                site: site.clone(),
            },
        },
        site,
        proxies: shared.proxies.clone(),
        known: KnownPaths::new(allowed, &shared.metrics),
        metrics: shared.metrics.clone(),
        render_error: ocx::render_error,
    }
}

/// Introspection apart from all else, because whatever goes wrong there is told as OAuth has it.
struct Routes<I, O> {
    introspection: I,
    others: O,
}

impl<I, O> Endpoint for Routes<I, O>
where
    I: Endpoint<Output = Response>,
    O: Endpoint<Output = Response>,
{
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if request.uri().path() == introspection::PATH {
            self.introspection.call(request).await
        } else {
            self.others.call(request).await
        }
    }
}
