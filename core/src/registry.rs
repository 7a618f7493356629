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

    /// The verifier of a namespace, whichever chains of it are accepted.
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{
        chain::{Address, ChainAddress},
        proof::Proof,
        verifier::{AddressError, ChainInfo, ProvenAccount, Source, VerifyError},
    };

    /// A chain that only has a name.
    struct Named(ChainInfo);

    #[async_trait]
    impl ChainVerifier for Named {
        fn info(&self) -> &ChainInfo {
            &self.0
        }

        async fn parse_address(&self, _text: &str) -> Result<Address, AddressError> {
            Err(AddressError::malformed("nothing"))
        }

        async fn verify(
            &self,
            _account: &ChainAddress,
            _message: &[u8],
            _proof: &Proof,
        ) -> Result<ProvenAccount, VerifyError> {
            Err(VerifyError::InvalidProof)
        }
    }

    fn chain(namespace: &str, name: &str) -> Arc<dyn ChainVerifier> {
        let namespace = Namespace::new(namespace).unwrap();
        let name = name.to_owned();
        Arc::new(Named(ChainInfo {
            namespace,
            name,
            chain_ids: vec![],
            key_types: vec![],
            needs_public_key: false,
            address_is_key: false,
            source: Source::Builtin,
        }))
    }

    fn names(registry: &ChainRegistry) -> Vec<String> {
        registry
            .list()
            .iter()
            .map(|chain| chain.info().name.clone())
            .collect()
    }

    #[test]
    fn a_later_verifier_cannot_shadow_an_earlier_one() {
        let registry =
            ChainRegistry::new([chain("eip155", "Ethereum"), chain("eip155", "Impostor")]);
        assert_eq!(names(&registry), ["Ethereum"]);
    }

    #[test]
    fn a_swap_replaces_all_chains_and_leaves_those_in_use_alone() {
        let registry = ChainRegistry::new([chain("eip155", "Ethereum")]);
        let in_use = registry.find(&Namespace::new("eip155").unwrap()).unwrap();
        registry.swap([chain("solana", "Solana"), chain("cosmos", "Cosmos")]);
        assert_eq!(names(&registry), ["Cosmos", "Solana"]);
        assert_eq!(in_use.info().name, "Ethereum");
    }
}
