//! Addresses: 32 bytes, the hash of a public key and the flag of its scheme, as `0x` and 64 hex digits.

use std::fmt;

use countersign_plugin::AddressError;

use crate::{hash::blake2b_256, scheme::Scheme};

/// An address that a wallet may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address([u8; 32]);

impl Address {
    /// Reads `0x` and 64 hex digits of either case; there is no checksum in their case.
    ///
    /// The short forms that explorers show are refused: `0x2` may be an address cut by mistake. So is the lack of `0x`.
    ///
    /// # Errors
    /// `Malformed` for any other text. `CheckFailed` for an address that begins with 16 zero bytes: such are those of
    /// packages and objects of the system (`0x1`, `0x2`, `0x6`, `0x403`, `0xdee9`), and no key has such a hash. Other
    /// addresses without a key, such as those of objects, cannot be told from those with one.
    pub(crate) fn read(text: &str) -> Result<Self, AddressError> {
        let digits = text.strip_prefix("0x").ok_or(MALFORMED)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| MALFORMED)?;
        if bytes.starts_with(&[0; 16]) {
            return Err(KEYLESS);
        }
        Ok(Self(bytes))
    }

    /// The address of a public key. The flag is part of what is hashed, so that the same bytes under another scheme are
    /// another address.
    pub(crate) fn of(scheme: Scheme, public_key: &[u8]) -> Self {
        Self(blake2b_256(&[&[scheme.flag()], public_key]))
    }
}

/// The one text of an address, in lower case.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

const MALFORMED: AddressError = AddressError::Malformed {
    expected: "a Sui address: 0x and 64 hex digits",
};
const KEYLESS: AddressError = AddressError::CheckFailed {
    expected: "a Sui address whose key a wallet holds, not one of the system",
};
