//! The developer's wallet: a key in clear, for trying things out.

use countersign_core::Random;
use ed25519_dalek::Signer;
use k256::schnorr::{self, signature::hazmat::PrehashSigner};
use zeroize::Zeroizing;

use crate::{
    address::AlephiumAddress,
    key_type::KeyType,
    public_key::PublicKey,
    signature::signed_digest,
    webauthn::{self, RelyingParty},
};

/// A key that signs as wallets do for its key type, or would.
///
/// ```
/// use countersign_alephium::{InvalidKey, KeyType, Wallet};
///
/// let of = |key_type| Wallet::from_hex(&"11".repeat(32), key_type);
/// let (grouped, groupless) = (of(KeyType::Default)?, of(KeyType::GlSecp256k1)?);
/// assert_eq!(grouped.public_key(), groupless.public_key());
/// assert_ne!(grouped.address(), groupless.address(), "two identities of one key");
/// assert_eq!(grouped.sign(b"hello").len(), 2 * 64);
/// # Ok::<(), InvalidKey>(())
/// ```
pub struct Wallet(PrivateKey);

/// A private key and how it is used.
enum PrivateKey {
    Default(k256::ecdsa::SigningKey),
    Bip340Schnorr(k256::ecdsa::SigningKey),
    GlSecp256k1(k256::ecdsa::SigningKey),
    GlSecp256r1(p256::ecdsa::SigningKey),
    GlEd25519(ed25519_dalek::SigningKey),
    GlWebauthn(p256::ecdsa::SigningKey),
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
            if let Some(key) = PrivateKey::from_bytes(&bytes, key_type) {
                return Self(key);
            }
        }
    }

    /// Reads a private key: 64 hex digits in either case, with or without `0x`.
    ///
    /// # Errors
    /// [`InvalidKey`] for another length, alphabet or range.
    pub fn from_hex(text: &str, key_type: KeyType) -> Result<Self, InvalidKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut *bytes)
            .map_err(|_| InvalidKey)?;
        PrivateKey::from_bytes(&bytes, key_type)
            .map(Self)
            .ok_or(InvalidKey)
    }

    /// The private key in hex, without `0x`; wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.to_bytes()))
    }

    /// The public key in hex, without `0x`: 66 digits, 64 for `bip340-schnorr`
    /// and `gl-ed25519`. A proof carries it.
    pub fn public_key(&self) -> String {
        hex::encode(self.0.public().to_bytes())
    }

    /// The address in Base58, without a group suffix.
    pub fn address(&self) -> String {
        AlephiumAddress::of(self.0.public()).to_string()
    }

    /// Signs as wallets do under the message hasher `alephium`: 64 bytes in hex without `0x`, for
    /// `gl-webauthn` after a witness.
    pub fn sign(&self, message: &[u8]) -> String {
        hex::encode(self.0.sign(&signed_digest(message)))
    }

    /// The site on which a `gl-webauthn` wallet of this kind says it is used: `http://localhost`.
    pub fn relying_party() -> RelyingParty {
        RelyingParty {
            id: "localhost".to_owned(),
            origin: "http://localhost".to_owned(),
        }
    }
}

impl PrivateKey {
    fn from_bytes(bytes: &[u8; 32], key_type: KeyType) -> Option<Self> {
        let secp256k1 = || k256::ecdsa::SigningKey::from_slice(bytes).ok();
        let secp256r1 = || p256::ecdsa::SigningKey::from_slice(bytes).ok();
        match key_type {
            KeyType::Default => secp256k1().map(Self::Default),
            KeyType::Bip340Schnorr => secp256k1().map(Self::Bip340Schnorr),
            KeyType::GlSecp256k1 => secp256k1().map(Self::GlSecp256k1),
            KeyType::GlSecp256r1 => secp256r1().map(Self::GlSecp256r1),
            KeyType::GlEd25519 => Some(Self::GlEd25519(bytes.into())),
            KeyType::GlWebauthn => secp256r1().map(Self::GlWebauthn),
        }
    }

    fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(match self {
            Self::Default(key) | Self::Bip340Schnorr(key) | Self::GlSecp256k1(key) => {
                key.to_bytes().into()
            }
            Self::GlSecp256r1(key) | Self::GlWebauthn(key) => key.to_bytes().into(),
            Self::GlEd25519(key) => key.to_bytes(),
        })
    }

    fn public(&self) -> PublicKey {
        match self {
            Self::Default(key) => PublicKey::Default(*key.verifying_key()),
            Self::Bip340Schnorr(key) => PublicKey::Bip340Schnorr(*schnorr_key(key).verifying_key()),
            Self::GlSecp256k1(key) => PublicKey::GlSecp256k1(*key.verifying_key()),
            Self::GlSecp256r1(key) => PublicKey::GlSecp256r1(*key.verifying_key()),
            Self::GlEd25519(key) => PublicKey::GlEd25519(key.verifying_key()),
            Self::GlWebauthn(key) => PublicKey::GlWebauthn(*key.verifying_key()),
        }
    }

    fn sign(&self, digest: &[u8; 32]) -> Vec<u8> {
        match self {
            Self::Default(key) | Self::GlSecp256k1(key) => {
                let (signature, _) = key.sign_prehash_recoverable(digest);
                signature.to_bytes().to_vec()
            }
            Self::Bip340Schnorr(key) => sign_schnorr(key, digest).to_vec(),
            Self::GlSecp256r1(key) => sign_secp256r1(key, digest).to_vec(),
            Self::GlEd25519(key) => key.sign(digest).to_vec(),
            Self::GlWebauthn(key) => {
                webauthn::assertion_for(digest, &Wallet::relying_party(), |hash| {
                    sign_secp256r1(key, hash)
                })
            }
        }
    }
}

/// It holds the key with an even y, which may be another than was read.
fn schnorr_key(key: &k256::ecdsa::SigningKey) -> schnorr::SigningKey {
    schnorr::SigningKey::from(*key.as_nonzero_scalar())
}

/// BIP-340 gets no auxiliary randomness here, so that every signature repeats.
fn sign_schnorr(key: &k256::ecdsa::SigningKey, digest: &[u8; 32]) -> [u8; 64] {
    let signature: schnorr::Signature = schnorr_key(key)
        .sign_prehash(digest)
        .expect("a nonce of zero is not met 256 times");
    signature.to_bytes()
}

/// On this curve the library leaves s where it falls.
fn sign_secp256r1(key: &p256::ecdsa::SigningKey, digest: &[u8; 32]) -> [u8; 64] {
    let (signature, _) = key.sign_prehash_recoverable(digest);
    signature.normalize_s().to_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The wallet of the private key 1, whose public key is the curve's generator, save for Ed25519.
    fn one(key_type: KeyType) -> Wallet {
        Wallet::from_hex(&format!("0x{:064}", 1), key_type).unwrap()
    }

    #[test]
    fn one_key_has_an_address_of_each_key_type() {
        let x = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        let p256_x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
        let ed25519 = "4cb5abf6ad79fbf5abbccafcc269d85cd2651ed4b885b5869f241aedf0a5ba29";
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
            (
                KeyType::GlSecp256r1,
                format!("03{p256_x}"),
                "3cdSxSVqR3YyfqsWCHhi9gtEWhCaXxuFG2G2qUgsoW5QQ6u7o15jf",
            ),
            (
                KeyType::GlEd25519,
                ed25519.to_owned(),
                "bPzZSj7699GAkmWJkFa54ySqRqmq95R93Y3iVMUo9LhkMLkTmRF",
            ),
            (
                KeyType::GlWebauthn,
                format!("03{p256_x}"),
                "3cvcDapZDPrownuXjPrVwHERVC4yqdjniM9H6bbZzV2upfZTCQ62f",
            ),
        ] {
            assert_eq!(one(key_type).public_key(), public_key);
            assert_eq!(one(key_type).address(), address);
        }
    }

    #[test]
    fn a_key_reads_back_and_signs_the_same_again() {
        // Some of them have an odd y.
        for (secret, key_type) in (1..6).flat_map(|key| KeyType::ALL.map(|it| (key, it))) {
            let secret = format!("{secret:064}");
            let wallet = Wallet::from_hex(&secret, key_type).unwrap();
            assert_eq!(*wallet.to_hex(), secret);
            let again = Wallet::from_hex(&wallet.to_hex(), key_type).unwrap();
            assert_eq!(again.sign(b"hello"), wallet.sign(b"hello"));
            let chunks = if key_type == KeyType::GlWebauthn {
                4
            } else {
                1
            };
            assert_eq!(wallet.sign(b"hello").len(), 128 * chunks);
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
