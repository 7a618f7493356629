//! The chains a server knows.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;

use crate::{chain::Namespace, verifier::ChainVerifier};

type Chains = BTreeMap<Namespace, Arc<dyn ChainVerifier>>;

/// Maps a namespace to its verifier. It can be swapped while requests run: a request that has
/// found its verifier keeps it.
pub struct ChainRegistry {
    chains: ArcSwap<Chains>,
}

impl ChainRegistry {
    /// A registry of these chains. The first verifier of a namespace keeps it, so a later one
    /// can never shadow it.
    pub fn new(verifiers: impl IntoIterator<Item = Arc<dyn ChainVerifier>>) -> Self {
        Self {
            chains: ArcSwap::from_pointee(by_namespace(verifiers)),
        }
    }

    /// Replaces all chains at once.
    pub fn swap(&self, verifiers: impl IntoIterator<Item = Arc<dyn ChainVerifier>>) {
        self.chains.store(Arc::new(by_namespace(verifiers)));
    }

    /// The verifier of a namespace.
    pub fn find(&self, namespace: &Namespace) -> Option<Arc<dyn ChainVerifier>> {
        self.chains.load().get(namespace).cloned()
    }

    /// All verifiers, ordered by namespace.
    pub fn list(&self) -> Vec<Arc<dyn ChainVerifier>> {
        self.chains.load().values().cloned().collect()
    }
}

fn by_namespace(verifiers: impl IntoIterator<Item = Arc<dyn ChainVerifier>>) -> Chains {
    let mut chains = Chains::new();
    for verifier in verifiers {
        chains
            .entry(verifier.info().namespace.clone())
            .or_insert(verifier);
    }
    chains
}
