//! Configuration as written: one struct a section, every key known, every default safe.
//!
//! Later sources win: `countersign.toml`, then `COUNTERSIGN__SECTION__KEY`, then flags.
//! [`Settings`](crate::settings::Settings) is what it means, and says what each value must be.
//! `config.example.toml` lists every key with its default and the reason for it.

mod access;
mod draft;
mod introspection;
mod near_miss;
mod plugins;
mod secret_url;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use config::{
    ConfigBuilder, ConfigError, File, FileFormat, FileSourceFile, Map, Source, Value,
    builder::DefaultState,
};
use serde::Deserialize;

pub use access::{Access, Rule};
pub(crate) use draft::{Draft, Fault};
pub use introspection::{Introspection, IntrospectionClient};
pub(crate) use near_miss::NearMiss;
pub use plugins::{Isolation, Plugin, Plugins};
pub use secret_url::SecretUrl;

/// Everything that can be configured.
///
/// ```
/// use countersign_server::{config::{Config, Overrides}, settings::Settings};
///
/// let directory = tempfile::tempdir()?;
/// let file = directory.path().join("countersign.toml");
/// std::fs::write(&file, "[server]\nlisten = '127.0.0.1:9000'\n[ethereum]\nchain_ids = [8453]")?;
///
/// let flags = Overrides { listen: Some("127.0.0.1:9001".into()), ..Overrides::default() };
/// let config = Config::load(Some(&file), flags)?;
/// assert_eq!(config.ethereum.chain_ids, [8453]);
/// assert_eq!(config.session, Config::default().session, "what is not written has its default");
/// assert_eq!(Settings::parse(&config)?.listen().port(), 9001, "flags win over the file");
///
/// std::fs::write(&file, "[server]\nlisten_on = '127.0.0.1:9000'")?;
/// let error = Config::load(Some(&file), Overrides::default()).unwrap_err();
/// assert!(error.to_string().contains("listen_on"), "every key must be known");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether to serve stand-in routes of a platform.
    pub demo: bool,
    /// Whether settings for trying and testing may be used where others can reach them.
    pub allow_unsafe: bool,
    /// Where the server is.
    pub server: Server,
    /// Where those who run it look into it.
    pub internal: Internal,
    /// Who may ask what a token is good for.
    pub introspection: Introspection,
    /// Where it keeps what it knows.
    pub database: Database,
    /// What a signed message must say.
    pub sign_in: SignIn,
    /// What a sign-in gives.
    pub session: Session,
    /// The chains of the `eip155` namespace.
    pub ethereum: Ethereum,
    /// The networks of Alephium.
    pub alephium: Alephium,
    /// Chains that are added by plugins.
    pub plugins: Plugins,
    /// Which web pages may call.
    pub browser: Browser,
    /// Who may do what on a platform.
    pub access: Access,
    /// How often requests may come.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
}

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// IP address and port to listen on; port 0 picks a free one. Loopback, unless `public_url` is set.
    pub listen: String,
    /// The origin under which clients reach the server: https, or http for this machine. Absent: the server
    /// answers to its local names only.
    pub public_url: Option<String>,
    /// Directory of the database and the signing keys; created if it is not there.
    pub data_dir: PathBuf,
    /// Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            data_dir: "countersign-data".into(),
            trusted_proxies: vec![],
        }
    }
}

/// Where those who run the server look into it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Internal {
    /// IP address and port of a second listener, which the binary opens, for `/metrics` and introspection. Absent:
    /// the main one serves metrics, where it is local, and nobody may introspect.
    pub listen: Option<String>,
}

/// Where the server keeps what it knows.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; absent: a file of SQLite in the data
    /// directory.
    pub url: Option<SecretUrl>,
    /// Of Postgres: another way to the same database for the connection that listens to other servers; absent: `url`.
    pub listen_url: Option<SecretUrl>,
    /// Of Postgres: connections for requests at most; at least 2.
    pub max_connections: Option<u32>,
    /// Of Postgres: how long it works on a statement; at least 100.
    pub statement_timeout_ms: Option<u32>,
    /// Of Postgres: `disable`, `require` or `verify-full`; absent: the last one, unless the host is this machine.
    pub tls: Option<String>,
    /// Of Postgres, with `verify-full`: certificates of further authorities, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// What a signed message must say.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// Origins that may ask for a signature; the first is named in messages the server builds. Empty: those
    /// of the server itself.
    pub origins: Vec<String>,
    /// Further URIs accepted in a message: absolute, compared as exact text.
    pub uris: Vec<String>,
    /// How long a challenge can be answered; at least 1.
    pub challenge_ttl_seconds: u32,
    /// How many challenges may wait at once; at least 1. Over it, new ones are refused.
    pub max_challenges: u32,
    /// How far `Issued At` may lie in the future.
    pub clock_skew_seconds: u32,
    /// How far `Issued At` may lie in the past; at least `challenge_ttl_seconds`.
    pub max_message_age_seconds: u32,
    /// Whether a message must carry an `Expiration Time`.
    pub require_expiration: bool,
    /// The longest time from `Issued At` to `Expiration Time`; at least `challenge_ttl_seconds`. Absent: any.
    pub max_validity_seconds: Option<u32>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            origins: vec![],
            uris: vec![],
            challenge_ttl_seconds: 300,
            max_challenges: 100_000,
            clock_skew_seconds: 120,
            max_message_age_seconds: 900,
            require_expiration: false,
            max_validity_seconds: None,
        }
    }
}

/// What a sign-in gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// How long a session lasts; at least 1. Using it does not make it longer.
    pub ttl_seconds: u32,
    /// `iss` of session tokens (RFC 7519 §4.1.1): a name of 1 to 200 bytes.
    pub issuer: String,
    /// The directory of the keys that sign session tokens; `None` is the data directory. Servers that share a database
    /// need one that they share, too.
    pub signing_keys_dir: Option<PathBuf>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            ttl_seconds: 7 * 24 * 3600,
            issuer: "countersign".into(),
            signing_keys_dir: None,
        }
    }
}

/// The chains of the `eip155` namespace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ethereum {
    /// EIP-155 ids of the accepted chains; at least one, each once.
    pub chain_ids: Vec<u64>,
}

impl Default for Ethereum {
    fn default() -> Self {
        Self {
            chain_ids: vec![1, 10, 137, 8453, 42161, 84532],
        }
    }
}

/// The networks of Alephium.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alephium {
    /// Names of the accepted networks, as CAIP-2 references: `mainnet` for `alephium:mainnet`. None: Alephium
    /// wallets cannot sign in.
    pub networks: Vec<String>,
    /// Key types accepted besides those that wallets sign with today: `gl-secp256r1`, `gl-ed25519`,
    /// `gl-webauthn`.
    pub extra_key_types: Vec<String>,
}

impl Default for Alephium {
    fn default() -> Self {
        Self {
            networks: vec!["mainnet".into(), "testnet".into()],
            extra_key_types: vec![],
        }
    }
}

/// Which web pages may call.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Browser {
    /// Origins of those pages; absent: the origins of sign-in; empty: none may.
    pub origins: Option<Vec<String>>,
}

/// How often requests may come.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Multiplies every limit; at least 1.
    pub scale: u32,
    /// `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`: where servers share what they count. Absent: each counts by
    /// itself.
    pub redis_url: Option<SecretUrl>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            scale: 1,
            redis_url: None,
        }
    }
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a list of `module=level`.
    pub filter: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info,poem=warn,sea_orm_migration=warn,sqlx=warn".into(),
            format: LogFormat::Auto,
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// What the flags of `countersign` override. `Overrides::default()` overrides nothing.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `server.listen`.
    pub listen: Option<String>,
    /// `server.data_dir`.
    pub data_dir: Option<PathBuf>,
    /// `database.url`.
    pub database_url: Option<SecretUrl>,
}

/// The file that is read when none is named and it is there.
const DEFAULT_FILE: &str = "countersign.toml";

/// A source that holds what is no configuration.
#[derive(Debug, thiserror::Error)]
#[error("{source_name}: {fault}")]
pub struct InvalidConfig {
    /// The file or the variable.
    source_name: String,
    /// What is wrong in it, with the key.
    fault: Box<ConfigError>,
}

impl Config {
    /// Reads the file, the environment and the flags. A named file must exist; without a name
    /// `countersign.toml` in the working directory is read, if it is there. In a variable, the items of a list
    /// have a comma between them. What values mean is checked by
    /// [`Settings::parse`](crate::settings::Settings::parse).
    ///
    /// # Errors
    /// [`InvalidConfig`] names the file or variable, and the key: one that is not known, or a value of another
    /// type.
    pub fn load(file: Option<&Path>, overrides: Overrides) -> Result<Self, InvalidConfig> {
        let (path, source) = file_source(file);
        let read_file = || config::Config::builder().add_source(source.clone());
        // Each source is read by itself first, so that a fault can be told with its place.
        read(read_file(), &path.display().to_string())?;
        let mut builder = read_file();
        for variable in Variable::all() {
            read(
                config::Config::builder().add_source(variable.clone()),
                &variable.name,
            )?;
            builder = builder.add_source(variable);
        }
        let mut config = read(builder, "configuration")?;
        overrides.apply(&mut config);
        Ok(config)
    }
}

impl Overrides {
    /// The flags that were given.
    pub(crate) fn flags(&self) -> Vec<&'static str> {
        let flags = [
            self.listen.as_ref().map(|_| "--listen"),
            self.data_dir.as_ref().map(|_| "--data-dir"),
            self.database_url.as_ref().map(|_| "--database-url"),
        ];
        flags.into_iter().flatten().collect()
    }

    fn apply(self, config: &mut Config) {
        config.server.listen = self.listen.unwrap_or_else(|| config.server.listen.clone());
        config.server.data_dir = self
            .data_dir
            .unwrap_or_else(|| config.server.data_dir.clone());
        config.database.url = self.database_url.or(config.database.url.take());
    }
}

/// The file to read. The default one may be absent; if it is there, it must be readable.
fn file_source(named: Option<&Path>) -> (&Path, File<FileSourceFile, FileFormat>) {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let is_required = named.is_some() || path.exists();
    let file = File::from(path).format(FileFormat::Toml);
    (path, file.required(is_required))
}

fn read(sources: ConfigBuilder<DefaultState>, name: &str) -> Result<Config, InvalidConfig> {
    let read = sources.build().and_then(config::Config::try_deserialize);
    read.map_err(|fault| InvalidConfig {
        source_name: name.to_owned(),
        fault: Box::new(fault),
    })
}

/// A variable `COUNTERSIGN__SECTION__KEY`; lists are separated by commas.
#[derive(Debug, Clone)]
struct Variable {
    name: String,
    text: String,
}

impl Variable {
    const PREFIX: &'static str = "COUNTERSIGN__";
    const LISTS: [&'static str; 7] = [
        "server.trusted_proxies",
        "sign_in.origins",
        "sign_in.uris",
        "ethereum.chain_ids",
        "alephium.networks",
        "alephium.extra_key_types",
        "browser.origins",
    ];

    fn all() -> impl Iterator<Item = Self> {
        let ours = |(name, text): (OsString, OsString)| {
            let name = name
                .into_string()
                .ok()
                .filter(|name| name.starts_with(Self::PREFIX))?;
            // What is no UTF-8 must not pass as absent; the replacement is refused where it matters.
            Some(Self {
                name,
                text: text.to_string_lossy().into_owned(),
            })
        };
        std::env::vars_os().filter_map(ours)
    }

    fn key(&self) -> String {
        self.name[Self::PREFIX.len()..]
            .to_lowercase()
            .replace("__", ".")
    }
}

impl Source for Variable {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let key = self.key();
        let value = if Self::LISTS.contains(&key.as_str()) {
            let items = self
                .text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::new(
                Some(&self.name),
                items.map(str::to_owned).collect::<Vec<_>>(),
            )
        } else {
            Value::new(Some(&self.name), self.text.clone())
        };
        Ok([(key, value)].into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
