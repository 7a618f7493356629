//! Where a request comes from, and how far that can be believed.

use std::net::{IpAddr, Ipv6Addr};

/// The network address a request comes from. Whoever knows the socket and the configured proxies makes
/// it; in the server that is `server.trusted_proxies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAddress {
    /// It is this one: the socket's peer, or what trusted proxies say.
    Known(IpAddr),
    /// Whoever knows (trusted proxies, a service that asks for its caller) did not say it, or not in a form that can be read.
    Unknown {
        /// The socket's peer, a trusted proxy; the unspecified address where it does not count.
        peer: IpAddr,
    },
    /// A peer that is no trusted proxy sent a forwarding header. Perhaps it is a proxy that was
    /// forgotten in the configuration, and its own address says nothing about the client.
    Disputed {
        /// The socket's peer.
        peer: IpAddr,
    },
}

impl ClientAddress {
    /// The address, where an allowlist may rely on it: [`Known`](Self::Known) only.
    pub fn certain(self) -> Option<IpAddr> {
        match self {
            Self::Known(address) => Some(address),
            Self::Unknown { .. } | Self::Disputed { .. } => None,
        }
    }

    /// The address to show as the last one a key was used from; none where it would be a trusted proxy's.
    pub fn shown(self) -> Option<IpAddr> {
        match self {
            Self::Known(address) | Self::Disputed { peer: address } => Some(address),
            Self::Unknown { .. } => None,
        }
    }

    /// Who shares a rate limit: one IPv4 address, or one IPv6 network of 64 bits, which is what
    /// a single customer has, with its other bits zero. IPv4 in IPv6's form is IPv4.
    pub fn network(self) -> IpAddr {
        let (Self::Known(address)
        | Self::Unknown { peer: address }
        | Self::Disputed { peer: address }) = self;
        match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_shared_by_an_ipv4_address_or_an_ipv6_network() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            let client = ClientAddress::Known(address.parse().unwrap());
            assert_eq!(client.network().to_string(), expected);
        }
    }
}
