//! Why a proof is refused, for the log only.

/// Why a proof shows nothing. Traced, never returned to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Reason {
    #[error("no single key of a key type in use controls the address")]
    Uncontrolled,
    #[error("the key type named is not the one of the address")]
    KeyType,
    #[error("the public key is missing, or not in the form of its key type")]
    PublicKey,
    #[error("the public key has another address")]
    Address,
    #[error("the signature is not 64 bytes long")]
    Length,
    #[error("r or s is zero or out of range")]
    Range,
    #[error("s is in the upper half: the malleated twin of a signature")]
    HighS,
    #[error("the signature is not of this message by this key")]
    Mismatch,
}
