//! The developer's wallet: a key in clear, for trying things out.

use countersign_core::Random;
use k256::{
    ecdsa::SigningKey,
    schnorr::{self, signature::hazmat::PrehashSigner},
};
use zeroize::Zeroizing;

use crate::{
    address::AlephiumAddress, key_type::KeyType, public_key::PublicKey, signature::signed_digest,
};

/// A secp256k1 key that signs as wallets do for its key type.
pub struct Wallet {
    key: SigningKey,
    key_type: KeyType,
}

/// A text that is no private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a private key: 64 hex digits, with or without 0x, between 1 and the curve's order"
)]
pub struct InvalidKey;

impl Wallet {
    /// A wallet with a fresh random key.
    pub fn generate(random: &dyn Random, key_type: KeyType) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        loop {
            random.fill(&mut *bytes);
            // Refused with a probability of 2^-128, for bytes of zero or over the curve's order.
            if let Ok(key) = SigningKey::from_slice(&*bytes) {
                return Self { key, key_type };
            }
        }
    }

    /// Reads a private key in hex.
    ///
    /// # Errors
    /// [`InvalidKey`] for another length, alphabet or range.
    pub fn from_hex(text: &str, key_type: KeyType) -> Result<Self, InvalidKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut *bytes)
            .map_err(|_| InvalidKey)?;
        SigningKey::from_slice(&*bytes)
            .map(|key| Self { key, key_type })
            .map_err(|_| InvalidKey)
    }

    /// The private key in hex, without `0x`; wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.key.to_bytes()))
    }

    /// The public key in hex, without `0x`: 66 digits, 64 for `bip340-schnorr`.
    pub fn public_key(&self) -> String {
        hex::encode(self.public().to_bytes())
    }

    /// The address, without a group suffix.
    pub fn address(&self) -> String {
        AlephiumAddress::of(self.public()).to_string()
    }

    /// Signs as wallets do under the message hasher `alephium`: 64 bytes in hex without `0x`.
    /// BIP-340 gets no auxiliary randomness here, so that every signature repeats.
    pub fn sign(&self, message: &[u8]) -> String {
        let digest = signed_digest(message);
        match self.key_type {
            KeyType::Default | KeyType::GlSecp256k1 => {
                let (signature, _) = self.key.sign_prehash_recoverable(&digest);
                hex::encode(signature.to_bytes())
            }
            KeyType::Bip340Schnorr => {
                let signature: schnorr::Signature = self
                    .schnorr()
                    .sign_prehash(&digest)
                    .expect("a nonce of zero is not met 256 times");
                hex::encode(signature.to_bytes())
            }
        }
    }

    fn public(&self) -> PublicKey {
        match self.key_type {
            KeyType::Default => PublicKey::Default(*self.key.verifying_key()),
            KeyType::Bip340Schnorr => PublicKey::Bip340Schnorr(*self.schnorr().verifying_key()),
            KeyType::GlSecp256k1 => PublicKey::GlSecp256k1(*self.key.verifying_key()),
        }
    }

    fn schnorr(&self) -> schnorr::SigningKey {
        schnorr::SigningKey::from(*self.key.as_nonzero_scalar())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wallet of the private key 1, whose public key is the generator of secp256k1.
    fn one(key_type: KeyType) -> Wallet {
        Wallet::from_hex(&format!("0x{:064}", 1), key_type).unwrap()
    }

    #[test]
    fn one_key_has_an_address_of_each_key_type() {
        let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        // Calculated with Python's hashlib, by the rules that all vectors satisfy.
        for (key_type, public_key, address) in [
            (
                KeyType::Default,
                format!("02{x}"),
                "13nr2XuF1VYfEgBLsXBQFrZcfzNvACP8cDz5CdAwk6BUz",
            ),
            (
                KeyType::Bip340Schnorr,
                x.to_owned(),
                "fXVqqadY7Rn6riaeaeuPVLBsJSmU9uyfh2zLpvPoBD4e",
            ),
            (
                KeyType::GlSecp256k1,
                format!("02{x}"),
                "3cUqVaPjSrkBqFfbtpLdydStuzqi5XUjEhhV89U7KCFxt8t1MrZuv",
            ),
        ] {
            assert_eq!(one(key_type).public_key(), public_key);
            assert_eq!(one(key_type).address(), address);
        }
    }

    #[test]
    fn a_key_reads_back_and_signs_the_same_again() {
        for key_type in KeyType::ALL {
            let wallet = one(key_type);
            let again = Wallet::from_hex(&wallet.to_hex(), key_type).unwrap();
            assert_eq!(*again.to_hex(), *wallet.to_hex());
            assert_eq!(again.sign(b"hello"), wallet.sign(b"hello"));
            assert_eq!(wallet.sign(b"hello").len(), 128);
        }
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        for text in ["", "0x", "01", &"0".repeat(64), order, &"g".repeat(64)] {
            let refusal = Wallet::from_hex(text, KeyType::Default).err();
            assert_eq!(refusal, Some(InvalidKey), "{text}");
        }
    }
}
