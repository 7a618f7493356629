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
    #[error("the signature is not 64 bytes long, after its witness where it has one")]
    Length,
    #[error("r or s is zero or out of range")]
    Range,
    #[error("s is in the upper half: the malleated twin of a signature")]
    HighS,
    #[error("the witness is not a length, three fields and the zeros that fill the last chunk")]
    Witness,
    #[error("the authenticator saw no user")]
    UserPresence,
    #[error("the client data is not of a `webauthn.get` for this digest, or is ambiguous")]
    ClientData,
    #[error("the passkey was used on a site that is not accepted")]
    RelyingParty,
    #[error("the signature is not of this message by this key")]
    Mismatch,
}
