//! Puts the server together: store, chains, flows, dialects, and the shell around all routes.

use std::sync::Arc;

use countersign_alephium::Alephium;
use countersign_core::{
    ChainRegistry,
    clock::SystemClock,
    freshness::{Freshness, OneProcess},
    profile::Profile,
    rate_limit::Nodes,
    service::{
        Access, ApiKeys, ChallengePolicy, Challenges, Credentials, Limits, Ports, Revocation,
        SignIn,
    },
};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, middleware::CatchPanic};

use crate::{
    aura::{self, Aura, AuraLayer},
    authz::{self, Authz},
    chains::Chains,
    connections::Connections,
    demo, docs,
    fleet::Fleet,
    http::{
        allow::AllowedMethods, client::Proxies, dialects::Dialects, fault::Fault, intake::Intake,
        known_paths::KnownPaths, shell::Shell,
    },
    internal,
    introspection::{self, Introspection},
    metrics::{self, Metrics, Readings},
    ocx::{self, Ocx, OcxLayer},
    openapi,
    platform::{self, Platform},
    random::SystemRandom,
    session_token::SessionTokens,
    settings::Settings,
    shared_permits::Redis,
    site::Site,
    store::{Database, Opened},
};

/// What all requests share and what is looked after in the background.
#[derive(Clone)]
pub(crate) struct Shared {
    /// Everything that is stored.
    pub store: Arc<dyn Database>,
    /// The servers that share it, where there may be others.
    pub fleet: Option<Fleet>,
    /// Credentials in memory.
    pub credentials: Arc<Credentials>,
    /// How often requests may come.
    pub limits: Arc<Limits>,
    /// Where other servers count, too.
    pub redis: Option<Arc<Redis>>,
    /// Whose word on the client's address is believed.
    pub proxies: Arc<Proxies>,
    /// Those of clients.
    pub connections: Connections,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The services that may ask about tokens.
    pub introspection: Arc<Introspection>,
}

impl Shared {
    /// Fresh memory in front of this store.
    pub(crate) fn new(
        settings: &Settings,
        database: Opened,
        chains: Arc<ChainRegistry>,
        redis: Option<Arc<Redis>>,
    ) -> Self {
        let store = database.store;
        let fleet = database.shared.map(Fleet::on);
        let freshness: Arc<dyn Freshness> = match &fleet {
            Some(fleet) => fleet.pulse.clone(),
            None => Arc::new(OneProcess),
        };
        let credentials = Credentials::new(
            store.clone(),
            Arc::new(SystemClock),
            freshness,
            settings.max_credentials,
        );
        let credentials = Arc::new(credentials);
        let nodes = redis.as_ref().map_or(Nodes::Alone, |redis| redis.nodes(""));
        let limits = Limits::new(Default::default(), settings.limit_scale, &nodes);
        let limits = Arc::new(limits);
        let proxies = Arc::new(Proxies::new(settings.trusted_proxies.clone()));
        let introspection = Arc::new(Introspection::new(settings, &credentials, redis.as_ref()));
        let connections = Connections::as_files_allow(internal::connections(settings));
        let readings = Readings {
            store: store.clone(),
            pulse: fleet.as_ref().map(|fleet| fleet.pulse.clone()),
            credentials: credentials.clone(),
            limits: limits.clone(),
            proxies: proxies.clone(),
            introspection: introspection.clone(),
            redis: redis.clone(),
            connections: connections.clone(),
            chains,
        };
        let routes = methods(settings)
            .and("GET", metrics::PATH)
            .and("POST", introspection::PATH);
        Self {
            metrics: Arc::new(Metrics::new(routes.patterns(), readings)),
            store,
            fleet,
            credentials,
            limits,
            redis,
            proxies,
            connections,
            introspection,
        }
    }
}

/// Everything the server answers, before it is served: the routes of both dialects, with the documents
/// and what platforms ask for among those of OCX.
pub struct App {
    ocx: Route,
    aura: Route,
    around: Around,
}

/// What stands around the routes.
struct Around {
    site: Arc<Site>,
    shared: Shared,
    known: KnownPaths,
    ocx: Arc<Ocx>,
    aura: Arc<Aura>,
    sign_in_url: Option<String>,
}

impl App {
    pub(crate) fn new(parts: &Parts<'_>) -> Self {
        let registry = &parts.chains.registry;
        let ocx = Route::new()
            .nest("/", ocx::service())
            .nest("/openapi", openapi::routes(&parts.site.own))
            .nest("/docs", docs::routes());
        let ocx = platform::FOLDERS.into_iter().fold(ocx, |routes, folder| {
            let platform = platform::service().into_endpoint();
            routes.nest_no_strip(folder, platform.data(parts.platform()))
        });
        let around = Around {
            site: parts.site.clone(),
            shared: parts.shared.clone(),
            known: KnownPaths::new(methods(parts.settings), &parts.shared.metrics),
            ocx: Arc::new(parts.ocx(registry)),
            aura: Arc::new(parts.aura(registry)),
            sign_in_url: parts.settings.sign_in_url.clone(),
        };
        let aura = Route::new().nest("/", aura::service());
        let app = Self { ocx, aura, around };
        app.with_optional_routes(parts)
    }

    fn with_optional_routes(mut self, parts: &Parts<'_>) -> Self {
        if parts.settings.demo {
            self = self
                .with_routes(Profile::Ocx, demo::with_ocx_routes)
                .with_routes(Profile::Aura, demo::with_aura_routes);
        }
        if parts.settings.has_metrics_on_main() {
            let endpoint = metrics::endpoint(parts.shared.metrics.clone());
            self.ocx = self.ocx.at(metrics::PATH, endpoint);
        }
        self
    }

    /// Adds an application's own routes to those of a dialect: Aura's below `/v1`, OCX's everywhere else. `add`
    /// is called once, with the routes there are; paths are whole, for example `/v1/orders`.
    /// What stands around the dialect's routes stands around them, too: the limit on bodies, the host
    /// rule, CORS, request ids, the envelope of errors. No credential is looked at unless a
    /// [`Guard`](crate::Guard) does. In metrics these routes count together, as `other`, and a 405 that one of them
    /// answers has the `Allow` that the application gives it.
    ///
    /// # Panics
    /// Like [`Route::at`], when a path is there already.
    #[must_use]
    pub fn with_routes(mut self, dialect: Profile, add: impl FnOnce(Route) -> Route) -> Self {
        match dialect {
            Profile::Ocx => self.ocx = add(self.ocx),
            Profile::Aura => self.aura = add(self.aura),
        }
        self
    }

    /// The endpoint to be served, by [`poem::Server`] or inside another endpoint. It never fails: every error
    /// is a response.
    pub fn endpoint(self) -> impl Endpoint<Output = Response> + use<> {
        let around = self.around;
        let dialects = Dialects {
            aura: around.aura_layer(self.aura),
            ocx: around.ocx_layer(self.ocx),
        };
        Shell {
            routes: dialects,
            authz: Some(around.authz()),
            site: around.site,
            proxies: around.shared.proxies,
            known: around.known,
            metrics: around.shared.metrics,
            render_error: ocx::render_error,
        }
    }
}

impl Around {
    /// The host rule and the limit on bodies, the dialect's envelope around them, and what its routes ask for.
    fn ocx_layer(&self, routes: Route) -> impl Endpoint<Output = Response> + use<> {
        let panicked = |_| ocx::render_error(Fault::Internal.into());
        let routes = routes
            .data(self.ocx.clone())
            .with(CatchPanic::new().with_handler(panicked));
        OcxLayer {
            routes: self.intake(routes),
        }
    }

    fn aura_layer(&self, routes: Route) -> impl Endpoint<Output = Response> + use<> {
        let panicked = |_| aura::render_error(Fault::Internal.into());
        let routes = routes
            .data(self.aura.clone())
            .with(CatchPanic::new().with_handler(panicked));
        AuraLayer {
            routes: self.intake(routes),
            limits: self.shared.limits.clone(),
        }
    }

    fn intake<E>(&self, routes: E) -> Intake<E> {
        Intake {
            routes,
            site: self.site.clone(),
        }
    }

    fn authz(&self) -> Authz {
        Authz {
            ocx: self.ocx.access.clone(),
            aura: self.aura.access.clone(),
            limits: self.shared.limits.clone(),
            proxies: self.shared.proxies.clone(),
            site: self.site.clone(),
            sign_in_url: self.sign_in_url.clone(),
        }
    }
}

/// What each path of the main listener takes.
fn methods(settings: &Settings) -> AllowedMethods {
    let documented = AllowedMethods::of(&ocx::service().spec())
        .and_of(&aura::service().spec())
        .and_of(&platform::service().spec());
    let documented = authz::paths().fold(documented, |methods, path| methods.and("GET", &path));
    let metrics = settings.has_metrics_on_main().then_some(metrics::PATH);
    let methods = metrics
        .map(str::to_owned)
        .into_iter()
        .chain(openapi::paths())
        .chain(docs::paths())
        .fold(documented, |methods, path| methods.and("GET", &path));
    if settings.demo {
        return demo::with_methods(methods);
    }
    methods
}

/// What the dialects are made of.
pub(crate) struct Parts<'a> {
    /// What the server runs by.
    pub settings: &'a Settings,
    /// Who we are.
    pub site: &'a Arc<Site>,
    /// The chains.
    pub chains: &'a Chains,
    /// What all requests share.
    pub shared: &'a Shared,
    /// Signs session tokens.
    pub tokens: &'a Arc<SessionTokens>,
}

impl Parts<'_> {
    fn ocx(&self, registry: &Arc<ChainRegistry>) -> Ocx {
        let challenges = self.challenges(Profile::Ocx, registry);
        let session_ttl = self.settings.session_ttl;
        Ocx {
            access: self.access(Profile::Ocx),
            limits: self.shared.limits.clone(),
            sign_in: Arc::new(SignIn::new(
                challenges.clone(),
                self.shared.credentials.clone(),
                self.tokens.clone(),
                session_ttl,
            )),
            api_keys: self.api_keys(&challenges),
            challenges,
            revocation: self.revocation(),
            clock: Arc::new(SystemClock),
            registry: registry.clone(),
            site: self.site.clone(),
            session_ttl,
        }
    }

    fn aura(&self, registry: &Arc<ChainRegistry>) -> Aura {
        let challenges = self.challenges(Profile::Aura, registry);
        let alephium = registry.find(&Alephium::namespace());
        let networks = alephium.map(|alephium| alephium.info().chain_ids.clone());
        Aura {
            access: self.access(Profile::Aura),
            api_keys: self.api_keys(&challenges),
            challenges,
            revocation: self.revocation(),
            default_chain: networks.and_then(|networks| networks.into_iter().next()),
        }
    }

    fn platform(&self) -> Arc<Platform> {
        Arc::new(Platform {
            store: self.shared.store.clone(),
            pulse: self.shared.fleet.as_ref().map(|fleet| fleet.pulse.clone()),
            tokens: self.tokens.clone(),
            site: self.site.clone(),
        })
    }

    fn access(&self, profile: Profile) -> Arc<Access> {
        let Shared {
            credentials,
            limits,
            ..
        } = self.shared.clone();
        let clock = Arc::new(SystemClock);
        let rules = self.settings.rules(profile);
        Arc::new(Access::new(profile, rules, credentials, limits, clock))
    }

    fn challenges(&self, profile: Profile, registry: &Arc<ChainRegistry>) -> Arc<Challenges> {
        let ports = Ports {
            store: self.shared.store.clone(),
            registry: registry.clone(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        let policy = ChallengePolicy {
            profile,
            origin: self.site.origin.clone(),
            accepted_origins: self.site.sign_in_origins.clone(),
            accepted_uris: self.settings.sign_in_uris.clone(),
            times: self.settings.times.clone(),
            ttl: self.settings.challenge_ttl,
        };
        Arc::new(Challenges::new(ports, policy))
    }

    fn api_keys(&self, challenges: &Arc<Challenges>) -> Arc<ApiKeys> {
        let credentials = self.shared.credentials.clone();
        Arc::new(ApiKeys::new(challenges.clone(), credentials))
    }

    fn revocation(&self) -> Revocation {
        let Shared {
            store, credentials, ..
        } = self.shared.clone();
        Revocation::new(store, credentials, Arc::new(SystemClock))
    }
}
