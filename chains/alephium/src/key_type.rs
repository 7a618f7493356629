//! Key types: each gives a key another address, which is another identity.

use std::{fmt, str::FromStr};

/// How a key signs and which address it has, under the name wallets give it. The same key is another
/// identity under each.
///
/// ```
/// use countersign_alephium::{KeyType, UnknownKeyType};
///
/// assert_eq!("bip340-schnorr".parse(), Ok(KeyType::Bip340Schnorr));
/// assert_eq!("gl-webauthn".parse::<KeyType>(), Err(UnknownKeyType), "off by default");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// `default`: ECDSA on secp256k1; the address is a hash of the key (P2PKH).
    Default,
    /// `bip340-schnorr`: BIP-340, also on secp256k1; the address is a hash of a script with the key (P2SH).
    Bip340Schnorr,
    /// `gl-secp256k1`: ECDSA on secp256k1; the address contains the key (P2PK) and has no group of its own.
    GlSecp256k1,
    /// `gl-secp256r1`: ECDSA on P-256; otherwise as `gl-secp256k1`. Off by default.
    GlSecp256r1,
    /// `gl-ed25519`: Ed25519 (RFC 8032); otherwise as `gl-secp256k1`. Off by default.
    GlEd25519,
    /// `gl-webauthn`: a WebAuthn assertion of a passkey on P-256; otherwise as `gl-secp256k1`. Off by default.
    GlWebauthn,
}

impl KeyType {
    /// Those with which wallets sign messages.
    pub const ON_BY_DEFAULT: [Self; 3] = [Self::Default, Self::Bip340Schnorr, Self::GlSecp256k1];

    /// All key types of the chain.
    pub const ALL: [Self; 6] = [
        Self::Default,
        Self::Bip340Schnorr,
        Self::GlSecp256k1,
        Self::GlSecp256r1,
        Self::GlEd25519,
        Self::GlWebauthn,
    ];

    /// The name in `signerKeyType` of the wallets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Bip340Schnorr => "bip340-schnorr",
            Self::GlSecp256k1 => "gl-secp256k1",
            Self::GlSecp256r1 => "gl-secp256r1",
            Self::GlEd25519 => "gl-ed25519",
            Self::GlWebauthn => "gl-webauthn",
        }
    }
}

/// A text that names no key type that is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected default, bip340-schnorr or gl-secp256k1")]
pub struct UnknownKeyType;

/// Reads the name of a key type that is on by default; the others are a decision made in code.
impl FromStr for KeyType {
    type Err = UnknownKeyType;

    fn from_str(text: &str) -> Result<Self, UnknownKeyType> {
        Self::ON_BY_DEFAULT
            .into_iter()
            .find(|key_type| key_type.as_str() == text)
            .ok_or(UnknownKeyType)
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_unknown() {
        for key_type in KeyType::ON_BY_DEFAULT {
            assert_eq!(key_type.to_string().parse(), Ok(key_type));
        }
        for text in [
            "",
            "Default",
            "secp256k1",
            "gl-secp256r1",
            "gl-ed25519",
            "gl-webauthn",
        ] {
            assert_eq!(text.parse::<KeyType>(), Err(UnknownKeyType), "{text}");
        }
    }
}
