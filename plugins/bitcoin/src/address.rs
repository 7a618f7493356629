//! Addresses: Base58Check with a version byte, or Bech32 and Bech32m of a witness program (BIP-173, BIP-350).

use bech32::{Fe32, Hrp, hrp, segwit};
use countersign_plugin::AddressError;
use k256::schnorr;

use crate::{hash::double_sha256, payment::Payment};

/// An address that one key may sign for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) network: Network,
    pub(crate) payment: Payment,
}

/// What an address says of its network: the test networks share one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Main,
    Test,
}

impl Address {
    pub(crate) fn read(text: &str) -> Result<Self, AddressError> {
        // Bech32 allows 90 characters; the longest here has 62. Base58 takes time that grows with the square of the
        // length.
        if text.len() > LONGEST {
            return Err(MALFORMED);
        }
        // `1` divides a Bech32 address and its prefix; `get` because anything may be in the text.
        match text.get(..3) {
            Some(start)
                if PREFIXES
                    .iter()
                    .any(|prefix| start.eq_ignore_ascii_case(prefix)) =>
            {
                Self::from_bech32(text)
            }
            _ => Self::from_base58(text),
        }
    }

    fn from_bech32(text: &str) -> Result<Self, AddressError> {
        let (hrp, version, program) = segwit::decode(text).map_err(|_| MISTYPED)?;
        let network = match hrp {
            hrp if hrp == hrp::BC => Network::Main,
            _ => Network::Test,
        };
        let payment = match (version.to_u8(), &*program) {
            (0, program) => program
                .try_into()
                .map(Payment::P2wpkh)
                .map_err(|_| SCRIPT)?,
            (1, program) => Payment::P2tr(output_key(program)?),
            _ => return Err(FUTURE),
        };
        Ok(Self { network, payment })
    }

    fn from_base58(text: &str) -> Result<Self, AddressError> {
        let bytes = bs58::decode(text).into_vec().map_err(|_| MALFORMED)?;
        let bytes: [u8; 25] = bytes.try_into().map_err(|_| MALFORMED)?;
        let (payload, checksum) = bytes.split_at(21);
        if double_sha256(&[payload])[..4] != *checksum {
            return Err(MISTYPED);
        }
        let hash = payload[1..].try_into().map_err(|_| MALFORMED)?;
        let (network, payment) = match payload[0] {
            0x00 => (Network::Main, Payment::P2pkh(hash)),
            0x05 => (Network::Main, Payment::P2sh(hash)),
            0x6F => (Network::Test, Payment::P2pkh(hash)),
            0xC4 => (Network::Test, Payment::P2sh(hash)),
            _ => return Err(OTHER_VERSION),
        };
        Ok(Self { network, payment })
    }

    /// The one text of the address: lower case where either would do.
    pub(crate) fn write(&self) -> String {
        match self.payment {
            Payment::P2pkh(hash) => self.to_base58([0x00, 0x6F], hash),
            Payment::P2sh(hash) => self.to_base58([0x05, 0xC4], hash),
            Payment::P2wpkh(hash) => self.to_bech32(segwit::VERSION_0, &hash),
            Payment::P2tr(key) => self.to_bech32(segwit::VERSION_1, &key),
        }
    }

    fn to_base58(self, [main, test]: [u8; 2], hash: [u8; 20]) -> String {
        let mut bytes = vec![self.of_network(main, test)];
        bytes.extend(hash);
        let checksum = double_sha256(&[&bytes]);
        bytes.extend(&checksum[..4]);
        bs58::encode(bytes).into_string()
    }

    fn to_bech32(self, version: Fe32, program: &[u8]) -> String {
        let prefix: Hrp = self.of_network(hrp::BC, hrp::TB);
        segwit::encode(prefix, version, program).expect("a version and a length that exist")
    }

    fn of_network<T>(self, main: T, test: T) -> T {
        match self.network {
            Network::Main => main,
            Network::Test => test,
        }
    }
}

/// Reads the program of P2TR, and whether there is such a point: nobody could sign for another.
fn output_key(program: &[u8]) -> Result<[u8; 32], AddressError> {
    let key = program.try_into().map_err(|_| FUTURE)?;
    schnorr::VerifyingKey::from_slice(program).map_err(|_| KEYLESS)?;
    Ok(key)
}

/// Characters of a P2TR address.
pub(crate) const LONGEST: usize = 62;
const PREFIXES: [&str; 2] = ["bc1", "tb1"];

const MALFORMED: AddressError = AddressError::Malformed {
    expected: "a Bitcoin address of mainnet, testnet or signet: bc1…, tb1… or 25 bytes in Base58",
};
const MISTYPED: AddressError = AddressError::CheckFailed {
    expected: "a Bitcoin address whose checksum is right",
};
const OTHER_VERSION: AddressError = AddressError::CheckFailed {
    expected: "a Bitcoin address that begins with 1, 3, m, n or 2, not one of another chain or a private key",
};
const SCRIPT: AddressError = AddressError::CheckFailed {
    expected: "a Bitcoin address of one key, not one of a script (P2WSH)",
};
const FUTURE: AddressError = AddressError::CheckFailed {
    expected: "a Bitcoin address of one key: P2PKH, P2WPKH, P2SH-P2WPKH or P2TR",
};
const KEYLESS: AddressError = AddressError::CheckFailed {
    expected: "a P2TR address whose key is a point of the curve, so that somebody may hold it",
};
