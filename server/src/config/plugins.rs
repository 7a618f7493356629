//! Chains that are added by plugins, as written.

use std::path::PathBuf;

use serde::Deserialize;

/// Chains that are added by plugins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plugins {
    /// Directory of the libraries. Nobody but its owner may write to it or to one above it.
    pub dir: PathBuf,
    /// The plugins that are loaded, and no others.
    pub load: Vec<Plugin>,
}

impl Default for Plugins {
    fn default() -> Self {
        Self {
            dir: "plugins".into(),
            load: vec![],
        }
    }
}

/// One plugin, and what it may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// Its name, which is the one in the library.
    pub name: String,
    /// File name of the library, in the directory of plugins.
    pub file: String,
    /// SHA-256 of the library, in hex: the authority. Another file is not loaded.
    pub sha256: String,
    /// Namespaces of chains that it may serve.
    pub namespaces: Vec<String>,
    /// The accepted chains, as CAIP-2; absent: all that the library lists.
    #[serde(default)]
    pub chain_ids: Option<Vec<String>>,
    /// Whether a wallet of its chains is the same on all of them. The library must say so, too.
    #[serde(default)]
    pub address_is_key: bool,
    /// Where it runs.
    #[serde(default)]
    pub isolation: Isolation,
    /// How long a call may take, in milliseconds; at least 1.
    #[serde(default = "Plugin::default_deadline_ms")]
    pub deadline_ms: u32,
    /// Processes of its own, which answer one call each at a time; 1 to 64.
    #[serde(default = "Plugin::default_processes")]
    pub processes: u32,
    /// Whether the server starts without it; its chains then answer 503.
    #[serde(default)]
    pub optional: bool,
    /// Layers of the jail that may be missing.
    #[serde(default)]
    pub without: Vec<String>,
    /// Its own settings.
    #[serde(default)]
    pub config: serde_json::Map<String, serde_json::Value>,
}

impl Plugin {
    fn default_deadline_ms() -> u32 {
        200
    }

    fn default_processes() -> u32 {
        2
    }
}

/// Where a plugin runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// In jailed processes of its own.
    #[default]
    Process,
    /// In the server's process, with all that the server may do.
    InProcess,
}
