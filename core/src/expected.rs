//! What a relying party expects of a message. Every expectation is mandatory: there is no
//! default and no way to leave one out.

use time::{Duration, OffsetDateTime};

use crate::{chain::ChainId, message::SignInMessage, nonce::Nonce, origin::Origin};

/// Everything a message is compared with. It comes from configuration and from the store,
/// never from the request.
#[derive(Debug)]
pub struct Expected<'a> {
    /// The origins that may ask for a signature (the message's scheme and domain), and that its `URI` may
    /// belong to, with any path. None: every message is refused.
    pub origins: &'a [Origin],
    /// Further values of `URI` that are accepted, compared as exact text.
    pub uris: &'a [String],
    /// The accepted chains. None: every message is refused.
    pub chain_ids: &'a [ChainId],
    /// The one-time value.
    pub nonce: ExpectedNonce<'a>,
    /// The present instant.
    pub now: OffsetDateTime,
    /// How the message's own times are judged.
    pub times: &'a TimeRules,
}

/// The nonce a message must carry.
#[derive(Debug, Clone, Copy)]
pub enum ExpectedNonce<'a> {
    /// This one, which the server issued and, as far as is known, nobody has used.
    Issued(&'a Nonce),
    /// None was issued for this message: whatever it carries is refused.
    NoneIssued,
}

/// How a message's own times are judged. Each bound is inclusive, and `Duration::MAX` stands for none in
/// `max_age` and `max_validity`. `Expiration Time` and `Not Before` are compared without a tolerance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeRules {
    /// How far `Issued At` may lie in the future, because a wallet's clock may run ahead of ours. A bounded
    /// time: it is added to the present instant.
    pub clock_skew: Duration,
    /// How far `Issued At` may lie in the past.
    pub max_age: Duration,
    /// Whether a message must carry an `Expiration Time`.
    pub requires_expiration: bool,
    /// The longest time from `Issued At` to `Expiration Time`.
    pub max_validity: Duration,
}

/// The expectation a message did not meet; the first in the order of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The scheme before the domain is not that of an accepted origin.
    #[error("the message names a scheme that is not accepted")]
    SchemeMismatch,
    /// The domain is not an accepted one.
    #[error("the message names a domain that is not accepted")]
    DomainMismatch,
    /// The URI belongs to no accepted origin and is not listed.
    #[error("the message names a URI that is not accepted")]
    UriNotAllowed,
    /// The chain is not accepted.
    #[error("the message names a chain that is not accepted")]
    ChainNotAllowed,
    /// `Expiration Time` has come; at that very instant a message is over.
    #[error("the message has expired")]
    Expired,
    /// `Expiration Time` is absent and required.
    #[error("the message carries no expiration time")]
    ExpirationRequired,
    /// `Expiration Time` is too long after `Issued At`.
    #[error("the message is valid for too long")]
    ValidityTooLong,
    /// `Not Before` has not come.
    #[error("the message is not valid yet")]
    NotYetValid,
    /// `Issued At` lies in the future.
    #[error("the message was issued in the future")]
    IssuedInFuture,
    /// `Issued At` lies too far in the past.
    #[error("the message was issued too long ago")]
    IssuedTooOld,
    /// The nonce is not the expected one, or none was issued.
    #[error(
        "the nonce is not one this server issued for this wallet, or it was used or has expired"
    )]
    NonceMismatch,
}

impl Expected<'_> {
    /// Compares a message: domain, scheme, URI, chain, times, and the nonce last. `chain` is what the chain's
    /// verifier read in the `Chain ID` line (see [`Claim::account`](crate::claim::Claim::account)).
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn check(&self, message: &SignInMessage, chain: &ChainId) -> Result<(), Refusal> {
        self.check_domain(message)?;
        self.check_uri(&message.fields().uri)?;
        if !self.chain_ids.contains(chain) {
            return Err(Refusal::ChainNotAllowed);
        }
        self.check_times(message)?;
        match self.nonce {
            ExpectedNonce::Issued(nonce) if nonce.as_str() == message.fields().nonce => Ok(()),
            ExpectedNonce::Issued(_) | ExpectedNonce::NoneIssued => Err(Refusal::NonceMismatch),
        }
    }

    /// A present scheme must be the origin's. An absent one stands for https, and for http
    /// where the host is this machine.
    fn check_domain(&self, message: &SignInMessage) -> Result<(), Refusal> {
        let fields = message.fields();
        let same_authority = |origin: &&Origin| {
            Origin::of(origin.scheme(), &fields.domain).as_ref() == Some(*origin)
        };
        let mut candidates = self.origins.iter().filter(same_authority).peekable();
        if candidates.peek().is_none() {
            return Err(Refusal::DomainMismatch);
        }
        let same_scheme = |origin: &Origin| match &fields.scheme {
            Some(scheme) => scheme.eq_ignore_ascii_case(origin.scheme()),
            None => {
                origin.scheme() == "https" || (origin.scheme() == "http" && origin.is_loopback())
            }
        };
        if candidates.any(same_scheme) {
            Ok(())
        } else {
            Err(Refusal::SchemeMismatch)
        }
    }

    fn check_uri(&self, uri: &str) -> Result<(), Refusal> {
        let is_ours = Origin::of_uri(uri).is_some_and(|origin| self.origins.contains(&origin));
        if is_ours || self.uris.iter().any(|accepted| accepted == uri) {
            Ok(())
        } else {
            Err(Refusal::UriNotAllowed)
        }
    }

    fn check_times(&self, message: &SignInMessage) -> Result<(), Refusal> {
        let (rules, now, issued_at) = (self.times, self.now, message.issued_at());
        match message.expiration_time() {
            // At the instant of its expiration a message is over.
            Some(expiration) if now >= expiration => return Err(Refusal::Expired),
            Some(expiration) if expiration - issued_at > rules.max_validity => {
                return Err(Refusal::ValidityTooLong);
            }
            None if rules.requires_expiration => return Err(Refusal::ExpirationRequired),
            _ => {}
        }
        if message
            .not_before()
            .is_some_and(|not_before| now < not_before)
        {
            return Err(Refusal::NotYetValid);
        }
        if issued_at > now + rules.clock_skew {
            return Err(Refusal::IssuedInFuture);
        }
        if now - issued_at > rules.max_age {
            return Err(Refusal::IssuedTooOld);
        }
        Ok(())
    }
}
