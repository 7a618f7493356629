//! `countersign config check`

use super::{Common, Outcome, print};
use crate::{metrics, settings::Settings, site::Site};

pub(super) fn run(common: &Common) -> Outcome {
    let settings = common.settings()?;
    let site = Site::new(&settings, settings.listen);
    let list = |origins: &[countersign_core::origin::Origin]| {
        origins
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let chains = chains(&settings);
    let proxies: Vec<_> = settings
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    print(&format!(
        "the configuration is valid\n\
         listens on          {}\n\
         metrics             {}\n\
         data directory      {}\n\
         database            {}\n\
         accepts sign-in for {}\n\
         web pages allowed   {}\n\
         cookie              {}\n\
         chains              {chains}\n\
         trusted proxies     {}\n\
         rate limits         {}\n\
         demo routes         {}\n",
        settings.listen,
        metrics(&settings),
        settings.data_dir.display(),
        settings.database,
        list(&site.sign_in_origins),
        list(&site.browser_origins),
        if site.is_https {
            "https only"
        } else {
            "plain http, for local development"
        },
        if proxies.is_empty() {
            "none".to_owned()
        } else {
            proxies.join(", ")
        },
        match settings.limit_scale {
            1 => "as documented".to_owned(),
            scale => format!("multiplied by {scale}, for testing"),
        },
        if settings.demo {
            "served"
        } else {
            "not served"
        },
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

/// The accepted chains, as CAIP-2.
fn chains(settings: &Settings) -> String {
    let ethereum = settings
        .ethereum_chain_ids
        .iter()
        .map(|id| format!("eip155:{id}"));
    let alephium = settings
        .alephium_networks
        .iter()
        .map(|name| format!("alephium:{name}"));
    ethereum.chain(alephium).collect::<Vec<_>>().join(", ")
}
