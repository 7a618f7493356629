//! `countersign config check`

use std::fmt::Display;

use countersign_core::origin::Origin;
use countersign_plugin_host::{Grant, Isolation};

use super::{Common, Outcome, print};
use crate::{config::LogFormat, metrics, settings::Settings, site::Site};

pub(super) fn run(common: &Common) -> Outcome {
    let settings = common.settings()?;
    let site = Site::new(&settings, settings.listen);
    let lines = [
        (
            "read from",
            list(&common.sources(), "nothing: all defaults"),
        ),
        ("demo routes", demo(&settings)),
        ("listens on", settings.listen.to_string()),
        ("metrics", metrics(&settings)),
        ("introspection", list(&services(&settings), "not served")),
        ("public URL", public_url(&settings)),
        ("data directory", settings.data_dir.display().to_string()),
        (
            "signing keys",
            settings.signing_keys_dir.display().to_string(),
        ),
        ("trusted proxies", list(&settings.trusted_proxies, "none")),
        ("database", settings.database.to_string()),
        ("sign-in origins", list(&site.sign_in_origins, "none")),
        ("further URIs", list(&settings.sign_in_uris, "none")),
        ("sessions last", session(&settings)),
        ("session cookie", cookie(&site)),
        ("chains", list(&chains(&settings), "none")),
        ("plugins", list(&plugins(&settings), "none")),
        ("web pages", pages(&site.browser_origins)),
        ("access rules", rules(&settings)),
        ("sign-in page", page(&settings)),
        ("rate limits", limits(&settings)),
        ("log", log(&settings)),
    ];
    let lines: String = lines
        .iter()
        .map(|(name, value)| format!("{name:<17}{value}\n"))
        .collect();
    print(&format!(
        "the configuration is valid\n{lines}\
         `countersign doctor` looks at what it is about, too: files, database, ports, clock\n"
    ))?;
    Ok(())
}

/// Where metrics are.
fn metrics(settings: &Settings) -> String {
    let on_main = settings.has_metrics_on_main().then_some(settings.listen);
    match settings.internal_listen.or(on_main) {
        Some(address) => format!("http://{address}{}", metrics::PATH),
        None => "not served; set internal.listen".to_owned(),
    }
}

/// The services that may ask about tokens.
fn services(settings: &Settings) -> Vec<String> {
    let clients = settings.introspection_clients.iter();
    clients
        .map(|client| format!("for {} ({})", client.name, client.profile.as_str()))
        .collect()
}

/// Each with where it runs.
fn plugins(settings: &Settings) -> Vec<String> {
    let grants = settings.plugins.plugins.iter();
    let name = |grant: &Grant| match grant.isolation {
        Isolation::Process => grant.name.clone(),
        Isolation::InProcess => format!("{} (in the server's own process)", grant.name),
    };
    grants.map(name).collect()
}

fn list(entries: &[impl Display], none: &str) -> String {
    let texts: Vec<_> = entries.iter().map(ToString::to_string).collect();
    match texts.is_empty() {
        true => none.to_owned(),
        false => texts.join(", "),
    }
}

/// Whose rules they are, and how many.
fn rules(settings: &Settings) -> String {
    let of = |name: &str, own: &Option<Vec<_>>| match own {
        Some(rules) => format!("{name}: {} of your own", rules.len()),
        None => format!("{name}: the dialect's"),
    };
    let (ocx, aura) = (&settings.ocx_rules, &settings.aura_rules);
    format!("{}; {}", of("ocx", ocx), of("aura", aura))
}

/// Where forward-auth sends browsers.
fn page(settings: &Settings) -> String {
    let unset = || "none; forward-auth answers browsers with 401".to_owned();
    settings.sign_in_url.clone().unwrap_or_else(unset)
}

fn demo(settings: &Settings) -> String {
    match settings.demo {
        true => "served, for trying and testing".to_owned(),
        false => "not served".to_owned(),
    }
}

fn public_url(settings: &Settings) -> String {
    let none = || "none; only this machine's own names are answered to".to_owned();
    settings
        .public_url
        .as_ref()
        .map_or_else(none, ToString::to_string)
}

fn session(settings: &Settings) -> String {
    let seconds = settings.session_ttl.whole_seconds();
    format!("{seconds} s, issued by {:?}", settings.issuer)
}

fn cookie(site: &Site) -> String {
    match site.is_https {
        true => "https only".to_owned(),
        false => "plain http, for local development".to_owned(),
    }
}

/// The accepted chains, as CAIP-2.
fn chains(settings: &Settings) -> Vec<String> {
    let ethereum = &settings.ethereum_chain_ids;
    let alephium = &settings.alephium_networks;
    let ethereum = ethereum.iter().map(|id| format!("eip155:{id}"));
    let alephium = alephium.iter().map(|name| format!("alephium:{name}"));
    ethereum.chain(alephium).collect()
}

fn pages(origins: &[Origin]) -> String {
    list(origins, "none may sign in or read answers")
}

fn limits(settings: &Settings) -> String {
    let scale = match settings.limit_scale {
        1 => "as documented".to_owned(),
        scale => format!("multiplied by {scale}, for trying and testing"),
    };
    match &settings.redis {
        Some(redis) => format!("{scale}; shared in {redis}"),
        None => format!("{scale}; counted by this server alone"),
    }
}

fn log(settings: &Settings) -> String {
    let format = match settings.log_format {
        LogFormat::Auto => "human on a terminal, JSON otherwise",
        LogFormat::Human => "human",
        LogFormat::Json => "JSON",
    };
    format!("{}; {format}", settings.log_filter)
}
