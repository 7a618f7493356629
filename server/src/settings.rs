//! Configuration as meant: parsed once, at start, into types that cannot be wrong later.

mod access;
mod introspection;
mod plugins;

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use countersign_alephium::{Alephium, KeyType};
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
    config::{Config, LogFormat},
    store::DatabaseUrl,
};

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
    pub(crate) database: DatabaseUrl,
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
    /// How long a session lasts.
    pub(crate) session_ttl: Duration,
    /// `iss` of session tokens.
    pub(crate) issuer: String,
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
    /// What it was set to; of a database's address only the scheme.
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
        let public_url = config
            .server
            .public_url
            .as_deref()
            .map(public_url)
            .transpose()?;
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
        let default_database =
            || DatabaseUrl::sqlite(&config.server.data_dir.join("countersign.sqlite"));
        let database = match &config.database.url {
            Some(url) => url
                .parse()
                .map_err(|error| invalid("database.url", without_credentials(url), error))?,
            None => default_database(),
        };
        Ok(Self {
            demo: config.demo,
            limit_scale: limit_scale(config.limits.scale)?,
            trusted_proxies: networks(&config.server.trusted_proxies)?,
            listen,
            internal_listen: internal_listen(config)?,
            introspection_clients: introspection::clients(config)?,
            public_url,
            data_dir: config.server.data_dir.clone(),
            database,
            sign_in_origins: origins("sign_in.origins", &config.sign_in.origins)?,
            sign_in_uris: uris(&config.sign_in.uris)?,
            browser_origins: browser_origins(config)?,
            ocx_rules: access::rules(Profile::Ocx, config.access.ocx.as_ref())?,
            aura_rules: access::rules(Profile::Aura, config.access.aura.as_ref())?,
            sign_in_url: access::sign_in_url(config.access.sign_in_url.as_deref())?,
            times: time_rules(config)?,
            challenge_ttl: at_least_one(
                "sign_in.challenge_ttl_seconds",
                config.sign_in.challenge_ttl_seconds,
            )?,
            max_challenges: max_challenges(config.sign_in.max_challenges)?,
            session_ttl: at_least_one("session.ttl_seconds", config.session.ttl_seconds)?,
            issuer: issuer(&config.session.issuer)?,
            ethereum_chain_ids: chain_ids(&config.ethereum.chain_ids)?,
            alephium_networks: alephium_networks(&config.alephium.networks)?,
            alephium_extra_key_types: extra_key_types(&config.alephium.extra_key_types)?,
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

fn networks(list: &[String]) -> Result<Vec<Network>, InvalidSetting> {
    let setting = "server.trusted_proxies";
    list.iter()
        .map(|text| text.parse().map_err(|error| invalid(setting, text, error)))
        .collect()
}

/// What is safe to show of a database address: its scheme.
fn without_credentials(url: &str) -> &str {
    url.split_once("://").map_or("", |(scheme, _)| scheme)
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

/// Cookies and signatures travel to this address, so it is https unless it is this machine.
fn public_url(text: &str) -> Result<Origin, InvalidSetting> {
    let setting = "server.public_url";
    let origin: Origin = text
        .parse()
        .map_err(|error| invalid(setting, text, error))?;
    if origin.scheme() == "https" || (origin.scheme() == "http" && origin.is_loopback()) {
        return Ok(origin);
    }
    Err(invalid(
        setting,
        text,
        "expected an https origin, or http for localhost only",
    ))
}

fn browser_origins(config: &Config) -> Result<Option<Vec<Origin>>, InvalidSetting> {
    let read = |list: &Vec<String>| origins("browser.origins", list);
    config.browser.origins.as_ref().map(read).transpose()
}

fn origins(setting: &'static str, list: &[String]) -> Result<Vec<Origin>, InvalidSetting> {
    list.iter()
        .map(|text| text.parse().map_err(|error| invalid(setting, text, error)))
        .collect()
}

fn uris(list: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let is_wrong = |text: &&String| !countersign_core::message::is_uri(text);
    match list.iter().find(is_wrong) {
        Some(text) => Err(invalid(
            "sign_in.uris",
            text,
            "expected absolute RFC 3986 URIs",
        )),
        None => Ok(list.to_vec()),
    }
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

fn chain_ids(ids: &[u64]) -> Result<Vec<u64>, InvalidSetting> {
    let is_repeated = |(at, id): (usize, &u64)| ids[..at].contains(id);
    if ids.is_empty() || ids.contains(&0) || ids.iter().enumerate().any(is_repeated) {
        let expected = "expected at least one EIP-155 chain id, each once; they start at 1";
        return Err(invalid("ethereum.chain_ids", &format!("{ids:?}"), expected));
    }
    Ok(ids.to_vec())
}

/// None: Alephium wallets cannot sign in.
fn alephium_networks(names: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let is_repeated = |(at, name): (usize, &String)| names[..at].contains(name);
    if Alephium::new(names).is_err() || names.iter().enumerate().any(is_repeated) {
        let expected = "expected names of 1 to 32 of a-z, A-Z, 0-9, - and _, each once";
        return Err(invalid("alephium.networks", &names.join(", "), expected));
    }
    Ok(names.to_vec())
}

fn extra_key_types(names: &[String]) -> Result<Vec<KeyType>, InvalidSetting> {
    let is_extra = |key_type: &KeyType| !KeyType::ON_BY_DEFAULT.contains(key_type);
    let read = |name: &String| {
        let mut extra = KeyType::ALL.into_iter().filter(is_extra);
        let named = extra.find(|key_type| key_type.as_str() == name);
        named.ok_or_else(|| {
            let expected = "expected gl-secp256r1, gl-ed25519 or gl-webauthn";
            invalid("alephium.extra_key_types", name, expected)
        })
    };
    names.iter().map(read).collect()
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
mod tests {
    use super::*;

    fn refusal(change: impl Fn(&mut Config)) -> String {
        let mut config = Config::default();
        change(&mut config);
        Settings::parse(&config)
            .expect_err("the setting was accepted")
            .to_string()
    }

    #[test]
    fn the_defaults_are_valid() {
        assert!(Settings::parse(&Config::default()).is_ok());
    }

    #[test]
    fn what_is_for_testing_stays_on_loopback_unless_allowed() {
        let public = |change: fn(&mut Config)| {
            let mut config = Config::default();
            config.server.listen = "0.0.0.0:80".into();
            config.server.public_url = Some("https://id.example.com".into());
            change(&mut config);
            Settings::parse(&config)
                .map(|_| ())
                .map_err(|error| error.setting)
        };
        assert_eq!(public(|_| {}), Ok(()));
        assert_eq!(public(|c| c.demo = true), Err("demo"));
        assert_eq!(public(|c| c.limits.scale = 10), Err("limits.scale"));
        assert_eq!(
            public(|c| {
                c.demo = true;
                c.limits.scale = 10;
                c.allow_unsafe = true;
            }),
            Ok(())
        );
    }

    #[test]
    fn a_refusal_names_the_setting_and_what_was_expected() {
        assert!(
            refusal(|c| c.server.listen = "localhost".into())
                .starts_with("server.listen = \"localhost\": expected an IP")
        );
        assert!(
            refusal(|c| c.server.listen = "0.0.0.0:80".into())
                .contains("server.public_url to be set")
        );
        assert!(
            refusal(|c| c.server.public_url = Some("http://example.com".into())).contains("https")
        );
        assert!(
            refusal(|c| c.browser.origins = Some(vec!["*".into()]))
                .contains("browser.origins = \"*\"")
        );
        assert!(
            refusal(|c| c.browser.origins = Some(vec!["null".into()]))
                .contains("browser.origins = \"null\"")
        );
        assert!(
            refusal(|c| c.database.url = Some("postgres://x".into())).contains("sqlite://PATH")
        );
        assert!(refusal(|c| c.sign_in.uris = vec!["app".into()]).contains("RFC 3986"));
        assert!(refusal(|c| c.log.filter = "a=b=c".into()).contains("module=level"));
        assert!(refusal(|c| c.session.ttl_seconds = 0).contains("at least 1"));
        assert!(refusal(|c| c.ethereum.chain_ids = vec![0]).contains("start at 1"));
        assert!(refusal(|c| c.ethereum.chain_ids = vec![]).contains("at least one"));
        assert!(refusal(|c| c.ethereum.chain_ids = vec![1, 1]).contains("each once"));
        assert!(
            refusal(|c| c.alephium.networks = vec!["main net".into()])
                .contains("alephium.networks")
        );
        assert!(
            refusal(|c| c.alephium.extra_key_types = vec!["default".into()])
                .contains("gl-webauthn")
        );
        assert!(refusal(|c| c.sign_in.max_challenges = 0).contains("at least 1"));
        assert!(
            refusal(|c| c.sign_in.max_validity_seconds = Some(60))
                .contains("challenge_ttl_seconds")
        );
        assert!(refusal(|c| c.limits.scale = 0).contains("at least 1"));
        assert!(
            refusal(|c| c.internal.listen = Some("9464".into()))
                .starts_with("internal.listen = \"9464\": expected an IP")
        );
        assert!(
            refusal(|c| c.server.trusted_proxies = vec!["10.0.0.1/8".into()]).contains("host bits")
        );
        assert!(refusal(|c| c.session.issuer = "i".repeat(201)).contains("1 to 200"));
        let refused = refusal(|c| c.database.url = Some("postgres://user:password@db".into()));
        assert!(!refused.contains("password"), "{refused}");
    }
}
