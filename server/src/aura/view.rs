//! Requests and answers as JSON.

use countersign_core::{
    api_key::{ApiKey, IssuedApiKey},
    challenge::Purpose,
    message::format_instant,
    scope,
    service::IssuedChallenge,
};
use poem_openapi::{Enum, Object};

use time::OffsetDateTime;

use crate::http::{
    nullable::Nullable,
    text::{Caip2, DateTime, Hex, Label, Text},
};

/// Ask for a text to sign.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ChallengeRequest {
    /// The wallet that will sign, in its chain's form.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) address: String,
    /// The chain, as CAIP-2. Absent: the Alephium network of this server.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 5, max_length = 41)
    )]
    pub(super) chain: Option<Text<Caip2>>,
    /// What the signature is for. Absent: `mint-key`.
    #[oai(skip_serializing_if_is_none)]
    pub(super) purpose: Option<ChallengePurpose>,
}

/// What a signature is for.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "kebab-case")]
pub(super) enum ChallengePurpose {
    /// Mint an API key.
    MintKey,
    /// Sign in. No operation of this dialect takes it yet.
    SignIn,
}

impl From<ChallengePurpose> for Purpose {
    fn from(purpose: ChallengePurpose) -> Self {
        match purpose {
            ChallengePurpose::MintKey => Self::MintKey,
            ChallengePurpose::SignIn => Self::SignIn,
        }
    }
}

/// A text to sign.
#[derive(Debug, Object)]
#[oai(rename = "Challenge", rename_all = "camelCase")]
pub(super) struct ChallengeView {
    /// The exact text to sign.
    challenge: String,
    /// The instant at which it stops working.
    expires_at: Text<DateTime>,
}

impl From<IssuedChallenge> for ChallengeView {
    fn from(issued: IssuedChallenge) -> Self {
        Self {
            challenge: issued.message,
            expires_at: format_instant(issued.expires_at).into(),
        }
    }
}

/// A signed challenge, for an API key.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MintKeyRequest {
    /// The wallet that signed, in its chain's form.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) address: String,
    /// The signer's public key, in hex.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub(super) public_key: Text<Hex>,
    /// The signature, in hex.
    #[oai(validator(min_length = 1, max_length = 16_386))]
    pub(super) signature: Text<Hex>,
    /// A label of your own.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 1, max_length = 80)
    )]
    pub(super) name: Option<Text<Label>>,
    /// What the key may do. Absent: everything.
    #[oai(skip_serializing_if_is_none, validator(min_items = 1, max_items = 2))]
    pub(super) scopes: Option<Vec<Scope>>,
    /// The chain, as CAIP-2. Absent: the Alephium network of this server.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 5, max_length = 41)
    )]
    pub(super) chain: Option<Text<Caip2>>,
    /// The kind of key. Absent: the one the address implies.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 1, max_length = 64)
    )]
    pub(super) key_type: Option<String>,
    /// The exact text that was signed. Absent: any challenge of this wallet that waits.
    #[oai(
        skip_serializing_if_is_none,
        validator(min_length = 1, max_length = 4096)
    )]
    pub(super) challenge: Option<String>,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, Enum)]
pub(super) enum Scope {
    /// Read.
    #[oai(rename = "read")]
    Read,
    /// Build transactions.
    #[oai(rename = "write:tx")]
    WriteTx,
}

impl From<Scope> for scope::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::WriteTx => Self::WriteTx,
        }
    }
}

/// The keys of a wallet.
#[derive(Debug, Object)]
pub(super) struct ApiKeys {
    /// Newest first, revoked ones included.
    pub(super) keys: Vec<ApiKeyView>,
}

/// An API key.
#[derive(Debug, Object)]
#[oai(rename = "ApiKey", rename_all = "camelCase")]
pub(super) struct ApiKeyView {
    /// The key's public name, a UUID.
    id: String,
    /// The first characters of the key.
    key_prefix: String,
    /// The wallet it was minted with.
    owner_address: String,
    /// What it may do.
    scopes: Vec<Scope>,
    /// Reads a minute, where an operator has set them for this key.
    rate_limit_per_min: Nullable<u32>,
    /// When it was created.
    created_at: Text<DateTime>,
    /// When it was last used with success. A crash can lose the last seconds.
    last_used_at: Nullable<Text<DateTime>>,
    /// When it was revoked.
    revoked_at: Nullable<Text<DateTime>>,
    /// The label it was given.
    name: Nullable<String>,
}

impl From<&ApiKey> for ApiKeyView {
    fn from(key: &ApiKey) -> Self {
        let listed = [Scope::Read, Scope::WriteTx].into_iter();
        Self {
            id: key.id.to_string(),
            key_prefix: key.secret_prefix.clone(),
            owner_address: key.wallet.address.to_string(),
            scopes: listed
                .filter(|scope| key.scopes.allows((*scope).into()))
                .collect(),
            rate_limit_per_min: Nullable(key.rate_limit_per_minute),
            created_at: format_instant(key.created_at).into(),
            last_used_at: instant(key.last_use.map(|last| last.at)),
            revoked_at: instant(key.revoked_at),
            name: Nullable(key.name.clone()),
        }
    }
}

fn instant(at: Option<OffsetDateTime>) -> Nullable<Text<DateTime>> {
    Nullable(at.map(|at| format_instant(at).into()))
}

/// An API key with its secret.
#[derive(Debug, Object)]
pub(super) struct MintedKey {
    /// The key.
    #[oai(flatten)]
    shown: ApiKeyView,
    /// The secret, for `Authorization: Bearer`. Shown this once.
    key: String,
}

impl From<&IssuedApiKey> for MintedKey {
    fn from(issued: &IssuedApiKey) -> Self {
        Self {
            shown: ApiKeyView::from(&issued.key),
            key: issued.secret.expose().to_owned(),
        }
    }
}
