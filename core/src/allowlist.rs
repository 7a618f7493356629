//! The addresses from which an API key may be used.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use ipnet::{IpNet, Ipv4Net};

use crate::client_address::ClientAddress;

/// Addresses and CIDR blocks. An empty list allows every address.
///
/// As text, the entries have a comma between them and no spaces.
///
/// ```
/// use countersign_core::{allowlist::Allowlist, client_address::ClientAddress};
///
/// let list: Allowlist = "203.0.113.7,2001:db8::/32".parse()?;
/// let ip = "203.0.113.7".parse()?;
/// assert!(list.allows(ClientAddress::Known(ip)));
/// assert!(!list.allows(ClientAddress::Disputed { peer: ip }), "perhaps a proxy's address");
/// assert!(Allowlist::default().allows(ClientAddress::Disputed { peer: ip }), "no list, no rule");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowlist(Box<[Network]>);

impl Allowlist {
    /// Most entries of a list. The OCX dialect refuses longer ones; the list itself does not.
    pub const MAX_ENTRIES: usize = 32;

    /// A list of these networks; an empty one allows every address.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks.into())
    }

    /// Whether a client may use the key. Only [`ClientAddress::Known`] is ever on a list.
    pub fn allows(&self, client: ClientAddress) -> bool {
        let is_listed = |address| self.0.iter().any(|network| network.contains(address));
        self.0.is_empty() || client.certain().is_some_and(is_listed)
    }

    /// The entries, in the order given.
    pub fn networks(&self) -> &[Network] {
        &self.0
    }
}

/// The entries with a comma between: the stored form, which reads back.
impl fmt::Display for Allowlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&entries.join(","))
    }
}

/// Reads entries with a comma between; empty entries are skipped, so an empty text is an empty list.
impl FromStr for Allowlist {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let entries = text.split(',').filter(|entry| !entry.is_empty());
        entries.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// One IPv4 or IPv6 address, or all of a CIDR block (RFC 4632, RFC 4291 §2.3).
///
/// ```
/// use countersign_core::allowlist::{InvalidNetwork, Network};
///
/// let network: Network = "10.1.0.0/16".parse()?;
/// assert!(network.contains("10.1.255.255".parse().unwrap()));
/// assert!(network.contains("::ffff:10.1.0.1".parse().unwrap()), "the same IPv4 address");
/// assert_eq!("10.1.2.3/16".parse::<Network>(), Err(InvalidNetwork), "host bits are set");
/// assert_eq!("::ffff:10.1.0.0/112".parse::<Network>()?.to_string(), "10.1.0.0/16");
/// # Ok::<(), InvalidNetwork>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address belongs to it. IPv4 in IPv6's form (`::ffff:0:0/96`, RFC 4291 §2.5.5.2) is IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether all of another network belongs to it.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// How many leading bits its addresses have in common.
    pub fn prefix_length(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether its addresses are IPv4.
    pub fn is_ipv4(&self) -> bool {
        matches!(self.0, IpNet::V4(_))
    }
}

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an IPv4 or IPv6 address, or a CIDR block whose host bits are zero")]
pub struct InvalidNetwork;

/// Reads an address, or an address and a length in decimal: `203.0.113.7`, `2001:db8::/32`.
impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let length = prefix
            .map_or(Some(whole), prefix_length)
            .ok_or(InvalidNetwork)?;
        let network = IpNet::new(address, length).map_err(|_| InvalidNetwork)?;
        if network.trunc() != network {
            return Err(InvalidNetwork);
        }
        Ok(Self(canonical(network)))
    }
}

/// Decimal digits without a sign or a leading zero, so that a length has one spelling.
fn prefix_length(text: &str) -> Option<u8> {
    let length: u8 = text.parse().ok()?;
    (length.to_string() == text).then_some(length)
}

/// A block of IPv4 addresses in IPv6's form (`::ffff:0:0/96`) is one of IPv4.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let IpNet::V6(v6) = network else {
        return network;
    };
    let mapped: Option<Ipv4Addr> = v6.addr().to_ipv4_mapped();
    let length = v6.prefix_len().checked_sub(MAPPED);
    let v4 = mapped
        .zip(length)
        .and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    v4.map_or(network, IpNet::V4)
}

/// An address stands alone, a block with its length. A `/32` or `/128` is an address.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() {
            return self.0.addr().fmt(f);
        }
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, address: &str) -> bool {
        let list: Allowlist = list.parse().unwrap();
        list.allows(ClientAddress::Known(address.parse().unwrap()))
    }

    #[test]
    fn entries_have_one_spelling() {
        for (text, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/32", "203.0.113.7"),
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::/0", "::/0"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
        ] {
            assert_eq!(
                text.parse::<Network>().unwrap().to_string(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " 203.0.113.7",
            "203.0.113.7 ",
            "203.0.113",
            "203.0.113.07",
            "203.0.113.256",
            "203.0.113.1/24",
            "203.0.113.0/33",
            "203.0.113.0/024",
            "203.0.113.0/+24",
            "203.0.113.0/",
            "203.0.113.0/24/24",
            "203.0.113.0-203.0.113.9",
            "2001:db8::1/32",
            "2001:db8::/129",
            "::ffff:203.0.113.1/120",
            "fe80::1%eth0",
            "[2001:db8::1]",
            "example.com",
            "*",
        ] {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text:?}");
        }
    }

    #[test]
    fn a_block_ends_where_its_length_says() {
        for (address, expected) in [
            ("203.0.112.255", false),
            ("203.0.113.0", true),
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("::ffff:203.0.113.9", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(allows("203.0.113.0/24", address), expected, "{address}");
        }
        assert!(allows("2001:db8::/33", "2001:db8:7fff::1"));
        assert!(!allows("2001:db8::/33", "2001:db8:8000::1"));
        assert!(!allows("::/0", "203.0.113.9"), "IPv4 is not part of IPv6");
        assert!(allows("198.51.100.1,203.0.113.0/24", "203.0.113.9"));
    }

    #[test]
    fn a_network_covers_what_lies_in_it_whole() {
        let network = |text: &str| text.parse::<Network>().unwrap();
        for (other, expected) in [
            ("10.0.0.0/8", true),
            ("10.1.0.0/16", true),
            ("10.1.2.3", true),
            ("10.0.0.0/7", false),
            ("11.0.0.0/16", false),
            ("fd00::/8", false),
        ] {
            let covers = network("10.0.0.0/8").covers(&network(other));
            assert_eq!(covers, expected, "{other}");
        }
        assert_eq!(network("fd00::/8").prefix_length(), 8);
        assert!(network("::ffff:203.0.113.7").is_ipv4() && !network("fd00::/8").is_ipv4());
    }

    #[test]
    fn only_an_empty_list_allows_an_address_that_is_not_certain() {
        let peer: IpAddr = "203.0.113.7".parse().unwrap();
        for client in [
            ClientAddress::Unknown { peer },
            ClientAddress::Disputed { peer },
        ] {
            assert!(Allowlist::default().allows(client));
            assert!(
                !"0.0.0.0/0,::/0"
                    .parse::<Allowlist>()
                    .unwrap()
                    .allows(client)
            );
        }
    }
}
