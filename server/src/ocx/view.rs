//! Requests and answers as JSON.

use countersign_core::{
    ChainVerifier,
    message::format_instant,
    principal::Principal,
    service::{IssuedChallenge, IssuedNonce, SignedIn},
    verifier,
};
use poem_openapi::{Enum, Object};

use crate::http::text::{Caip2, DateTime, Hex, Text};

/// Ask for a nonce.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NonceRequest {
    /// The wallet that will sign.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) wallet_address: String,
}

/// A nonce for one sign-in of one wallet.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub(super) struct Nonce {
    /// Goes into the message's `Nonce:` line. It works once.
    nonce: String,
    /// The instant at which it stops working.
    expires_at: Text<DateTime>,
}

impl From<IssuedNonce> for Nonce {
    fn from(issued: IssuedNonce) -> Self {
        Self {
            nonce: issued.nonce.to_string(),
            expires_at: format_instant(issued.expires_at).into(),
        }
    }
}

/// A signed EIP-4361 message.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SiweRequest {
    /// The exact text that was signed.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub(super) message: String,
    /// The signature, in hex.
    #[oai(validator(min_length = 1, max_length = 16_386))]
    pub(super) signature: Text<Hex>,
}

/// Ask for a message to sign.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChallengeRequest {
    /// The chain, as CAIP-2.
    #[oai(validator(min_length = 5, max_length = 41))]
    pub(super) chain: Text<Caip2>,
    /// The wallet that will sign, in its chain's form.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) address: String,
}

/// A message to sign.
#[derive(Debug, Object)]
#[oai(rename = "Challenge", rename_all = "camelCase")]
pub(super) struct ChallengeView {
    /// Goes back with the signature.
    challenge_id: String,
    /// The exact text to sign.
    message: String,
    /// The one-time value inside the message.
    nonce: String,
    /// The instant at which the challenge stops working.
    expires_at: Text<DateTime>,
}

impl From<IssuedChallenge> for ChallengeView {
    fn from(issued: IssuedChallenge) -> Self {
        Self {
            challenge_id: issued.id.to_string(),
            message: issued.message,
            nonce: issued.nonce.to_string(),
            expires_at: format_instant(issued.expires_at).into(),
        }
    }
}

/// The answer to a challenge.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VerifyRequest {
    /// The challenge that was signed.
    #[oai(validator(min_length = 26, max_length = 26))]
    pub(super) challenge_id: String,
    /// The signature, in hex.
    #[oai(validator(min_length = 1, max_length = 16_386))]
    pub(super) signature: Text<Hex>,
    /// The signer's public key, in hex; for chains that need it.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 1, max_length = 4096)
    )]
    pub(super) public_key: Option<Text<Hex>>,
    /// The kind of key; one of the chain's.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 1, max_length = 64)
    )]
    pub(super) key_type: Option<String>,
}

/// Who has signed in.
#[derive(Debug, Object)]
#[oai(rename = "SignedIn", rename_all = "camelCase")]
pub(super) struct SignedInView {
    /// The account, a ULID.
    user_id: String,
    /// The wallet, in its chain's canonical form.
    wallet_address: String,
}

impl From<&SignedIn> for SignedInView {
    fn from(signed_in: &SignedIn) -> Self {
        Self {
            user_id: signed_in.account.to_string(),
            wallet_address: signed_in.wallet.address.to_string(),
        }
    }
}

/// Who a request comes from.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub(super) struct Me {
    /// The account, a ULID.
    user_id: String,
    /// The wallet that signed in, in its chain's canonical form.
    wallet_address: String,
    /// The chain it named, as CAIP-2.
    chain: String,
}

impl From<&Principal> for Me {
    fn from(principal: &Principal) -> Self {
        Self {
            user_id: principal.account.to_string(),
            wallet_address: principal.wallet.address.to_string(),
            chain: principal.wallet.chain.to_string(),
        }
    }
}

/// The chains whose wallets can sign in.
#[derive(Debug, Object)]
pub(super) struct Chains {
    /// One entry a namespace.
    pub(super) chains: Vec<Chain>,
}

/// A family of chains that share their accounts.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub(super) struct Chain {
    /// CAIP-2 namespace.
    namespace: String,
    /// The name in a message's first line.
    name: String,
    /// The accepted chains, as CAIP-2.
    chain_ids: Vec<String>,
    /// The accepted kinds of key. When none is named it is the one the address implies, or the first.
    key_types: Vec<String>,
    /// Whether a proof must carry the public key.
    needs_public_key: bool,
    /// Where the chain's rules come from.
    source: Source,
    /// Whether its wallets can sign in at the moment.
    available: bool,
}

/// Where a chain's rules come from.
#[derive(Debug, Enum)]
#[oai(rename = "ChainSource", rename_all = "lowercase")]
pub(super) enum Source {
    /// Part of the server.
    Builtin,
    /// A library that the operator added.
    Plugin,
}

impl From<verifier::Source> for Source {
    fn from(source: verifier::Source) -> Self {
        match source {
            verifier::Source::Builtin => Self::Builtin,
            verifier::Source::Plugin => Self::Plugin,
        }
    }
}

impl From<&dyn ChainVerifier> for Chain {
    fn from(verifier: &dyn ChainVerifier) -> Self {
        let info = verifier.info();
        Self {
            namespace: info.namespace.to_string(),
            name: info.name.clone(),
            chain_ids: info.chain_ids.iter().map(ToString::to_string).collect(),
            key_types: info.key_types.clone(),
            needs_public_key: info.needs_public_key,
            source: info.source.into(),
            available: verifier.is_available(),
        }
    }
}
