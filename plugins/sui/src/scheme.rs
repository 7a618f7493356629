//! Signature schemes, by the flag that a signature begins with.

/// A scheme whose signatures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ed25519,
    Secp256k1,
    Secp256r1,
}

impl Scheme {
    /// The scheme of a flag.
    ///
    /// # Errors
    /// Why the scheme is not taken, for the log.
    pub(crate) fn of_flag(flag: u8) -> Result<Self, &'static str> {
        match flag {
            0x00 => Ok(Self::Ed25519),
            0x01 => Ok(Self::Secp256k1),
            0x02 => Ok(Self::Secp256r1),
            0x03 => Err(MULTISIG),
            0x04 => Err(BLS),
            0x05 => Err(ZKLOGIN),
            0x06 => Err(PASSKEY),
            _ => Err(UNKNOWN),
        }
    }

    pub(crate) const fn flag(self) -> u8 {
        match self {
            Self::Ed25519 => 0x00,
            Self::Secp256k1 => 0x01,
            Self::Secp256r1 => 0x02,
        }
    }

    /// Its name as a key type.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Secp256k1 => "secp256k1",
            Self::Secp256r1 => "secp256r1",
        }
    }

    /// Bytes of a public key: those of ECDSA are compressed.
    pub(crate) const fn key_len(self) -> usize {
        match self {
            Self::Ed25519 => 32,
            Self::Secp256k1 | Self::Secp256r1 => 33,
        }
    }
}

pub(crate) const MULTISIG: &str =
    "the signature is a multisig one (flag 0x03), which is not served: sign in with a single key";
pub(crate) const BLS: &str =
    "the signature is a BLS one (flag 0x04), which validators make and wallets do not";
pub(crate) const ZKLOGIN: &str =
    "the signature is a zkLogin one (flag 0x05), which only a node of the network can check";
pub(crate) const PASSKEY: &str =
    "the signature is a passkey's (flag 0x06), whose WebAuthn assertion is not served";
pub(crate) const UNKNOWN: &str =
    "the signature begins with a flag that no scheme of Sui has: send its bytes, not its Base64";
