//! What can go wrong in a flow, as facts. Profiles turn them into statuses and codes.

use crate::{
    expected::Refusal, message::MessageError, rate_limit::Standing, scope::Scope, store::StoreError,
};

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
    /// A credential is needed and none was presented.
    #[error("a credential is needed")]
    MissingCredential,
    /// The key may not be used from the client's address.
    #[error("the API key may not be used from this address")]
    AddressNotAllowed,
    /// A browser sent the session's cookie for a page that may not.
    #[error("the request comes from a web page that is not listed")]
    CrossSite,
    /// The key does not have the scope.
    #[error("the API key lacks a scope")]
    InsufficientScope {
        /// The scope it would need; `None` when keys of no scope suffice.
        needed: Option<Scope>,
    },
    /// A key was presented where only a session will do.
    #[error("only a session may do this, not an API key")]
    SessionRequired,
    /// No rule admits anybody to this.
    #[error("no rule admits this request")]
    NoRule,
    /// The client or credential has made too many requests.
    #[error("too many requests")]
    RateLimited(Standing),
    /// The account has placed too many orders.
    #[error("too many requests on the order path")]
    OrderRateLimited(Standing),
    /// Storage did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Whether a credential stands for nobody, as against a failure to find out.
    pub fn is_dead_credential(&self) -> bool {
        matches!(
            self,
            Self::InvalidCredential | Self::ExpiredCredential | Self::RevokedCredential
        )
    }
}
