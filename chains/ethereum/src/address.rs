//! Addresses: 20 bytes, written in hex with the checksum of [EIP-55].
//!
//! [EIP-55]: https://eips.ethereum.org/EIPS/eip-55

use std::fmt;

use countersign_core::verifier::AddressError;
use k256::ecdsa::VerifyingKey;
use sha3::{Digest, Keccak256};

const FORM: &str = "an Ethereum address: 0x and 40 hex digits";
const CHECKSUM: &str =
    "an address whose letter case satisfies EIP-55, or one all in lower or upper case";

/// The last 20 bytes of the Keccak-256 of a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EthereumAddress([u8; 20]);

impl EthereumAddress {
    /// Reads `0x` and 40 hex digits. Mixed case must satisfy EIP-55; one case throughout
    /// carries no checksum and is accepted.
    pub(crate) fn parse(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::malformed(FORM);
        let digits = text
            .strip_prefix("0x")
            .filter(|digits| digits.len() == 40)
            .ok_or_else(malformed)?;
        let mut bytes = [0; 20];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| malformed())?;
        let address = Self(bytes);
        let is_one_case = !digits.bytes().any(|b| b.is_ascii_lowercase())
            || !digits.bytes().any(|b| b.is_ascii_uppercase());
        if is_one_case || address.to_string() == text {
            return Ok(address);
        }
        Err(AddressError::invalid(CHECKSUM))
    }

    /// The address of a public key.
    pub(crate) fn of(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        let digest = Keccak256::digest(&point.as_bytes()[1..]);
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&digest[12..]);
        Self(bytes)
    }
}

/// `0x` and 40 hex digits with the checksum of EIP-55.
impl fmt::Display for EthereumAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 40];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        let hash = Keccak256::digest(digits);
        for (at, digit) in digits.iter_mut().enumerate() {
            let nibble = hash[at / 2] >> (if at % 2 == 0 { 4 } else { 0 }) & 0xf;
            if nibble >= 8 {
                digit.make_ascii_uppercase();
            }
        }
        f.write_str("0x")?;
        f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_one_canonical_form() {
        // From the text of EIP-55.
        for canonical in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        ] {
            for text in [
                canonical.to_owned(),
                canonical.to_lowercase(),
                format!("0x{}", canonical[2..].to_uppercase()),
            ] {
                assert_eq!(
                    EthereumAddress::parse(&text).map(|address| address.to_string()),
                    Ok(canonical.to_owned())
                );
            }
        }
    }

    #[test]
    fn a_wrong_checksum_is_not_a_wrong_form() {
        let wrong_case = EthereumAddress::parse("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        assert_eq!(wrong_case, Err(AddressError::invalid(CHECKSUM)));
        for text in [
            "",
            "0x",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "vitalik.eth",
        ] {
            assert_eq!(
                EthereumAddress::parse(text),
                Err(AddressError::malformed(FORM)),
                "{text}"
            );
        }
    }
}
