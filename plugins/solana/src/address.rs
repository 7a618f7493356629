//! Addresses: 32 bytes in Base58, which are a public key of Ed25519.

use ed25519_dalek::VerifyingKey;

/// Why a text is no address to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidAddress {
    /// It is not 32 bytes in Base58.
    Form,
    /// It is, but no wallet holds the one key to it.
    Key,
}

/// Reads an address. There is no checksum, and one text for 32 bytes.
///
/// Not every address has a key. Those that programs derive are off the curve, so that nobody can sign for them; those
/// of small order (the system program's, for one) anybody can sign for; and a point in its second encoding is nobody's.
/// So it is said at once that they cannot sign in, instead of at every signature.
///
/// # Errors
/// [`InvalidAddress`] says which of the two it is.
pub fn parse(text: &str) -> Result<VerifyingKey, InvalidAddress> {
    // The time that Base58 takes grows with the square of the length.
    if text.len() > LONGEST {
        return Err(InvalidAddress::Form);
    }
    let bytes = bs58::decode(text)
        .into_vec()
        .map_err(|_| InvalidAddress::Form)?;
    let bytes = bytes.try_into().map_err(|_| InvalidAddress::Form)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| InvalidAddress::Key)?;
    let is_canonical = VerifyingKey::from(key.to_edwards()) == key;
    if key.is_weak() || !is_canonical {
        return Err(InvalidAddress::Key);
    }
    Ok(key)
}

/// Characters of the largest 32 bytes.
const LONGEST: usize = 44;
