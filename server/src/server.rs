//! A running server: opened, bound, serving, shut down.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use countersign_plugin_host::LoadError;
use poem::listener::TcpAcceptor;
use tokio::net::TcpListener;

use crate::{
    chains::Chains,
    connections::BoundedAcceptor,
    countersign::Countersign,
    internal::Internal,
    session_token::SessionTokens,
    settings::Settings,
    storage::{Storage, StorageError},
};

/// How long requests under way may take after a signal to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long a connection may be silent; longer than any request may take.
const IDLE: Duration = Duration::from_secs(60);
/// HTTP/2 requests at once on one connection.
pub(crate) const STREAMS: u32 = 64;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// What it keeps cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A plugin is refused.
    #[error(transparent)]
    Plugin(#[from] LoadError),
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}; name another with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The address of the internal listener cannot be bound.
    #[error("cannot listen on {address}: {source}; name another with internal.listen")]
    ListenInternally {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A server that is bound and has not begun to answer.
pub(crate) struct Server {
    listener: TcpListener,
    internal: Option<Internal>,
    countersign: Countersign,
}

impl Server {
    /// Opens the data directory and the database, and binds the address.
    ///
    /// # Errors
    /// [`StartError`], with a sentence that says what to do.
    pub(crate) async fn bind(settings: Settings) -> Result<Self, StartError> {
        let storage = Storage::open(&settings).await?;
        let address = settings.listen;
        let cannot_listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
        let bound = listener.local_addr().map_err(cannot_listen)?;
        let internal = Internal::bind(&settings).await?;
        Ok(Self {
            listener,
            internal,
            countersign: Countersign::new(settings, storage, bound).await?,
        })
    }

    /// The chains it serves, whose plugins can be replaced.
    pub(crate) fn chains(&self) -> &Arc<Chains> {
        self.countersign.chains()
    }

    /// What signs its session tokens, whose keys can be read again.
    pub(crate) fn tokens(&self) -> &Arc<SessionTokens> {
        self.countersign.tokens()
    }

    /// The address it is bound to; the port is real even if 0 was asked for.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests until `stop` is done, then finishes those under way and closes the database.
    ///
    /// # Errors
    /// What the operating system says about the listener.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let shared = self.countersign.shared();
        let internal = self.internal.map(|internal| internal.start(shared));
        let internal = internal.transpose()?;
        let acceptor = TcpAcceptor::from_tokio(self.listener)?;
        let acceptor = BoundedAcceptor::new(acceptor, shared.connections.clone());
        let app = self.countersign.app().endpoint();
        let served = poem::Server::new_with_acceptor(acceptor)
            .idle_timeout(IDLE)
            .http2_max_concurrent_streams(STREAMS)
            .run_with_graceful_shutdown(app, stop, Some(GRACE))
            .await;
        if let Some(internal) = internal {
            internal.stop().await;
        }
        self.countersign.close().await;
        served
    }
}
