//! The developer's wallet: a key in clear, for trying things out.

use countersign_core::Random;
use k256::ecdsa::SigningKey;
use zeroize::Zeroizing;

use crate::{address::EthereumAddress, signature::personal_digest};

/// A secp256k1 key that signs as browser wallets do.
///
/// ```
/// use countersign_ethereum::Wallet;
///
/// let wallet = Wallet::from_hex("0x0000000000000000000000000000000000000000000000000000000000000001")?;
/// assert_eq!(wallet.address(), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
/// assert_eq!(wallet.sign(b"hello").len(), "0x".len() + 2 * 65);
/// # Ok::<(), countersign_ethereum::InvalidKey>(())
/// ```
pub struct Wallet(SigningKey);

/// A text that is no private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a private key: 64 hex digits, with or without 0x, between 1 and the curve's order"
)]
pub struct InvalidKey;

impl Wallet {
    /// A wallet with a fresh random key.
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        loop {
            random.fill(&mut *bytes);
            // Refused with a probability of 2^-128, for bytes of zero or over the curve's order.
            if let Ok(key) = SigningKey::from_slice(&*bytes) {
                return Self(key);
            }
        }
    }

    /// Reads a private key: 64 hex digits in either case, with or without `0x`.
    ///
    /// # Errors
    /// [`InvalidKey`] for another length, alphabet or range.
    pub fn from_hex(text: &str) -> Result<Self, InvalidKey> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut *bytes)
            .map_err(|_| InvalidKey)?;
        SigningKey::from_slice(&*bytes)
            .map(Self)
            .map_err(|_| InvalidKey)
    }

    /// The private key in hex, with `0x`; wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("0x{}", hex::encode(self.0.to_bytes())))
    }

    /// The address, in EIP-55 form.
    pub fn address(&self) -> String {
        EthereumAddress::of(self.0.verifying_key()).to_string()
    }

    /// Signs as `personal_sign` does (EIP-191): 65 bytes in hex with `0x`, v of 27 or 28. The same message
    /// has the same signature every time (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> String {
        let (signature, recovery_id) = self.0.sign_prehash_recoverable(&personal_digest(message));
        format!(
            "0x{}{:02x}",
            hex::encode(signature.to_bytes()),
            27 + recovery_id.to_byte()
        )
    }
}
