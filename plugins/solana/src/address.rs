//! Addresses: a public key of Ed25519, 32 bytes, in Base58 without a checksum.

use countersign_plugin::AddressError;
use ed25519_dalek::VerifyingKey;

/// Reads an address that a wallet can sign for.
///
/// Some addresses have no key: those that programs derive are off the curve, so that nobody can sign for them; those of
/// small order (the system program's, for one) anybody can sign for; and the second encoding of a point is nobody's.
/// So they are refused here, with a reason, rather than at every signature without one.
pub(crate) fn read(text: &str) -> Result<VerifyingKey, AddressError> {
    // The time that Base58 takes grows with the square of the length.
    if text.len() > LONGEST {
        return Err(MALFORMED);
    }
    let bytes = bs58::decode(text).into_vec().map_err(|_| MALFORMED)?;
    let bytes = bytes.try_into().map_err(|_| MALFORMED)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KEYLESS)?;
    let is_canonical = VerifyingKey::from(key.to_edwards()) == key;
    if key.is_weak() || !is_canonical {
        return Err(KEYLESS);
    }
    Ok(key)
}

/// The one text of a key.
pub(crate) fn write(key: &VerifyingKey) -> String {
    bs58::encode(key.as_bytes()).into_string()
}

/// Characters of 32 bytes of 0xFF.
const LONGEST: usize = 44;

const MALFORMED: AddressError = AddressError::Malformed {
    expected: "a Solana address: 32 bytes in Base58, at most 44 characters",
};
const KEYLESS: AddressError = AddressError::CheckFailed {
    expected: "a Solana address whose key a wallet holds, not one of a program or derived by one",
};
