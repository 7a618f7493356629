//! Countersign without a listener: to be served by the binary, or inside another poem application.

use std::{net::SocketAddr, sync::Arc};

use countersign_core::{
    clock::SystemClock,
    profile::Profile,
    service::{Access, Admits, Rule, Rules},
};
use countersign_plugin_host::LoadError;
use tokio::task::JoinSet;

use crate::{
    app::{App, Parts, Shared},
    chains::Chains,
    guard::Guard,
    session_token::SessionTokens,
    settings::Settings,
    shared_permits::Redis,
    site::Site,
    storage::{Locks, Storage, StorageError},
    upkeep,
};

/// Why Countersign does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What it keeps cannot be used.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A plugin is refused.
    #[error(transparent)]
    Plugin(#[from] LoadError),
}

/// Countersign, opened: sign-in, API keys and the checks of both, with what they are kept in.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use countersign_core::{profile::Profile, service::{Admits, Caller}};
/// use countersign_server::{Countersign, config::Config, settings::Settings};
/// use poem::{EndpointExt, Server, get, handler, listener::TcpListener, web::Data};
///
/// #[handler]
/// fn hello(caller: Data<&Caller>) -> String {
///     let principal = caller.principal().expect("the guard admits nobody else");
///     format!("hello {}", principal.wallet)
/// }
///
/// let settings = Settings::parse(&Config::default())?;
/// let listen = settings.listen();
/// let countersign = Countersign::open(settings, listen).await?;
/// let guarded = get(hello).with(countersign.guard(Profile::Ocx, Admits::KNOWN));
/// let app = countersign.app().with_routes(Profile::Ocx, |routes| routes.at("/hello", guarded));
/// Server::new(TcpListener::bind(listen)).run(app.endpoint()).await?;
/// countersign.close().await;
/// # Ok(())
/// # }
/// ```
pub struct Countersign {
    settings: Settings,
    site: Arc<Site>,
    chains: Arc<Chains>,
    shared: Shared,
    tokens: Arc<SessionTokens>,
    upkeep: JoinSet<()>,
    locks: Locks,
}

impl Countersign {
    /// Opens the data directory and the database, creates what is not there, loads the plugins, and starts the
    /// upkeep.
    /// Must be called inside a tokio runtime. Only one may be open on a data directory.
    ///
    /// `bound` is the address the application listens on, with its real port. Without `server.public_url` it
    /// decides by which local names the server may be called and whose messages it accepts. Listening is up
    /// to the application: `server.listen` and `internal.listen` are not bound here, nor is logging started.
    ///
    /// # Errors
    /// [`OpenError`], with a sentence that says what to do.
    pub async fn open(settings: Settings, bound: SocketAddr) -> Result<Self, OpenError> {
        let storage = Storage::open(&settings).await?;
        Ok(Self::new(settings, storage, bound).await?)
    }

    /// Countersign on storage that is open.
    ///
    /// # Errors
    /// [`LoadError`]: a plugin is refused.
    pub(crate) async fn new(
        settings: Settings,
        storage: Storage,
        bound: SocketAddr,
    ) -> Result<Self, LoadError> {
        let site = Site::new(&settings, bound);
        let chains = Chains::load(&settings, &site).await?;
        let redis = match settings.redis.clone() {
            Some(url) => Some(Redis::open(url).await),
            None => None,
        };
        let shared = Shared::new(&settings, storage.database, chains.registry.clone(), redis);
        let tokens = Arc::new(storage.tokens);
        let mut tasks = upkeep::start(&shared, &tokens);
        if let Some(fleet) = &shared.fleet {
            fleet.join(&mut tasks, &shared.credentials, &tokens).await;
        }
        Ok(Self {
            site: Arc::new(site),
            chains: Arc::new(chains),
            upkeep: tasks,
            shared,
            tokens,
            locks: storage.locks,
            settings,
        })
    }

    /// Everything the server answers: both dialects, their documents, the health checks, and metrics where
    /// neither `server.public_url` nor `internal.listen` is set.
    pub fn app(&self) -> App {
        App::new(&Parts {
            settings: &self.settings,
            site: &self.site,
            chains: &self.chains,
            shared: &self.shared,
            tokens: &self.tokens,
        })
    }

    /// The chains whose wallets can sign in.
    pub(crate) fn chains(&self) -> &Arc<Chains> {
        &self.chains
    }

    /// What signs session tokens.
    pub(crate) fn tokens(&self) -> &Arc<SessionTokens> {
        &self.tokens
    }

    /// What all requests share.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Middleware that lets in whom `admits` names, by the credentials of one dialect; [`Guard`] shows it.
    pub fn guard(&self, dialect: Profile, admits: Admits) -> Guard {
        self.guard_by(dialect, Rules::only(vec![Rule::for_all_paths(admits)]))
    }

    /// Middleware that lets in whom the rules of the configuration admit (`access.ocx`, `access.aura`), by the method
    /// and the whole path of the request. They are those of forward-auth, so an application behind this guard
    /// and one behind a proxy decide the same.
    pub fn guard_by_rules(&self, dialect: Profile) -> Guard {
        self.guard_by(dialect, self.settings.rules(dialect))
    }

    fn guard_by(&self, dialect: Profile, rules: Rules) -> Guard {
        let Shared {
            credentials,
            limits,
            proxies,
            ..
        } = self.shared.clone();
        let clock = Arc::new(SystemClock);
        Guard {
            dialect,
            access: Arc::new(Access::new(
                dialect,
                rules,
                credentials,
                limits.clone(),
                clock,
            )),
            limits,
            site: self.site.clone(),
            proxies,
        }
    }

    /// Writes what is only in memory (when API keys were last used) and closes the database. To be called once
    /// nothing is served any more; otherwise up to 15 seconds of those uses are lost, and nothing else.
    pub async fn close(mut self) {
        self.upkeep.shutdown().await;
        if let Err(error) = self.shared.credentials.write_uses().await {
            tracing::warn!(%error, "the last uses of API keys were not written");
        }
        // The metrics hold the store, too.
        let store = self.shared.store.clone();
        drop(self.shared);
        store.close().await;
        drop(self.locks);
    }
}
