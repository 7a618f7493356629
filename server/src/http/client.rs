//! Where a request comes from: the socket's peer, or what trusted proxies say.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use countersign_core::{allowlist::Network, client_address::ClientAddress};
use poem::{
    Addr, Request,
    http::{HeaderMap, HeaderName, header},
};

/// What proxies put a client's address into. Only the first is ever believed.
static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
/// Peers that are told apart in the log at most.
const MAX_PEERS: usize = 1000;

/// Reads the address of clients.
#[derive(Debug)]
pub(crate) struct Proxies {
    trusted: Vec<Network>,
    /// Requests with a forwarding header from elsewhere, and the peers they came from.
    disputed: AtomicU64,
    peers: Mutex<HashSet<IpAddr>>,
}

impl Proxies {
    /// These proxies are believed.
    pub(crate) fn new(trusted: Vec<Network>) -> Self {
        Self {
            trusted,
            disputed: AtomicU64::new(0),
            peers: Mutex::default(),
        }
    }

    /// How many requests came with a forwarding header that was ignored.
    pub(crate) fn disputed(&self) -> u64 {
        self.disputed.load(Ordering::Relaxed)
    }

    /// Whether a request comes from a proxy that is believed.
    pub(crate) fn trusts(&self, request: &Request) -> bool {
        match &request.remote_addr().0 {
            Addr::SocketAddr(address) => self.is_trusted(address.ip().to_canonical()),
            _ => false,
        }
    }

    /// The address a request comes from.
    pub(crate) fn client(&self, request: &Request) -> ClientAddress {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => address.ip().to_canonical(),
            _ => {
                return ClientAddress::Unknown {
                    peer: Ipv4Addr::UNSPECIFIED.into(),
                };
            }
        };
        let client = resolve(&self.trusted, peer, request.headers());
        if let ClientAddress::Disputed { peer } = client {
            self.note(peer);
        }
        client
    }

    /// The client that one `X-Forwarded-For` line of a believed proxy tells of.
    pub(crate) fn client_in(&self, line: &str) -> Option<IpAddr> {
        client_in([line.as_bytes()].into_iter(), |hop| self.is_trusted(hop))
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        contains(&self.trusted, address)
    }

    /// Counts, and tells the operator once of each peer.
    fn note(&self, peer: IpAddr) {
        let requests = self.disputed.fetch_add(1, Ordering::Relaxed) + 1;
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if peers.len() < MAX_PEERS && peers.insert(peer) {
            tracing::warn!(
                %peer, requests,
                "ignoring forwarding headers of a peer that is not in server.trusted_proxies; \
                 API keys with an allowlist are refused on its requests"
            );
        }
    }
}

/// Walks from the socket's peer through the entries of all `X-Forwarded-For` lines, from the
/// right, past trusted proxies; who comes before the last of them is the client.
fn resolve(trusted: &[Network], peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
    let is_trusted = |address| contains(trusted, address);
    if !is_trusted(peer) {
        let is_forwarded = [&FORWARDED_FOR, &REAL_IP, &header::FORWARDED]
            .iter()
            .any(|name| headers.contains_key(*name));
        return if is_forwarded {
            ClientAddress::Disputed { peer }
        } else {
            ClientAddress::Known(peer)
        };
    }
    let lines = headers.get_all(&FORWARDED_FOR).iter().rev();
    match client_in(lines.map(|line| line.as_bytes()), is_trusted) {
        Some(client) => ClientAddress::Known(client),
        None => ClientAddress::Unknown { peer },
    }
}

/// The first address from the right that is none of the trusted; the last line comes first.
fn client_in<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let entries = lines.flat_map(|line| line.rsplit(|byte| *byte == b','));
    for entry in entries {
        let hop = address(entry)?;
        if !is_trusted(hop) {
            return Some(hop);
        }
    }
    None
}

fn contains(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry.trim_ascii()).ok()?;
    text.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> ClientAddress {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"].map(|text| text.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        resolve(&trusted, peer.parse().unwrap(), &map)
    }

    fn known(address: &str) -> ClientAddress {
        ClientAddress::Known(address.parse().unwrap())
    }

    fn unknown() -> ClientAddress {
        ClientAddress::Unknown {
            peer: "10.0.0.1".parse().unwrap(),
        }
    }

    #[test]
    fn without_headers_it_is_the_peer() {
        assert_eq!(client("203.0.113.7", &[]), known("203.0.113.7"));
    }

    #[test]
    fn a_forwarding_header_of_a_stranger_is_disputed() {
        let peer = "203.0.113.7".parse().unwrap();
        for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            let client = client("203.0.113.7", &[(header, "198.51.100.1")]);
            assert_eq!(client, ClientAddress::Disputed { peer }, "{header}");
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_from_the_right() {
        for (forwarded, expected) in [
            ("198.51.100.1", known("198.51.100.1")),
            ("1.1.1.1, 198.51.100.1", known("198.51.100.1")),
            ("1.1.1.1,198.51.100.1 , 10.2.3.4", known("198.51.100.1")),
            ("::ffff:198.51.100.1", known("198.51.100.1")),
            ("2001:db8:1::1,::ffff:10.0.0.9", unknown()),
            ("2001:db9::1, 2001:db8::5", known("2001:db9::1")),
            ("junk, 198.51.100.1", known("198.51.100.1")),
            ("198.51.100.1, junk", unknown()),
            ("198.51.100.1, 10.0.0.2, unknown, 10.0.0.3", unknown()),
            ("198.51.100.1:1234", unknown()),
            ("[2001:db9::1]", unknown()),
            ("198.51.100.1,", unknown()),
            ("", unknown()),
            ("10.0.0.2, 10.0.0.3", unknown()),
        ] {
            assert_eq!(
                client("10.0.0.1", &[("x-forwarded-for", forwarded)]),
                expected,
                "{forwarded}"
            );
        }
        assert_eq!(client("10.0.0.1", &[]), unknown());
    }

    #[test]
    fn all_lines_are_one_list() {
        let lines = [
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(client("10.0.0.1", &lines), known("198.51.100.1"));
        let lines = [
            ("x-forwarded-for", "10.0.0.2"),
            ("x-forwarded-for", "198.51.100.1"),
        ];
        assert_eq!(client("10.0.0.1", &lines), known("198.51.100.1"));
    }

    #[test]
    fn a_trusted_proxys_other_headers_are_not_read() {
        for header in ["forwarded", "x-real-ip"] {
            assert_eq!(
                client("10.0.0.1", &[(header, "198.51.100.1")]),
                unknown(),
                "{header}"
            );
            let both = [(header, "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")];
            assert_eq!(client("10.0.0.1", &both), known("198.51.100.1"), "{header}");
        }
    }
}
