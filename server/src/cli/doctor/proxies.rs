//! Whose word counts on where a request comes from.

use countersign_core::allowlist::Network;

use super::finding::Finding;
use crate::settings::Settings;

const SUBJECT: &str = "proxies";
/// Blocks that private networks take their addresses from (RFC 1918, RFC 6598, RFC 4193).
const PRIVATE: [&str; 5] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
];
/// Addresses from which a proxy on this machine may come.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
/// Shorter prefixes hold more than any private block.
const SHORTEST_IPV4: u8 = 8;
const SHORTEST_IPV6: u8 = 7;
const NAME_THE_PROXIES: &str = "set server.trusted_proxies to the addresses of the proxies alone";

pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let trusted = &settings.trusted_proxies;
    let faults: Vec<_> = trusted
        .iter()
        .filter_map(too_wide)
        .chain(missing(settings))
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    let names: Vec<_> = trusted.iter().map(ToString::to_string).collect();
    let found = match trusted.is_empty() {
        true => "none: forwarding headers are ignored".to_owned(),
        false => format!("X-Forwarded-For is believed from {}", names.join(", ")),
    };
    vec![Finding::ok(SUBJECT, found)]
}

/// Whoever is trusted can pretend to be any client.
fn too_wide(network: &Network) -> Option<Finding> {
    let shortest = if network.is_ipv4() {
        SHORTEST_IPV4
    } else {
        SHORTEST_IPV6
    };
    if network.prefix_length() < shortest {
        return Some(Finding::problem(
            SUBJECT,
            format!(
                "{network} trusts strangers: they can pretend to be any client, past limits and allowlists of API keys"
            ),
            NAME_THE_PROXIES,
        ));
    }
    let is_covered = |block: &str| {
        let block = block.parse().expect("the blocks are networks");
        network.covers(&block)
    };
    PRIVATE.into_iter().any(is_covered).then(|| {
        let found = format!(
            "{network} is a whole private range: every machine with such an address is trusted"
        );
        Finding::warning(SUBJECT, found, NAME_THE_PROXIES)
    })
}

/// Behind https stands somebody who ends TLS, because this server does not.
fn missing(settings: &Settings) -> Option<Finding> {
    let url = settings.public_url.as_ref()?;
    if url.scheme() != "https" {
        return None;
    }
    let consequence =
        "all clients count as one for limits, and API keys with an allowlist are refused";
    let (listen, trusted) = (settings.listen.ip(), &settings.trusted_proxies);
    if listen.is_loopback() {
        let is_local = |network: &Network| {
            let is_covered = |block: &str| {
                let block: Network = block.parse().expect("the blocks are networks");
                block.covers(network)
            };
            network.contains(listen) || LOOPBACK.into_iter().any(is_covered)
        };
        let is_trusted = trusted.iter().any(is_local);
        return (!is_trusted).then(|| {
            Finding::warning(
                SUBJECT,
                format!("{url} comes through a proxy on this machine, which is not trusted: {consequence}"),
                format!("add it: server.trusted_proxies = [\"{listen}\"]"),
            )
        });
    }
    trusted.is_empty().then(|| {
        Finding::warning(
            SUBJECT,
            format!("{url} needs a proxy that ends TLS, and none is trusted: {consequence}"),
            "set server.trusted_proxies to the proxy's address, and let only the proxy reach server.listen",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_trust_is_judged_by_the_size_of_the_network() {
        for (network, expected) in [
            ("0.0.0.0/0", "problem"),
            ("128.0.0.0/1", "problem"),
            ("::/0", "problem"),
            ("2000::/3", "problem"),
            ("::ffff:0:0/96", "problem"),
            ("10.0.0.0/8", "warning"),
            ("172.16.0.0/12", "warning"),
            ("192.168.0.0/16", "warning"),
            ("100.64.0.0/10", "warning"),
            ("fc00::/7", "warning"),
            ("10.1.0.0/16", "ok"),
            ("192.168.1.0/24", "ok"),
            ("fd00:1::/64", "ok"),
            ("203.0.113.7", "ok"),
        ] {
            let line = too_wide(&network.parse().unwrap()).map(|finding| finding.to_string());
            let level = line.as_deref().map_or("ok", |line| &line[..7]);
            assert_eq!(level, expected, "{network}");
        }
    }
}
