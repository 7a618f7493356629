//! A running server: opened, bound, serving, shut down.

use std::{io, sync::Arc, time::Duration};

use countersign_core::{
    Clock,
    clock::SystemClock,
    store::{ApiKeyStore, ChallengeStore, SessionStore},
};
use poem::listener::TcpAcceptor;
use tokio::net::TcpListener;

use crate::{
    app::{Shared, app},
    connections::BoundedAcceptor,
    data_dir::{DataDir, DataDirError, Lock},
    random::SystemRandom,
    session_token::{InvalidSigningKey, SessionTokens},
    settings::Settings,
    site::Site,
    store::{OpenError, SqliteStore},
};

/// The file of the key that signs session tokens.
const SIGNING_KEY: &str = "session-signing-key.pem";
/// How long requests under way may take after a signal to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long a connection may be silent; longer than any request may take.
const IDLE: Duration = Duration::from_secs(60);
/// HTTP/2 requests at once on one connection.
const STREAMS: u32 = 64;
/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long an expired session is told apart from one that never was.
const KEEP_EXPIRED_SESSIONS: time::Duration = time::Duration::days(30);
/// How long a dead API key stays in its owner's list.
const KEEP_DEAD_API_KEYS: time::Duration = time::Duration::days(365);
/// How often the last uses of API keys are written; a crash loses so much at most.
const WRITE_USES_EVERY: Duration = Duration::from_secs(15);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The signing key cannot be read.
    #[error("{SIGNING_KEY} in the data directory: {0}")]
    SigningKey(#[from] InvalidSigningKey),
    /// The database cannot be opened.
    #[error("the database {url} cannot be opened: {source}")]
    Database {
        /// Where it is.
        url: String,
        /// What it said.
        source: OpenError,
    },
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}; name another with --listen")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A server that is bound and has not begun to answer.
pub(crate) struct Server {
    settings: Settings,
    listener: TcpListener,
    store: SqliteStore,
    tokens: SessionTokens,
    /// Held as long as the server lives.
    locks: (DataDir, Lock),
}

impl Server {
    /// Opens the data directory and the database, and binds the address.
    ///
    /// # Errors
    /// [`StartError`], with a sentence that says what to do.
    pub(crate) async fn bind(settings: Settings) -> Result<Self, StartError> {
        let data_dir = DataDir::open(&settings.data_dir)?;
        let key = data_dir.secret(SIGNING_KEY, || SessionTokens::generate_key(&SystemRandom))?;
        let tokens = SessionTokens::new(settings.issuer.clone(), &key)?;
        let database = settings.database.file();
        let database_lock = Lock::acquire(&database.with_added_extension("lock"), database)?;
        let store = open_store(&settings).await?;
        let listener = TcpListener::bind(settings.listen).await;
        let listener = listener.map_err(|source| StartError::Listen {
            address: settings.listen,
            source,
        })?;
        Ok(Self {
            settings,
            listener,
            store,
            tokens,
            locks: (data_dir, database_lock),
        })
    }

    /// The address it is bound to; the port is real even if 0 was asked for.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn local_addr(&self) -> io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers requests until `stop` is done, then finishes those under way and closes the database.
    ///
    /// # Errors
    /// What the operating system says about the listener.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            settings,
            listener,
            store,
            tokens,
            locks,
        } = self;
        let site = Site::new(&settings, listener.local_addr()?);
        let shared = Shared::new(&settings, Arc::new(store));
        let background = [
            tokio::spawn(sweep(shared.clone())),
            tokio::spawn(write_uses(shared.clone())),
        ];
        let app = app(&settings, site, &shared, tokens);
        let server = poem::Server::new_with_acceptor(BoundedAcceptor::new(
            TcpAcceptor::from_tokio(listener)?,
        ))
        .idle_timeout(IDLE)
        .http2_max_concurrent_streams(STREAMS);
        let served = server
            .run_with_graceful_shutdown(app, stop, Some(GRACE))
            .await;
        for task in background {
            task.abort();
            let _aborted = task.await;
        }
        if let Err(error) = shared.credentials.write_uses().await {
            tracing::warn!(%error, "the last uses of API keys were not written");
        }
        let Shared {
            store, credentials, ..
        } = shared;
        drop(credentials);
        if let Some(store) = Arc::into_inner(store) {
            store.close().await;
        }
        drop(locks);
        served
    }
}

/// Opens the database the settings name, creating it for its owner only.
///
/// # Errors
/// [`StartError::Database`].
pub(crate) async fn open_store(settings: &Settings) -> Result<SqliteStore, StartError> {
    let opened = SqliteStore::open(&settings.database, settings.max_challenges).await;
    opened.map_err(|source| StartError::Database {
        url: settings.database.to_string(),
        source,
    })
}

/// Writes when API keys were last used.
async fn write_uses(shared: Shared) {
    let mut ticks = tokio::time::interval(WRITE_USES_EVERY);
    loop {
        ticks.tick().await;
        // What could not be written is tried again; the store has logged why.
        let _again = shared.credentials.write_uses().await;
    }
}

/// Forgets what is old, in memory and in the store.
async fn sweep(shared: Shared) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    let store = &shared.store;
    loop {
        ticks.tick().await;
        let now = SystemClock.now();
        shared.credentials.sweep();
        shared.limits.sweep(now);
        let challenges = store.delete_challenges_expired_before(now).await;
        let sessions = store
            .delete_sessions_expired_before(now - KEEP_EXPIRED_SESSIONS)
            .await;
        let api_keys = store
            .delete_api_keys_dead_before(now - KEEP_DEAD_API_KEYS)
            .await;
        if let (Ok(challenges), Ok(sessions), Ok(api_keys)) = (challenges, sessions, api_keys) {
            tracing::debug!(challenges, sessions, api_keys, "deleted expired rows");
        }
    }
}
