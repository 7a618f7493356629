//! What can go wrong in a flow, as facts. Profiles turn them into statuses and codes.

use crate::{expected::Refusal, message::MessageError, store::StoreError};

/// Why a flow did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No chain of that name is known.
    #[error("the chain is not known here")]
    UnknownChain,
    /// The chain is known and not accepted.
    #[error("the chain is not accepted here")]
    ChainNotAllowed,
    /// The text is no address of the chain.
    #[error("the address is not valid: expected {expected}")]
    InvalidAddress {
        /// What would have been accepted, in words.
        expected: &'static str,
    },
    /// The text is no sign-in message.
    #[error("the message is malformed: {0}")]
    InvalidMessage(#[from] MessageError),
    /// The message does not meet an expectation.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The challenge is unknown, used, expired or meant for something else.
    #[error("the challenge is unknown, used or expired")]
    ChallengeNotLive,
    /// The key type is none of the chain's.
    #[error("the key type is not one of the chain's")]
    UnknownKeyType {
        /// The chain's key types.
        accepted: Vec<String>,
    },
    /// The chain cannot check a proof without the public key.
    #[error("the chain needs the public key")]
    PublicKeyRequired,
    /// The proof does not show what it claims.
    #[error("the signature does not prove the claimed account")]
    InvalidProof,
    /// The chain could not be asked.
    #[error("the chain cannot be asked at the moment")]
    ChainUnavailable,
    /// The credential is none that was issued.
    #[error("the credential is not valid")]
    InvalidCredential,
    /// The credential's time is over.
    #[error("the credential has expired")]
    ExpiredCredential,
    /// The credential was revoked.
    #[error("the credential was revoked")]
    RevokedCredential,
    /// Storage did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}
