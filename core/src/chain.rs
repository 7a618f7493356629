//! Names of chains and of addresses on them: [CAIP-2] and [CAIP-10].
//!
//! These types hold the grammar of the names. Whether a chain exists, and whether an address is one of
//! it, a [`ChainVerifier`](crate::ChainVerifier) knows.
//!
//! [CAIP-2]: https://chainagnostic.org/CAIPs/caip-2
//! [CAIP-10]: https://chainagnostic.org/CAIPs/caip-10

use std::{fmt, str::FromStr};

/// A text that is no CAIP-2 or CAIP-10 name, or (from
/// [`parse_chain_id`](crate::ChainVerifier::parse_chain_id)) none of that chain's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidName {
    /// What would have been accepted, in words.
    pub expected: &'static str,
}

/// The first half of a chain id, for example `eip155`; it picks the chain's verifier.
/// `[-a-z0-9]{3,8}` (CAIP-2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace(String);

impl Namespace {
    /// Checks the alphabet and the length.
    ///
    /// # Errors
    /// [`InvalidName`] when the text is not three to eight of `-`, `a-z`, `0-9`.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (3..=8).contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName {
            expected: "a CAIP-2 namespace: 3 to 8 of a-z, 0-9 and -",
        })
    }

    /// The namespace as text, for example `eip155`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A chain: `namespace:reference`, for example `eip155:1` (CAIP-2). Letter case counts.
///
/// ```
/// use countersign_core::chain::{ChainId, Namespace};
///
/// let base: ChainId = "eip155:8453".parse()?;
/// assert_eq!(base.namespace(), &Namespace::new("eip155")?);
/// assert_eq!(base.reference(), "8453");
/// assert!("Ethereum".parse::<ChainId>().is_err());
/// # Ok::<(), countersign_core::chain::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainId {
    namespace: Namespace,
    reference: String,
}

impl ChainId {
    /// Joins a namespace and a reference.
    ///
    /// # Errors
    /// [`InvalidName`] when the reference is not 1 to 32 of `-`, `_`, `a-z`, `A-Z`, `0-9`.
    pub fn new(namespace: Namespace, reference: &str) -> Result<Self, InvalidName> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if (1..=32).contains(&reference.len()) && reference.bytes().all(fits) {
            return Ok(Self {
                namespace,
                reference: reference.to_owned(),
            });
        }
        Err(InvalidName {
            expected: "a CAIP-2 reference: 1 to 32 of a-z, A-Z, 0-9, - and _",
        })
    }

    /// The half that picks the verifier.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The half that picks the network, for example `1`: 1 to 32 characters.
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

/// Reads `namespace:reference`.
impl FromStr for ChainId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (namespace, reference) = text.split_once(':').ok_or(InvalidName {
            expected: "a CAIP-2 chain id such as eip155:1",
        })?;
        Self::new(Namespace::new(namespace)?, reference)
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.reference)
    }
}

/// An address in its chain's one canonical form, so that equal addresses are equal texts.
///
/// Nothing here knows that form: only a chain's [`parse_address`](crate::ChainVerifier::parse_address),
/// and a store that reads back what it kept, should make one.
///
/// ```
/// use countersign_core::chain::Address;
///
/// let checksummed = "0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb";
/// assert_eq!(Address::new(checksummed)?.as_str(), checksummed);
/// assert_ne!(Address::new(checksummed)?, Address::new(&checksummed.to_lowercase())?);
/// assert!(Address::new("eip155:1:0xab").is_err(), "CAIP-10 puts no colon in an address");
/// # Ok::<(), countersign_core::chain::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

impl Address {
    /// Wraps an address that is canonical already; checked is only what CAIP-10 asks of any.
    ///
    /// # Errors
    /// [`InvalidName`] when the text is not 1 to 128 of `-`, `.`, `%`, `a-z`, `A-Z`, `0-9` (CAIP-10).
    pub fn new(canonical: &str) -> Result<Self, InvalidName> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'%');
        if (1..=128).contains(&canonical.len()) && canonical.bytes().all(fits) {
            return Ok(Self(canonical.to_owned()));
        }
        Err(InvalidName {
            expected: "a CAIP-10 address: 1 to 128 of a-z, A-Z, 0-9, -, . and %",
        })
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address on a chain: CAIP-10's account id, `namespace:reference:address`. It names a place, and
/// says nothing about who controls it.
///
/// ```
/// use countersign_core::chain::ChainAddress;
///
/// let text = "eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb";
/// let account: ChainAddress = text.parse()?;
/// assert_eq!(account.chain.to_string(), "eip155:1");
/// assert_eq!(account.to_string(), text);
/// # Ok::<(), countersign_core::chain::InvalidName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChainAddress {
    /// The chain.
    pub chain: ChainId,
    /// The address in that chain's canonical form.
    pub address: Address,
}

/// Reads `namespace:reference:address`. The address is taken as it stands, canonical or not.
impl FromStr for ChainAddress {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (chain, address) = text.rsplit_once(':').ok_or(InvalidName {
            expected: "a CAIP-10 account id such as eip155:1:0x…",
        })?;
        Ok(Self {
            chain: chain.parse()?,
            address: Address::new(address)?,
        })
    }
}

impl fmt::Display for ChainAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chain, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_ids_round_trip() {
        for text in [
            "eip155:1",
            "alephium:mainnet",
            "cosmos:cosmoshub-3",
            "bip122:000000000019d6689c085ae165831e93",
        ] {
            assert_eq!(text.parse::<ChainId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_chain_ids_are_refused() {
        for text in [
            "",
            "eip155",
            "eip155:",
            ":1",
            "EIP155:1",
            "ab:1",
            "ninechars:1",
            "eip155:1:2",
            "eip155:a b",
        ] {
            assert!(text.parse::<ChainId>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn chain_addresses_round_trip() {
        let text = "eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb";
        assert_eq!(text.parse::<ChainAddress>().unwrap().to_string(), text);
    }
}
