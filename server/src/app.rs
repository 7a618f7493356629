//! Puts the server together: store, chains, flows, dialects, and the shell around all routes.

use std::sync::Arc;

use countersign_alephium::Alephium;
use countersign_core::{
    ChainRegistry, ChainVerifier,
    clock::SystemClock,
    profile::Profile,
    service::{Revocation, SessionCheck, SignIn, SignInPolicy, SignInPorts},
};
use countersign_ethereum::Ethereum;
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, middleware::CatchPanic};

use crate::{
    health,
    http::{allow::AllowedMethods, fault::Fault, shell::Shell},
    ocx::{self, Ocx},
    random::SystemRandom,
    session_token::SessionTokens,
    settings::Settings,
    site::Site,
    store::SqliteStore,
};

/// Everything the server answers.
pub(crate) fn app(
    settings: &Settings,
    site: Site,
    store: &Arc<SqliteStore>,
    tokens: SessionTokens,
) -> impl Endpoint<Output = Response> + use<> {
    let site = Arc::new(site);
    let ocx = ocx::service(ocx(settings, &site, store, tokens));
    let allowed = health::PATHS
        .iter()
        .fold(AllowedMethods::of(&ocx.spec()), |allowed, path| {
            allowed.and_get(path)
        });
    let routes = Route::new()
        .nest("/health", health::routes(store.clone()))
        .nest("/", ocx.into_endpoint())
        .data(site.clone());
    let panicked = |_| ocx::render_error(Fault::Internal.into());
    let routes = routes.with(CatchPanic::new().with_handler(panicked));
    Shell {
        routes,
        site,
        allowed,
        render_error: ocx::render_error,
    }
}

/// The chains that are part of the server; one without networks is left out.
fn chains(settings: &Settings) -> Vec<Arc<dyn ChainVerifier>> {
    let networks = &settings.alephium_networks;
    let alephium = Alephium::new(networks).expect("the settings hold names of networks");
    let ethereum = Ethereum::new(&settings.ethereum_chain_ids);
    let all: [Arc<dyn ChainVerifier>; 2] = [Arc::new(ethereum), Arc::new(alephium)];
    all.into_iter()
        .filter(|chain| !chain.info().chain_ids.is_empty())
        .collect()
}

fn ocx(
    settings: &Settings,
    site: &Arc<Site>,
    store: &Arc<SqliteStore>,
    tokens: SessionTokens,
) -> Ocx {
    let clock = Arc::new(SystemClock);
    let registry = Arc::new(ChainRegistry::new(chains(settings)));
    let ports = SignInPorts {
        store: store.clone(),
        registry: registry.clone(),
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
        tokens: Arc::new(tokens),
    };
    let policy = SignInPolicy {
        profile: Profile::Ocx,
        origin: site.origin.clone(),
        accepted_origins: site.sign_in_origins.clone(),
        accepted_uris: settings.sign_in_uris.clone(),
        times: settings.times.clone(),
        challenge_ttl: settings.challenge_ttl,
        session_ttl: settings.session_ttl,
    };
    Ocx {
        sign_in: Arc::new(SignIn::new(ports, policy)),
        session_check: SessionCheck::new(store.clone(), clock.clone(), Profile::Ocx),
        revocation: Revocation::new(store.clone(), clock),
        registry,
        site: site.clone(),
        session_ttl: settings.session_ttl,
    }
}
