//! The address clients know, against the one the server listens on.

use std::net::IpAddr;

use countersign_core::origin::Origin;

use super::finding::Finding;
use crate::settings::Settings;

const SUBJECT: &str = "public URL";

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let Some(url) = &settings.public_url else {
        let found =
            "none: the server answers to its local names only, for trying it on this machine";
        return vec![Finding::ok(SUBJECT, found)];
    };
    let faults: Vec<_> = [plain(settings, url), address(url), port(settings, url)]
        .into_iter()
        .flatten()
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    let way = match (url.scheme(), url.is_loopback()) {
        ("https", false) => "clients come through a proxy that ends TLS",
        ("https", true) => "clients of this machine come through a proxy that ends TLS",
        _ => "plain http, for clients of this machine",
    };
    vec![Finding::ok(SUBJECT, format!("{url}: {way}"))]
}

/// Plain http is accepted for this machine's own names only.
fn plain(settings: &Settings, url: &Origin) -> Option<Finding> {
    let is_open = !settings.listen.ip().is_loopback();
    (url.scheme() == "http" && is_open).then(|| {
        Finding::warning(
            SUBJECT,
            format!(
                "{url} names this machine only, but the server listens on {} for others too",
                settings.listen
            ),
            "set server.public_url to the https address that clients use, or server.listen to a loopback address",
        )
    })
}

/// People read the host in what they sign.
fn address(url: &Origin) -> Option<Finding> {
    let host = url.host().trim_matches(['[', ']']);
    let is_address = host.parse::<IpAddr>().is_ok() && !url.is_loopback();
    is_address.then(|| {
        Finding::warning(
            SUBJECT,
            format!(
                "{url}: an address, where wallets show people a name, and certificates need one"
            ),
            "set server.public_url to an origin with a host name, such as https://auth.example.com",
        )
    })
}

fn port(settings: &Settings, url: &Origin) -> Option<Finding> {
    let (public, listen) = (url.port()?, settings.listen.port());
    let is_https = url.scheme() == "https";
    if is_https && public == listen {
        return Some(Finding::warning(
            SUBJECT,
            format!("{url}: its port is the one the server listens on, which speaks plain http"),
            "let a proxy end TLS on another port, and set server.public_url to the proxy's origin",
        ));
    }
    // A proxy has a port of its own.
    let is_direct = settings.trusted_proxies.is_empty();
    (!is_https && is_direct && listen != 0 && public != listen).then(|| {
        Finding::warning(
            SUBJECT,
            format!("{url}: port {public}, but the server listens on port {listen}"),
            format!(
                "set server.public_url to http://{}:{listen}, or leave it out",
                url.host()
            ),
        )
    })
}
