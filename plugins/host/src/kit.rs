//! The conformance kit: whether a library keeps the contract, as far as asking it can tell.
//!
//! Everything that is the library's runs in jailed processes, whoever asks. What a finding says has a code that never
//! changes. A clean report is no proof that a chain's signatures are checked well: only proofs that others made, and a
//! reader, can say that.

mod addresses;
mod crashes;
mod drills;
mod finding;
mod proofs;
mod vectors;

use std::path::Path;

use countersign_core::chain::Namespace;
use countersign_plugin_abi::chain_flags;

pub use finding::{Finding, Rule};
pub use vectors::{VectorAddress, VectorProof, Vectors};

use crate::{
    descriptor::Descriptor,
    elf, file, log,
    plugin::Plugin,
    policy::{Grant, Isolation},
    process::{ChildProgram, Launch},
    refusal::Refusal,
};

/// How a library is checked.
#[derive(Debug, Clone)]
pub struct Kit {
    /// What runs it.
    pub program: ChildProgram,
    /// Its own settings, a JSON object.
    pub config: String,
    /// Layers of the jail that may be missing.
    pub without: Vec<String>,
    /// Proofs and addresses besides its self-tests.
    pub vectors: Vectors,
    /// Cases that no host makes: 100,000 take a minute with a signature check of 50 µs.
    pub cases: u32,
}

/// What came of a check.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// SHA-256 of the library, once it was read.
    pub sha256: Option<[u8; 32]>,
    /// Oldest glibc that it runs on, for example `2.34`; `None`: any, or not read yet.
    pub glibc: Option<String>,
    /// What it says about itself, once that was accepted.
    pub descriptor: Option<Descriptor>,
    /// Layers of the jail that this machine cannot apply.
    pub missing_layers: Vec<String>,
    /// How much it was asked.
    pub counts: Counts,
    /// What is wrong with it; none: nothing was found.
    pub findings: Vec<Finding>,
    slowest: u32,
}

/// How much a library was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Proofs that were given, by the library or by vectors.
    pub proofs: u32,
    /// Proofs that were made from them, each with one change.
    pub derived: u32,
    /// Texts that were read as addresses.
    pub addresses: u32,
    /// Calls that no host makes.
    pub cases: u32,
    /// Calls on several threads at once.
    pub together: u32,
    /// Instances that were made and destroyed.
    pub instances: u32,
    /// What the slowest call took, in microseconds, processor time of others included.
    pub slowest_us: u32,
}

/// Where a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The library's form and its descriptor.
    Library,
    /// Its proofs, and what is made from them.
    Proofs,
    /// Addresses.
    Addresses,
    /// So many of so many cases.
    Cases(u32, u32),
    /// Threads.
    Threads,
    /// Instances.
    Instances,
}

impl Kit {
    /// Checks a library. `progress` hears where it is.
    pub async fn check(&self, library: &Path, progress: &(dyn Fn(Step) + Sync)) -> Checked {
        let mut checked = Checked::default();
        if let Err(refusal) = self.run(library, progress, &mut checked).await {
            checked.findings.push(Finding::from(&refusal));
        }
        checked
    }

    async fn run(
        &self,
        library: &Path,
        progress: &(dyn Fn(Step) + Sync),
        checked: &mut Checked,
    ) -> Result<(), Refusal> {
        progress(Step::Library);
        let (sealed, facts) = file::open_unpinned(library)?;
        checked.sha256 = Some(sealed.sha256);
        checked.glibc = facts.glibc.clone();
        check_exports(&facts, checked);
        let launch = Launch {
            program: self.program.clone(),
            sealed,
            without: self.without.clone(),
            config: self.config.clone(),
            threads: drills::THREADS,
            log: log::sink(&library.display().to_string()),
        };
        let (child, descriptor, missing) = launch.open().await?;
        drop(child);
        checked.missing_layers = missing;
        descriptor.check()?;
        let grant = self.grant(&descriptor, launch.sealed.sha256);
        let copy = launch.sealed.try_clone()?;
        let plugin = Plugin::start(Some(&self.program), copy, &grant, &[]).await?;
        checked.descriptor = Some(descriptor.clone());
        progress(Step::Proofs);
        proofs::check(&plugin, &self.vectors, checked).await;
        progress(Step::Addresses);
        addresses::check(&plugin, &self.vectors, checked).await;
        drills::run(&launch, &descriptor, self.cases, progress, checked).await
    }

    /// Permits what the library asks for.
    fn grant(&self, descriptor: &Descriptor, sha256: [u8; 32]) -> Grant {
        let namespaces = descriptor.chains.iter();
        let namespaces = namespaces.filter_map(|chain| Namespace::new(&chain.namespace).ok());
        let mut chains = descriptor.chains.iter();
        Grant {
            name: descriptor.name.clone(),
            file: String::new(),
            sha256,
            namespaces: namespaces.collect(),
            chain_ids: None,
            address_is_key: chains.any(|chain| chain.has(chain_flags::ADDRESS_IS_KEY)),
            isolation: Isolation::Process,
            // A build without optimisation may take its time; what is slow is found elsewhere.
            deadline: drills::PATIENCE,
            processes: 1,
            optional: false,
            without: self.without.clone(),
            config: self.config.clone(),
        }
    }
}

fn check_exports(facts: &elf::Facts, checked: &mut Checked) {
    if let [first, ..] = &facts.other_exports[..] {
        let count = facts.other_exports.len();
        let text = format!(
            "the library exports {count} symbols besides its descriptor, for example {first}"
        );
        checked.findings.push(Finding::new(Rule::Exports, text));
    }
}
