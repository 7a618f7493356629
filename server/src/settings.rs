//! Configuration as meant: parsed once, at start, into types that cannot be wrong later.

mod access;
mod chains;
mod database;
mod introspection;
mod plugins;
mod web;

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use countersign_alephium::KeyType;
use countersign_core::{
    allowlist::Network,
    expected::TimeRules,
    origin::Origin,
    profile::Profile,
    service::{Rule, Rules},
};
use countersign_plugin_host::{ChildProgram, Policy};
use time::Duration;
use tracing_subscriber::EnvFilter;

pub(crate) use introspection::{IntrospectionClient, is_name as is_service_name};

use crate::{
    config::{Config, LogFormat, SecretUrl},
    shared_permits::RedisUrl,
    store::Location,
};

/// Credentials remembered at most; less than 400 bytes each. Those over it are looked up every time.
const MAX_CREDENTIALS: usize = 200_000;

/// What the server runs by.
///
/// ```
/// use countersign_server::{config::Config, settings::Settings};
///
/// let mut config = Config::default();
/// assert_eq!(Settings::parse(&config)?.listen().to_string(), "127.0.0.1:8080");
///
/// config.server.public_url = Some("http://auth.example.com".into());
/// let error = Settings::parse(&config).unwrap_err();
/// assert_eq!(error.setting, "server.public_url");
/// assert_eq!(error.expected, "an https origin, or http for localhost only");
/// # Ok::<(), countersign_server::settings::InvalidSetting>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether to serve stand-in routes of a platform.
    pub(crate) demo: bool,
    /// Multiplies every rate limit.
    pub(crate) limit_scale: u32,
    /// Where servers share what they count, if they do.
    pub(crate) redis: Option<RedisUrl>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where metrics are served to those who run the server, if an address of their own is set.
    pub(crate) internal_listen: Option<SocketAddr>,
    /// The services that may ask there what a token is good for.
    pub(crate) introspection_clients: Vec<IntrospectionClient>,
    /// The origin clients know, if one is set.
    pub(crate) public_url: Option<Origin>,
    /// Directory of the signing keys and, by default, the database.
    pub(crate) data_dir: PathBuf,
    /// The database.
    pub(crate) database: Location,
    /// Origins that may ask for a signature; empty: those of the server itself.
    pub(crate) sign_in_origins: Vec<Origin>,
    /// Further URIs accepted in a message.
    pub(crate) sign_in_uris: Vec<String>,
    /// Origins of the web pages that may call; `None`: those of sign-in.
    pub(crate) browser_origins: Option<Vec<Origin>>,
    /// The rules of OCX's platform, if it has its own.
    pub(crate) ocx_rules: Option<Vec<Rule>>,
    /// The rules of Aura's platform, if it has its own.
    pub(crate) aura_rules: Option<Vec<Rule>>,
    /// Where forward-auth sends browsers that nobody is signed in with.
    pub(crate) sign_in_url: Option<String>,
    /// How a message's own times are judged.
    pub(crate) times: TimeRules,
    /// How long a challenge can be answered.
    pub(crate) challenge_ttl: Duration,
    /// How many challenges may wait at once.
    pub(crate) max_challenges: u64,
    /// How many credentials are remembered at once.
    pub(crate) max_credentials: usize,
    /// How long a session lasts.
    pub(crate) session_ttl: Duration,
    /// `iss` of session tokens.
    pub(crate) issuer: String,
    /// The directory of the keys that sign session tokens.
    pub(crate) signing_keys_dir: PathBuf,
    /// EIP-155 ids of the accepted chains.
    pub(crate) ethereum_chain_ids: Vec<u64>,
    /// Names of the accepted networks of Alephium.
    pub(crate) alephium_networks: Vec<String>,
    /// Alephium's key types accepted besides those that are on by default.
    pub(crate) alephium_extra_key_types: Vec<KeyType>,
    /// The plugins, and what they may do.
    pub(crate) plugins: Policy,
    /// What is logged.
    pub(crate) log_filter: String,
    /// How log lines look.
    pub(crate) log_format: LogFormat,
}

/// A setting whose value means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} = {value:?}: expected {expected}")]
pub struct InvalidSetting {
    /// The setting, as `section.key`.
    pub setting: &'static str,
    /// What it was set to; of the address of a database or Redis only the scheme.
    pub value: String,
    /// What would have been accepted, in words that follow "expected".
    pub expected: String,
}

impl Settings {
    /// Address and port to listen on, as configured: port 0 is not a real one yet.
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Runs plugins that have processes of their own by this program, which must call
    /// [`plugin_host`](crate::plugin_host) first and start no thread before. Without it such plugins are refused.
    #[must_use]
    pub fn with_plugin_program(mut self, program: ChildProgram) -> Self {
        self.plugins.child = Some(program);
        self
    }

    /// Remembers at most so many credentials, in place of 200,000. With 0 every request asks the database, so that what that costs can be measured.
    #[must_use]
    pub fn with_remembered_credentials(mut self, at_most: usize) -> Self {
        self.max_credentials = at_most;
        self
    }

    /// Parses and checks a configuration.
    ///
    /// # Errors
    /// [`InvalidSetting`], the first one.
    pub fn parse(config: &Config) -> Result<Self, InvalidSetting> {
        let listen: SocketAddr = parse(
            "server.listen",
            &config.server.listen,
            "an IP address and port, such as 127.0.0.1:8080",
        )?;
        let public_url = config.server.public_url.as_deref();
        let public_url = public_url.map(web::public_url).transpose()?;
        if public_url.is_none() && !listen.ip().is_loopback() {
            let expected =
                "server.public_url to be set when the address is not this machine's own".to_owned();
            return Err(InvalidSetting {
                setting: "server.listen",
                value: config.server.listen.clone(),
                expected,
            });
        }
        check_unsafe(config, listen)?;
        Ok(Self {
            demo: config.demo,
            limit_scale: limit_scale(config.limits.scale)?,
            redis: redis(config)?,
            trusted_proxies: networks(&config.server.trusted_proxies)?,
            listen,
            internal_listen: internal_listen(config)?,
            introspection_clients: introspection::clients(config)?,
            public_url,
            data_dir: config.server.data_dir.clone(),
            database: database::location(config)?,
            sign_in_origins: web::origins("sign_in.origins", &config.sign_in.origins)?,
            sign_in_uris: web::uris(&config.sign_in.uris)?,
            browser_origins: web::browser_origins(config)?,
            ocx_rules: access::rules(Profile::Ocx, config.access.ocx.as_ref())?,
            aura_rules: access::rules(Profile::Aura, config.access.aura.as_ref())?,
            sign_in_url: web::sign_in_url(config.access.sign_in_url.as_deref())?,
            times: time_rules(config)?,
            challenge_ttl: at_least_one(
                "sign_in.challenge_ttl_seconds",
                config.sign_in.challenge_ttl_seconds,
            )?,
            max_challenges: max_challenges(config.sign_in.max_challenges)?,
            max_credentials: MAX_CREDENTIALS,
            session_ttl: at_least_one("session.ttl_seconds", config.session.ttl_seconds)?,
            issuer: issuer(&config.session.issuer)?,
            signing_keys_dir: signing_keys_dir(config),
            ethereum_chain_ids: chains::chain_ids(&config.ethereum.chain_ids)?,
            alephium_networks: chains::alephium_networks(&config.alephium.networks)?,
            alephium_extra_key_types: chains::extra_key_types(&config.alephium.extra_key_types)?,
            plugins: plugins::policy(&config.plugins)?,
            log_filter: log_filter(&config.log.filter)?,
            log_format: config.log.format,
        })
    }
}

impl Settings {
    /// The rules of a dialect and its platform.
    pub(crate) fn rules(&self, profile: Profile) -> Rules {
        let platform = match profile {
            Profile::Ocx => &self.ocx_rules,
            Profile::Aura => &self.aura_rules,
        };
        Rules::of(profile, platform.clone())
    }

    /// Whether the main listener serves metrics: as long as nobody but this machine reaches it and no
    /// other listener is set. With a public URL clients come through a proxy on this machine, too.
    pub(crate) fn has_metrics_on_main(&self) -> bool {
        self.internal_listen.is_none() && self.public_url.is_none()
    }
}

fn internal_listen(config: &Config) -> Result<Option<SocketAddr>, InvalidSetting> {
    let expected = "an IP address and port, such as 127.0.0.1:9464";
    let read = |text: &String| parse("internal.listen", text, expected);
    config.internal.listen.as_ref().map(read).transpose()
}

/// What is for trying and testing must not be reached by others by mistake.
fn check_unsafe(config: &Config, listen: SocketAddr) -> Result<(), InvalidSetting> {
    if config.allow_unsafe || listen.ip().is_loopback() {
        return Ok(());
    }
    let where_not = "where others can reach the server; allow_unsafe = true permits it";
    if config.demo {
        return Err(invalid("demo", "true", format!("false {where_not}")));
    }
    match config.limits.scale {
        1 => Ok(()),
        scale => Err(invalid(
            "limits.scale",
            &scale.to_string(),
            format!("1 {where_not}"),
        )),
    }
}

fn limit_scale(scale: u32) -> Result<u32, InvalidSetting> {
    if scale == 0 {
        return Err(invalid("limits.scale", "0", "expected at least 1"));
    }
    Ok(scale)
}

fn redis(config: &Config) -> Result<Option<RedisUrl>, InvalidSetting> {
    let read = |url: &SecretUrl| {
        let parsed = url.expose().parse();
        parsed.map_err(|error: &str| invalid("limits.redis_url", url.scheme(), error))
    };
    config.limits.redis_url.as_ref().map(read).transpose()
}

fn networks(list: &[String]) -> Result<Vec<Network>, InvalidSetting> {
    let setting = "server.trusted_proxies";
    list.iter()
        .map(|text| text.parse().map_err(|error| invalid(setting, text, error)))
        .collect()
}

fn time_rules(config: &Config) -> Result<TimeRules, InvalidSetting> {
    let rules = &config.sign_in;
    let limits = [
        (
            "sign_in.max_message_age_seconds",
            Some(rules.max_message_age_seconds),
        ),
        ("sign_in.max_validity_seconds", rules.max_validity_seconds),
    ];
    for (setting, seconds) in limits {
        if let Some(seconds) = seconds.filter(|seconds| *seconds < rules.challenge_ttl_seconds) {
            let expected = "expected at least sign_in.challenge_ttl_seconds, or no challenge could be answered to its end";
            return Err(invalid(setting, &seconds.to_string(), expected));
        }
    }
    Ok(TimeRules {
        clock_skew: Duration::seconds(rules.clock_skew_seconds.into()),
        max_age: Duration::seconds(rules.max_message_age_seconds.into()),
        requires_expiration: rules.require_expiration,
        max_validity: rules
            .max_validity_seconds
            .map_or(Duration::MAX, |seconds| Duration::seconds(seconds.into())),
    })
}

fn signing_keys_dir(config: &Config) -> PathBuf {
    let named = config.session.signing_keys_dir.as_ref();
    named.unwrap_or(&config.server.data_dir).clone()
}

/// It stands in every token, and a token has a bounded length.
fn issuer(text: &str) -> Result<String, InvalidSetting> {
    if (1..=200).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(invalid(
        "session.issuer",
        text,
        "expected 1 to 200 characters",
    ))
}

fn log_filter(text: &str) -> Result<String, InvalidSetting> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(invalid(
            "log.filter",
            text,
            "expected a level, or module=level separated by commas",
        )),
    }
}

fn max_challenges(count: u32) -> Result<u64, InvalidSetting> {
    if count == 0 {
        return Err(invalid(
            "sign_in.max_challenges",
            "0",
            "expected at least 1",
        ));
    }
    Ok(count.into())
}

fn at_least_one(setting: &'static str, seconds: u32) -> Result<Duration, InvalidSetting> {
    if seconds == 0 {
        return Err(invalid(setting, "0", "expected at least 1"));
    }
    Ok(Duration::seconds(seconds.into()))
}

fn parse<T: FromStr>(
    setting: &'static str,
    text: &str,
    expected: &str,
) -> Result<T, InvalidSetting> {
    text.parse().map_err(|_| invalid(setting, text, expected))
}

fn invalid(setting: &'static str, value: &str, expected: impl ToString) -> InvalidSetting {
    let expected = expected.to_string();
    let expected = expected
        .strip_prefix("expected ")
        .unwrap_or(&expected)
        .to_owned();
    InvalidSetting {
        setting,
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests;
