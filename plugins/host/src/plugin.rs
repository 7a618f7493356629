//! One plugin: from the operator's grant to verifiers that have passed their own tests.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use countersign_core::{
    ChainVerifier,
    chain::{ChainId, Namespace},
    verifier::{ChainInfo, Source},
};
use countersign_plugin_abi::chain_flags;

use crate::{
    adapter::PluginChain,
    call::{Backend, CallFault, Reply, Request},
    descriptor::{ChainDescriptor, Descriptor},
    file,
    health::Health,
    loaded::{Instance, Loaded},
    log,
    policy::{Grant, Isolation, Policy},
    process::{ChildProgram, Children},
    refusal::Refusal,
    self_test,
};

/// Times that a plugin may be loaded into the server's own process in its life; none is ever unloaded.
const MAX_GENERATIONS: usize = 8;
/// How often each was.
static GENERATIONS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// A plugin that is loaded, and has shown that it works.
pub(crate) struct Plugin {
    pub grant: Grant,
    pub descriptor: Descriptor,
    pub chains: Vec<Arc<PluginChain>>,
    pub health: Arc<Health>,
    pub backend: Arc<dyn Backend>,
}

impl Plugin {
    /// Loads the library of a grant. `taken` are the namespaces that are served already.
    ///
    /// # Errors
    /// [`Refusal`], the first rule that it breaks, in the order of their codes.
    pub(crate) async fn load(
        policy: &Policy,
        grant: &Grant,
        taken: &[Namespace],
    ) -> Result<Self, Refusal> {
        let sealed = file::open(&policy.directory, &grant.file, &grant.sha256)?;
        Self::start(policy.child.as_ref(), sealed, grant, taken).await
    }

    /// As [`load`](Self::load), with a copy that was made already.
    ///
    /// # Errors
    /// [`Refusal`], codes CS-P021 and later.
    pub(crate) async fn start(
        program: Option<&ChildProgram>,
        sealed: file::Sealed,
        grant: &Grant,
        taken: &[Namespace],
    ) -> Result<Self, Refusal> {
        let (descriptor, backend) = match grant.isolation {
            Isolation::InProcess => in_process(sealed, grant, taken)?,
            Isolation::Process => in_children(program, sealed, grant, taken).await?,
        };
        let plugin = Self::adapt(grant, descriptor, &backend)?;
        for chain in &plugin.chains {
            self_test::run(chain).await?;
        }
        Ok(plugin)
    }

    fn adapt(
        grant: &Grant,
        descriptor: Descriptor,
        backend: &Arc<dyn Backend>,
    ) -> Result<Self, Refusal> {
        let health = Arc::new(Health::default());
        let name: Arc<str> = grant.name.as_str().into();
        let adapt = |(index, chain): (usize, &ChainDescriptor)| {
            Ok(Arc::new(PluginChain {
                plugin: name.clone(),
                index: u32::try_from(index).expect("a descriptor has few chains"),
                info: info(chain, grant)?,
                descriptor: chain.clone(),
                backend: backend.clone(),
                health: health.clone(),
            }))
        };
        let chains = descriptor.chains.iter().enumerate().map(adapt);
        Ok(Self {
            chains: chains.collect::<Result<_, _>>()?,
            grant: grant.clone(),
            descriptor,
            health,
            backend: backend.clone(),
        })
    }

    pub(crate) fn verifiers(&self) -> impl Iterator<Item = Arc<dyn ChainVerifier>> {
        self.chains.iter().map(|chain| chain.clone() as _)
    }
}

type Ready = (Descriptor, Arc<dyn Backend>);

fn in_process(sealed: file::Sealed, grant: &Grant, taken: &[Namespace]) -> Result<Ready, Refusal> {
    count_generation(&grant.name)?;
    let loaded = Loaded::open(sealed.fd)?;
    check_grant(loaded.descriptor(), grant, taken)?;
    let instance = loaded.create(&grant.config, log::sink(&grant.name))?;
    Ok((loaded.descriptor().clone(), Arc::new(InProcess(instance))))
}

async fn in_children(
    program: Option<&ChildProgram>,
    sealed: file::Sealed,
    grant: &Grant,
    taken: &[Namespace],
) -> Result<Ready, Refusal> {
    let accept = |descriptor: &Descriptor| check_grant(descriptor, grant, taken);
    let log = log::sink(&grant.name);
    let no_program = || Refusal::Process("no program is named that runs it".to_owned());
    let program = program.ok_or_else(no_program)?;
    let started = Children::start(program, sealed, grant, log, accept).await?;
    Ok((started.1, Arc::new(started.0)))
}

fn count_generation(name: &str) -> Result<(), Refusal> {
    let mut generations = GENERATIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = generations.entry(name.to_owned()).or_default();
    if *count >= MAX_GENERATIONS {
        return Err(Refusal::Generations);
    }
    *count += 1;
    Ok(())
}

/// Calls on the thread that asks.
struct InProcess(Instance);

#[async_trait]
impl Backend for InProcess {
    fn call_at_once(&self, request: &Request<'_>) -> Option<Result<Reply, CallFault>> {
        Some(self.0.invoke(request).map_err(CallFault::from))
    }

    async fn call(&self, request: &Request<'_>) -> Result<Reply, CallFault> {
        Ok(self.0.invoke(request)?)
    }
}

/// What the library says, against what the operator grants.
fn check_grant(descriptor: &Descriptor, grant: &Grant, taken: &[Namespace]) -> Result<(), Refusal> {
    if descriptor.name != grant.name {
        return Err(Refusal::Name(descriptor.name.clone()));
    }
    for chain in &descriptor.chains {
        let is_it = |namespace: &Namespace| namespace.as_str() == chain.namespace;
        if !grant.namespaces.iter().any(is_it) {
            return Err(Refusal::NotGranted(chain.namespace.clone()));
        }
        if taken.iter().any(is_it) {
            return Err(Refusal::Taken(chain.namespace.clone()));
        }
        if chain.has(chain_flags::ADDRESS_IS_KEY) != grant.address_is_key {
            return Err(Refusal::AddressIsKey(chain.namespace.clone()));
        }
    }
    let serves = |id: &&ChainId| {
        let mut chains = descriptor.chains.iter();
        let chain = chains.find(|chain| chain.namespace == id.namespace().as_str());
        chain.is_some_and(|chain| {
            let mut ids = chain.chain_ids.iter();
            let is_any = chain.has(chain_flags::ANY_REFERENCE);
            is_any || ids.any(|(reference, _)| reference == id.reference())
        })
    };
    let accepted = grant.chain_ids.iter().flatten();
    match accepted.into_iter().find(|id| !serves(id)) {
        Some(id) => Err(Refusal::NotServed(id.to_string())),
        None => Ok(()),
    }
}

fn info(chain: &ChainDescriptor, grant: &Grant) -> Result<ChainInfo, Refusal> {
    let malformed = |error: countersign_core::chain::InvalidName| Refusal::Descriptor {
        field: "chains".to_owned(),
        expected: error.expected.to_owned(),
    };
    let namespace = Namespace::new(&chain.namespace).map_err(malformed)?;
    let listed = chain.chain_ids.iter();
    let listed = listed.map(|(reference, _)| ChainId::new(namespace.clone(), reference));
    let chain_ids = match &grant.chain_ids {
        Some(ids) => {
            let ours = ids.iter().filter(|id| *id.namespace() == namespace);
            ours.cloned().collect()
        }
        None => listed.collect::<Result<_, _>>().map_err(malformed)?,
    };
    Ok(ChainInfo {
        namespace,
        name: chain.display_name.clone(),
        chain_ids,
        key_types: chain.key_types.clone(),
        needs_public_key: chain.has(chain_flags::NEEDS_PUBLIC_KEY),
        address_is_key: chain.has(chain_flags::ADDRESS_IS_KEY),
        source: Source::Plugin,
    })
}
