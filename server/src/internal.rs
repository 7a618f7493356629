//! The internal listener: metrics, for those who run the server. Clients do not reach it.

use std::{io, sync::Arc, time::Duration};

use poem::{Endpoint, Response, Route, listener::TcpAcceptor};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    app::Shared,
    connections::{BoundedAcceptor, Connections},
    http::{allow::AllowedMethods, intake::Intake, shell::Shell},
    metrics, ocx,
    server::StartError,
    settings::Settings,
    site::Site,
};

/// Connections at once; those who watch a server are few.
const CONNECTIONS: usize = 16;
/// How long a connection may be silent; longer than a scraper pauses.
const IDLE: Duration = Duration::from_secs(120);
/// How long an answer under way may take after the server has stopped.
const GRACE: Duration = Duration::from_secs(1);

/// The internal listener, bound.
pub(crate) struct Internal(TcpListener);

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
        Ok(Some(Self(listener)))
    }

    /// Begins to answer.
    ///
    /// # Errors
    /// What the operating system says about the listener.
    pub(crate) fn start(self, shared: &Shared) -> io::Result<Running> {
        let app = app(Site::internal(self.0.local_addr()?), shared);
        let acceptor = TcpAcceptor::from_tokio(self.0)?;
        let acceptor = BoundedAcceptor::new(acceptor, Connections::at_most(CONNECTIONS));
        let (stop, stopped) = oneshot::channel();
        let server = poem::Server::new_with_acceptor(acceptor).idle_timeout(IDLE);
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

/// Metrics and nothing else, with everything that surrounds the routes of clients.
fn app(site: Site, shared: &Shared) -> impl Endpoint<Output = Response> + use<> {
    let site = Arc::new(site);
    let metrics = metrics::endpoint(shared.metrics.clone());
    Shell {
        routes: Intake {
            routes: Route::new().at(metrics::PATH, metrics),
            site: site.clone(),
        },
        site,
        proxies: shared.proxies.clone(),
        allowed: AllowedMethods::default().and("GET", metrics::PATH),
        metrics: shared.metrics.clone(),
        render_error: ocx::render_error,
    }
}
