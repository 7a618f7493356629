//! All plugins of a server: loaded together, replaced together.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{Address, ChainAddress, Namespace},
    proof::Proof,
    verifier::{AddressError, ChainInfo, ProvenAccount, Source, VerifyError},
};

use crate::{
    plugin::Plugin,
    policy::{Grant, Isolation, Policy},
    refusal::Refusal,
};

/// The plugins that a policy names, each loaded or, if it is optional, missing.
#[derive(Default)]
pub struct PluginSet {
    slots: Vec<Slot>,
}

#[derive(Clone)]
enum Slot {
    Loaded(Arc<Plugin>),
    Missing(Box<Grant>, Refusal),
}

/// Why a set is not loaded: one of its plugins is refused and not optional.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plugin {plugin}: {refusal}; {}", refusal.fix())]
pub struct LoadError {
    /// The plugin's name.
    pub plugin: String,
    /// The rule it breaks.
    pub refusal: Refusal,
}

/// What became of a plugin, for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub name: String,
    /// Its version, if it is loaded.
    pub version: Option<String>,
    /// SHA-256 of the library, in hex.
    pub sha256: String,
    /// Where it runs.
    pub isolation: Isolation,
    /// Namespaces it serves, or would.
    pub namespaces: Vec<String>,
    /// Numbers of its processes that wait for a call.
    pub processes: Vec<u32>,
    /// Layers of the jail that it goes without.
    pub missing_layers: Vec<String>,
    /// Whether it is asked.
    pub state: State,
}

/// Whether a plugin is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is.
    Serving,
    /// It did wrong, and is not asked until it is loaded again.
    Quarantined(String),
    /// It is optional, and was refused.
    Missing(Refusal),
}

impl PluginSet {
    /// Loads and tests all plugins of a policy. `built_in` are the namespaces that no plugin may serve. A plugin of
    /// `before` whose grant is the same, and which is not quarantined, is kept as it is.
    ///
    /// # Errors
    /// [`LoadError`]; nothing of `before` has changed then.
    pub async fn load(
        policy: &Policy,
        built_in: &[Namespace],
        before: &Self,
    ) -> Result<Self, LoadError> {
        let mut taken = built_in.to_vec();
        let mut slots = vec![];
        for grant in &policy.plugins {
            let kept = before.kept(grant).map(Ok);
            let loaded = match kept {
                Some(kept) => kept,
                None => Plugin::load(policy, grant, &taken).await.map(Arc::new),
            };
            let slot = match loaded {
                Ok(plugin) => Slot::Loaded(plugin),
                Err(refusal) if grant.optional => {
                    tracing::error!(plugin = grant.name, %refusal, fix = refusal.fix(), "optional plugin is missing: its chains answer 503");
                    Slot::Missing(Box::new(grant.clone()), refusal)
                }
                Err(refusal) => {
                    let plugin = grant.name.clone();
                    return Err(LoadError { plugin, refusal });
                }
            };
            taken.extend(slot.namespaces());
            slots.push(slot);
        }
        let set = Self { slots };
        for report in set.reports() {
            if report.state != State::Serving {
                continue;
            }
            let (name, isolation) = (&report.name, report.isolation.as_str());
            tracing::info!(
                plugin = name,
                version = report.version,
                sha256 = report.sha256,
                isolation,
                namespaces = report.namespaces.join(" "),
                "plugin is loaded"
            );
        }
        Ok(set)
    }

    /// The verifiers of all chains. A missing plugin's namespaces say that they cannot be asked.
    pub fn verifiers(&self) -> Vec<Arc<dyn ChainVerifier>> {
        let of_slot = |slot: &Slot| -> Vec<Arc<dyn ChainVerifier>> {
            match slot {
                Slot::Loaded(plugin) => plugin.verifiers().collect(),
                Slot::Missing(grant, _) => {
                    let missing = |namespace: &Namespace| Arc::new(Missing::of(grant, namespace));
                    let namespaces = grant.namespaces.iter();
                    namespaces
                        .map(|namespace| missing(namespace) as _)
                        .collect()
                }
            }
        };
        self.slots.iter().flat_map(of_slot).collect()
    }

    /// What became of each plugin.
    pub fn reports(&self) -> Vec<Report> {
        self.slots.iter().map(Slot::report).collect()
    }

    fn kept(&self, grant: &Grant) -> Option<Arc<Plugin>> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::Loaded(plugin) if plugin.grant == *grant && plugin.health.is_good() => {
                Some(plugin.clone())
            }
            _ => None,
        })
    }
}

impl Slot {
    fn namespaces(&self) -> Vec<Namespace> {
        match self {
            Self::Loaded(plugin) => {
                let chains = plugin.chains.iter();
                chains.map(|chain| chain.info.namespace.clone()).collect()
            }
            Self::Missing(grant, _) => grant.namespaces.clone(),
        }
    }

    fn report(&self) -> Report {
        let namespaces = self.namespaces();
        let report = |grant: &Grant| Report {
            name: grant.name.clone(),
            version: None,
            sha256: hex::encode(grant.sha256),
            isolation: grant.isolation,
            namespaces: namespaces.iter().map(ToString::to_string).collect(),
            processes: vec![],
            missing_layers: vec![],
            state: State::Serving,
        };
        match self {
            Self::Loaded(plugin) => {
                let quarantined = plugin.health.reason().map(State::Quarantined);
                Report {
                    version: Some(plugin.descriptor.version.clone()),
                    processes: plugin.backend.processes(),
                    missing_layers: plugin.backend.missing_layers(),
                    state: quarantined.unwrap_or(State::Serving),
                    ..report(&plugin.grant)
                }
            }
            Self::Missing(grant, refusal) => Report {
                state: State::Missing(refusal.clone()),
                ..report(grant)
            },
        }
    }
}

/// A namespace whose plugin was refused.
struct Missing(ChainInfo);

impl Missing {
    fn of(grant: &Grant, namespace: &Namespace) -> Self {
        let ids = grant.chain_ids.iter().flatten();
        let ours = ids.filter(|id| id.namespace() == namespace);
        Self(ChainInfo {
            namespace: namespace.clone(),
            name: grant.name.clone(),
            chain_ids: ours.cloned().collect(),
            key_types: vec![],
            needs_public_key: false,
            address_is_key: false,
            source: Source::Plugin,
        })
    }
}

#[async_trait]
impl ChainVerifier for Missing {
    fn info(&self) -> &ChainInfo {
        &self.0
    }

    fn is_available(&self) -> bool {
        false
    }

    async fn parse_address(&self, _text: &str) -> Result<Address, AddressError> {
        Err(AddressError::Unavailable)
    }

    async fn verify(
        &self,
        _account: &ChainAddress,
        _message: &[u8],
        _proof: &Proof,
    ) -> Result<ProvenAccount, VerifyError> {
        Err(VerifyError::Unavailable)
    }
}
