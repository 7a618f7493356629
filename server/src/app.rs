//! Puts the server together: store, chains, flows, dialects, and the shell around all routes.

use std::sync::Arc;

use countersign_alephium::{Alephium, KeyType, RelyingParty};
use countersign_core::{
    ChainRegistry, ChainVerifier,
    clock::SystemClock,
    origin::Origin,
    profile::Profile,
    service::{
        Access, ApiKeys, ChallengePolicy, Challenges, Credentials, Limits, Ports, Revocation,
        SignIn,
    },
};
use countersign_ethereum::Ethereum;
use poem::{Endpoint, EndpointExt, Response, Route, middleware::CatchPanic};

use crate::{
    aura::{self, Aura, AuraLayer},
    demo, docs, health,
    http::{
        allow::AllowedMethods, client::Proxies, dialects::Dialects, fault::Fault, intake::Intake,
        shell::Shell,
    },
    ocx::{self, Ocx, OcxLayer},
    openapi,
    random::SystemRandom,
    session_token::SessionTokens,
    settings::Settings,
    site::Site,
    store::SqliteStore,
};

/// What all requests share and what is looked after in the background.
#[derive(Clone)]
pub(crate) struct Shared {
    /// Everything that is stored.
    pub store: Arc<SqliteStore>,
    /// Credentials in memory.
    pub credentials: Arc<Credentials>,
    /// How often requests may come.
    pub limits: Arc<Limits>,
}

impl Shared {
    /// Fresh memory in front of this store.
    pub(crate) fn new(settings: &Settings, store: Arc<SqliteStore>) -> Self {
        let credentials = Credentials::new(store.clone(), Arc::new(SystemClock), MAX_CREDENTIALS);
        Self {
            store,
            credentials: Arc::new(credentials),
            limits: Arc::new(Limits::new(Default::default(), settings.limit_scale)),
        }
    }
}

/// Credentials remembered at most; about 500 bytes each. Those over it are looked up every time.
const MAX_CREDENTIALS: usize = 200_000;

/// Everything the server answers, before it is served: the routes of both dialects, with the documents
/// and health checks among those of OCX.
pub struct App {
    ocx: Route,
    aura: Route,
    around: Around,
}

/// What stands around the routes.
struct Around {
    site: Arc<Site>,
    proxies: Arc<Proxies>,
    allowed: AllowedMethods,
    limits: Arc<Limits>,
    ocx: (Ocx, Arc<Access>),
    aura: (Aura, Arc<Access>),
}

impl App {
    pub(crate) fn new(parts: &Parts<'_>) -> Self {
        let registry = Arc::new(ChainRegistry::new(chains(parts.settings, parts.site)));
        let (ocx, aura) = (ocx::service(), aura::service());
        let allowed = AllowedMethods::of(&ocx.spec()).and_of(&aura.spec());
        let others = health::PATHS.map(str::to_owned).into_iter();
        let allowed = others
            .chain(openapi::paths())
            .chain(docs::paths())
            .fold(allowed, |allowed, path| allowed.and("GET", &path));
        let ocx = Route::new()
            .nest("/", ocx)
            .nest("/health", health::routes(parts.shared.store.clone()))
            .nest("/openapi", openapi::routes(&parts.site.own))
            .nest("/docs", docs::routes());
        let around = Around {
            site: parts.site.clone(),
            proxies: parts.proxies.clone(),
            allowed,
            limits: parts.shared.limits.clone(),
            ocx: (parts.ocx(&registry), parts.access(Profile::Ocx)),
            aura: (parts.aura(&registry), parts.access(Profile::Aura)),
        };
        let aura = Route::new().nest("/", aura);
        let app = Self { ocx, aura, around };
        if parts.settings.demo {
            app.with_demo_routes()
        } else {
            app
        }
    }

    /// Adds an application's own routes to those of a dialect: Aura's below `/v1`, OCX's everywhere else.
    /// What stands around the dialect's routes stands around them, too: the limit on bodies, the host
    /// rule, CORS, request ids, the envelope of errors. No credential is looked at unless a
    /// [`Guard`](crate::Guard) does.
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

    fn with_demo_routes(mut self) -> Self {
        self.around.allowed = demo::with_methods(self.around.allowed);
        self.with_routes(Profile::Ocx, demo::with_ocx_routes)
            .with_routes(Profile::Aura, demo::with_aura_routes)
    }

    /// The endpoint to be served. It never fails: every error is a response.
    pub fn endpoint(self) -> impl Endpoint<Output = Response> + use<> {
        let around = self.around;
        let dialects = Dialects {
            aura: around.aura_layer(self.aura),
            ocx: around.ocx_layer(self.ocx),
        };
        Shell {
            routes: dialects.data(around.site.clone()),
            site: around.site,
            proxies: around.proxies,
            allowed: around.allowed,
            render_error: ocx::render_error,
        }
    }
}

impl Around {
    /// The host rule and the limit on bodies, the dialect's envelope around them, and what its routes ask for.
    fn ocx_layer(&self, routes: Route) -> impl Endpoint<Output = Response> + use<> {
        let panicked = |_| ocx::render_error(Fault::Internal.into());
        let (ocx, access) = self.ocx.clone();
        let routes = routes
            .data(ocx)
            .data(access)
            .data(self.limits.clone())
            .with(CatchPanic::new().with_handler(panicked));
        OcxLayer {
            routes: self.intake(routes),
            site: self.site.clone(),
        }
    }

    fn aura_layer(&self, routes: Route) -> impl Endpoint<Output = Response> + use<> {
        let panicked = |_| aura::render_error(Fault::Internal.into());
        let (aura, access) = self.aura.clone();
        let routes = routes
            .data(aura)
            .data(access)
            .with(CatchPanic::new().with_handler(panicked));
        AuraLayer {
            routes: self.intake(routes),
            limits: self.limits.clone(),
        }
    }

    fn intake<E>(&self, routes: E) -> Intake<E> {
        Intake {
            routes,
            site: self.site.clone(),
        }
    }
}

/// The chains that are part of the server; one without networks is left out.
fn chains(settings: &Settings, site: &Site) -> Vec<Arc<dyn ChainVerifier>> {
    let networks = &settings.alephium_networks;
    let alephium = Alephium::new(networks).expect("the settings hold names of networks");
    let enable = |chain: Alephium, key_type: &KeyType| match key_type {
        KeyType::GlSecp256r1 => chain.with_gl_secp256r1(),
        KeyType::GlEd25519 => chain.with_gl_ed25519(),
        KeyType::GlWebauthn => site.sign_in_origins.iter().fold(chain, with_passkeys_of),
        KeyType::Default | KeyType::Bip340Schnorr | KeyType::GlSecp256k1 => chain,
    };
    let extra = &settings.alephium_extra_key_types;
    let alephium = extra.iter().fold(alephium, enable);
    let ethereum = Ethereum::new(&settings.ethereum_chain_ids);
    let all: [Arc<dyn ChainVerifier>; 2] = [Arc::new(ethereum), Arc::new(alephium)];
    all.into_iter()
        .filter(|chain| !chain.info().chain_ids.is_empty())
        .collect()
}

/// A passkey belongs to a host, whatever the port (WebAuthn §5.1.2).
fn with_passkeys_of(chain: Alephium, origin: &Origin) -> Alephium {
    chain.with_gl_webauthn(RelyingParty {
        id: origin.host().to_owned(),
        origin: origin.to_string(),
    })
}

/// What the dialects are made of.
pub(crate) struct Parts<'a> {
    /// What the server runs by.
    pub settings: &'a Settings,
    /// Who we are.
    pub site: &'a Arc<Site>,
    /// Whose word on addresses is believed.
    pub proxies: &'a Arc<Proxies>,
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
            api_keys: self.api_keys(&challenges),
            challenges,
            revocation: self.revocation(),
            default_chain: networks.and_then(|networks| networks.into_iter().next()),
        }
    }

    fn access(&self, profile: Profile) -> Arc<Access> {
        let Shared {
            credentials,
            limits,
            ..
        } = self.shared.clone();
        let clock = Arc::new(SystemClock);
        Arc::new(Access::new(profile, credentials, limits, clock))
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
