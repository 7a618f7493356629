//! Addresses: a prefix that is the chain's, and the hash of a key, in Bech32 (BIP-173).

use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use countersign_plugin::AddressError;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

/// An address of an account that has one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) prefix: Hrp,
    hash: [u8; 20],
}

impl Address {
    /// Reads an address in lower case, as wallets and explorers write it.
    pub(crate) fn read(text: &str) -> Result<Self, AddressError> {
        if text.len() > LONGEST || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(MALFORMED);
        }
        let decoded = CheckedHrpstring::new::<Bech32>(text).map_err(|_| MISTYPED)?;
        let prefix = decoded.hrp();
        if uses_ethereum_keys(prefix.as_str()) {
            return Err(ETHEREUM_KEYS);
        }
        let bytes: Vec<_> = decoded.byte_iter().collect();
        let hash = bytes.try_into().map_err(|_| OTHER_LENGTH)?;
        let address = Self { prefix, hash };
        // The bits after the last byte could be anything, or a character too many.
        if address.to_string() == text {
            Ok(address)
        } else {
            Err(MISTYPED)
        }
    }

    /// Whether the address is of this key, in compressed SEC1.
    pub(crate) fn is_of(&self, key: &[u8]) -> bool {
        Ripemd160::digest(Sha256::digest(key))[..] == self.hash
    }
}

/// The one text of the address.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32, _>(f, self.prefix, &self.hash)
            .map_err(|_| std::fmt::Error)
    }
}

/// Whether accounts with this prefix hash their keys as Ethereum does, and sign another document.
pub(crate) fn uses_ethereum_keys(prefix: &str) -> bool {
    const PREFIXES: [&str; 10] = [
        "canto", "crc", "dym", "ethm", "evmos", "haqq", "inj", "plq", "xpla", "zeta",
    ];
    PREFIXES.contains(&prefix)
}

/// Bech32 has no longer ones.
pub(crate) const LONGEST: usize = 90;

const MALFORMED: AddressError = AddressError::Malformed {
    expected: "a Cosmos address in lower-case Bech32, such as cosmos1…",
};
const MISTYPED: AddressError = AddressError::CheckFailed {
    expected: "a Cosmos address whose checksum is right, such as cosmos1…",
};
const OTHER_LENGTH: AddressError = AddressError::CheckFailed {
    expected: "the address of an account with a key, which has 20 bytes; contracts and interchain accounts have 32",
};
const ETHEREUM_KEYS: AddressError = AddressError::CheckFailed {
    expected: "an address of a chain with secp256k1 keys; this chain's are eth_secp256k1, which is not served",
};
