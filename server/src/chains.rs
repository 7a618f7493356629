//! The chains of a server: those that are part of it, and those that plugins add.

use std::sync::Arc;

use countersign_alephium::{Alephium, KeyType, RelyingParty};
use countersign_core::{ChainRegistry, ChainVerifier, chain::Namespace, origin::Origin};
use countersign_ethereum::Ethereum;
use countersign_plugin_host::{LoadError, PluginSet, Policy, Report};
use tokio::sync::Mutex;

use crate::{settings::Settings, site::Site};

/// All chains, and the plugins behind some of them.
pub(crate) struct Chains {
    /// What requests look chains up in.
    pub registry: Arc<ChainRegistry>,
    built_in: Vec<Arc<dyn ChainVerifier>>,
    plugins: Mutex<PluginSet>,
}

impl Chains {
    /// Loads the plugins that the settings name, behind the chains that are built in.
    ///
    /// # Errors
    /// [`LoadError`]: a plugin that is not optional is refused.
    pub(crate) async fn load(settings: &Settings, site: &Site) -> Result<Self, LoadError> {
        let built_in = built_in(settings, site);
        let plugins =
            PluginSet::load(&settings.plugins, &reserved(), &PluginSet::default()).await?;
        let registry = ChainRegistry::new(built_in.iter().cloned().chain(plugins.verifiers()));
        Ok(Self {
            registry: Arc::new(registry),
            built_in,
            plugins: Mutex::new(plugins),
        })
    }

    /// Loads what is new, tests it, and puts it in place of what was there, all at once. Requests under way are
    /// answered by the plugin that they began with.
    ///
    /// # Errors
    /// [`LoadError`]; nothing has changed then.
    pub(crate) async fn reload(&self, policy: &Policy) -> Result<(), LoadError> {
        let mut plugins = self.plugins.lock().await;
        let new = PluginSet::load(policy, &reserved(), &plugins).await?;
        let built_in = self.built_in.iter().cloned();
        self.registry.swap(built_in.chain(new.verifiers()));
        let before = std::mem::replace(&mut *plugins, new);
        log_gone(&before.reports(), &plugins.reports());
        Ok(())
    }

    /// What became of each plugin. It waits for a load that is under way.
    pub(crate) async fn plugins(&self) -> Vec<Report> {
        self.plugins.lock().await.reports()
    }
}

/// What was loaded is in the log already.
fn log_gone(before: &[Report], now: &[Report]) {
    let is_same = |was: &Report, is: &Report| was.name == is.name && was.sha256 == is.sha256;
    for was in before {
        if !now.iter().any(|is| is_same(was, is)) {
            let (plugin, sha256) = (&was.name, &was.sha256);
            tracing::info!(plugin, sha256, "plugin is no longer asked");
        }
    }
}

/// Namespaces that no plugin may serve, even where the built-in chain is switched off.
pub(crate) fn reserved() -> [Namespace; 2] {
    [Ethereum::namespace(), Alephium::namespace()]
}

/// The chains that are part of the server; one without networks is left out.
fn built_in(settings: &Settings, site: &Site) -> Vec<Arc<dyn ChainVerifier>> {
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
