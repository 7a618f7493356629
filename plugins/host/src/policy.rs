//! What the operator permits: which plugins, which chains, and where they run.

use std::{path::PathBuf, time::Duration};

use countersign_core::chain::{ChainId, Namespace};

use crate::process::ChildProgram;

/// The plugins that are loaded, and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Directory of the libraries.
    pub directory: PathBuf,
    /// What runs those that have processes of their own; without it they are refused.
    pub child: Option<ChildProgram>,
    /// Each plugin, in the order of loading.
    pub plugins: Vec<Grant>,
}

/// One plugin, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name, which the library must have, too.
    pub name: String,
    /// File name of the library in the directory.
    pub file: String,
    /// SHA-256 of the library: the authority.
    pub sha256: [u8; 32],
    /// Namespaces it may serve.
    pub namespaces: Vec<Namespace>,
    /// The accepted chains; `None`: all that the library lists.
    pub chain_ids: Option<Vec<ChainId>>,
    /// Whether a wallet of its chains is the same on all of them; the library must agree.
    pub address_is_key: bool,
    /// Where it runs.
    pub isolation: Isolation,
    /// How long a call may take. In the server's own process nothing can end a call.
    pub deadline: Duration,
    /// Processes of its own, at least one; each answers one call at a time.
    pub processes: usize,
    /// Whether the server runs without it. Its namespaces then answer that they cannot be asked.
    pub optional: bool,
    /// Layers of the jail that may be missing.
    pub without: Vec<String>,
    /// Its own settings, a JSON object.
    pub config: String,
}

/// Where a plugin runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// In jailed processes of its own.
    Process,
    /// In the server's process, with all that the server may do.
    InProcess,
}

impl Isolation {
    /// The name in configuration: `process` or `in-process`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::InProcess => "in-process",
        }
    }
}
