//! What can go wrong in a flow, as facts. Profiles turn them into statuses and codes.

use std::borrow::Cow;

use crate::{
    expected::Refusal, message::MessageError, rate_limit::Standing, scope::Scope, store::StoreError,
};

/// Why a flow did not end well. Each flow's method lists those it returns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No chain of that namespace is known: the registry has no verifier for it.
    #[error("the chain is not known here")]
    UnknownChain,
    /// The namespace is known, and the chain is not one that its verifier serves. In a message that the
    /// client built this is [`Refusal::ChainNotAllowed`].
    #[error("the chain is not accepted here")]
    ChainNotAllowed,
    /// The text is no address of the chain, as its
    /// [`parse_address`](crate::ChainVerifier::parse_address) says.
    #[error("the address is not valid: expected {expected}")]
    InvalidAddress {
        /// What would have been accepted, in words.
        expected: Cow<'static, str>,
    },
    /// The text is no sign-in message.
    #[error("the message is malformed: {0}")]
    InvalidMessage(#[from] MessageError),
    /// The message does not meet an expectation.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The challenge is unknown, used, expired or meant for something else; or another call consumed it first.
    #[error("the challenge is unknown, used or expired")]
    ChallengeNotLive,
    /// The proof names a key type that is none of the chain's.
    #[error("the key type is not one of the chain's")]
    UnknownKeyType {
        /// The key types the chain accepts.
        accepted: Vec<String>,
    },
    /// The chain cannot check a proof without the public key.
    #[error("the chain needs the public key")]
    PublicKeyRequired,
    /// The proof does not show what it claims.
    #[error("the signature does not prove the claimed account")]
    InvalidProof,
    /// The chain could not be asked. Address and proof may be good: asking again may help.
    #[error("the chain cannot be asked at the moment")]
    ChainUnavailable,
    /// The credential is malformed, none that was issued, or of another profile.
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
    /// The key may not be used from the client's address, or that address is not certain.
    #[error("the API key may not be used from this address")]
    AddressNotAllowed,
    /// A browser sent the session's cookie for a page that is not listed, to a method that may change something.
    #[error("the request comes from a web page that is not listed")]
    CrossSite,
    /// The key does not have the scope.
    #[error("the API key lacks a scope")]
    InsufficientScope {
        /// The scope it would need; `None` when a session was presented where a rule admits keys only.
        needed: Option<Scope>,
    },
    /// A key was presented where only a session will do.
    #[error("only a session may do this, not an API key")]
    SessionRequired,
    /// No rule fits the method and path, or the path has more than one reading.
    #[error("no rule admits this request")]
    NoRule,
    /// The client or credential has made too many requests, or too many lookups of the client have failed.
    #[error("too many requests")]
    RateLimited(Standing),
    /// The account has made too many requests to order paths (see [`Rule`](crate::service::Rule)).
    #[error("too many requests on the order path")]
    OrderRateLimited(Standing),
    /// Storage did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Whether a credential stands for nobody any more, as against a failure to find out. Such a cookie
    /// can be removed.
    pub fn is_dead_credential(&self) -> bool {
        matches!(
            self,
            Self::InvalidCredential | Self::ExpiredCredential | Self::RevokedCredential
        )
    }
}
