//! API keys as JSON.

use countersign_core::{
    api_key::{ApiKey, ApiKeyStatus, IssuedApiKey},
    message::format_instant,
    scope,
};
use poem_openapi::{Enum, Object};
use time::OffsetDateTime;

use crate::http::{
    nullable::Nullable,
    text::{Cidr, DateTime, Label, Text},
};

/// What a new key should be.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct NewApiKey {
    /// A label of your own.
    #[oai(validator(min_length = 1, max_length = 80))]
    pub(super) name: Text<Label>,
    /// What the key may do.
    pub(super) scope: Scope,
    /// Addresses and CIDR blocks it may be used from, IPv4 or IPv6. Absent or empty: any.
    #[oai(skip_serializing_if_is_none, validator(max_items = 32))]
    pub(super) allowed_ips: Option<Vec<Text<Cidr>>>,
    /// After so many times 24 hours it expires. Absent: never.
    #[oai(
        skip_serializing_if_is_none,
        validator(minimum(value = "1"), maximum(value = "3650"))
    )]
    pub(super) expires_in_days: Option<u32>,
}

/// What a key may do.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
pub(super) enum Scope {
    /// Market data and reads of the account.
    Read,
    /// Everything `read` may, and orders, quotes and transfers.
    Trade,
}

impl From<Scope> for scope::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Trade => Self::Trade,
        }
    }
}

/// What a key is good for.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "ApiKeyStatus", rename_all = "lowercase")]
enum Status {
    /// It authenticates.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// The keys of an account.
#[derive(Debug, Object)]
pub(super) struct ApiKeys {
    /// Newest first.
    pub(super) keys: Vec<ApiKeyView>,
}

/// An API key.
#[derive(Debug, Object)]
#[oai(rename = "ApiKey", rename_all = "camelCase")]
pub(super) struct ApiKeyView {
    /// The key's public name.
    id: String,
    /// The label it was given.
    name: String,
    /// What it may do.
    scope: Scope,
    /// Where it may be used from; empty: anywhere.
    allowed_ips: Vec<String>,
    /// When it expires; `null`: never.
    expires_at: Nullable<Text<DateTime>>,
    /// When it was created.
    created_at: Text<DateTime>,
    /// When it was revoked.
    revoked_at: Nullable<Text<DateTime>>,
    /// When it was last used with success. A crash can lose the last seconds.
    last_used_at: Nullable<Text<DateTime>>,
    /// From where it was last used with success.
    last_used_ip: Nullable<String>,
    /// What it is good for.
    status: Status,
}

impl ApiKeyView {
    pub(super) fn of(key: &ApiKey, now: OffsetDateTime) -> Self {
        let trades = key.scopes.allows(scope::Scope::Trade);
        Self {
            id: key.id.to_string(),
            name: key.name.clone().unwrap_or_default(),
            scope: if trades { Scope::Trade } else { Scope::Read },
            allowed_ips: key
                .allowlist
                .networks()
                .iter()
                .map(ToString::to_string)
                .collect(),
            expires_at: instant(key.expires_at),
            created_at: format_instant(key.created_at).into(),
            revoked_at: instant(key.revoked_at),
            last_used_at: instant(key.last_use.map(|last| last.at)),
            last_used_ip: Nullable(
                key.last_use
                    .and_then(|last| last.ip)
                    .map(|ip| ip.to_string()),
            ),
            status: match key.status(now) {
                ApiKeyStatus::Active => Status::Active,
                ApiKeyStatus::Expired => Status::Expired,
                ApiKeyStatus::Revoked => Status::Revoked,
            },
        }
    }
}

fn instant(at: Option<OffsetDateTime>) -> Nullable<Text<DateTime>> {
    Nullable(at.map(|at| format_instant(at).into()))
}

/// An API key with its secret.
#[derive(Debug, Object)]
pub(super) struct ApiKeyWithSecret {
    /// The key.
    #[oai(flatten)]
    key: ApiKeyView,
    /// The secret, for `x-api-key` or `Authorization: Bearer`.
    secret: String,
    /// A reminder to keep it.
    message: String,
}

/// The reminder beside a secret.
pub(super) const SHOWN_ONCE: &str =
    "Store the secret now: it is shown this once and cannot be recovered.";

impl ApiKeyWithSecret {
    pub(super) fn of(issued: &IssuedApiKey, now: OffsetDateTime) -> Self {
        Self {
            key: ApiKeyView::of(&issued.key, now),
            secret: issued.secret.expose().to_owned(),
            message: SHOWN_ONCE.into(),
        }
    }
}
