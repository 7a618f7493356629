//! What is answered: the members of RFC 7662 §2.2, and our own beside them.

use countersign_core::{
    Error,
    principal::{Credential, Principal},
    profile::Profile,
    service::Caller,
};
use poem_openapi::{Enum, Object};
use time::OffsetDateTime;

use super::error::OauthError;

/// What a token is good for. Of one that is good for nothing, `active` is the only member.
#[derive(Debug, Default, Object)]
#[oai(rename = "Introspection", skip_serializing_if_is_none)]
pub(super) struct Answer {
    /// Whether it is good.
    active: bool,
    /// What it may do, with a space between: `read` and `trade` in OCX, `read` and `write:tx` in Aura. What is part of another
    /// scope is listed, too. A session may do all that its dialect knows. Absent for a key without scopes.
    scope: Option<String>,
    /// How it is presented (RFC 6750).
    token_type: Option<TokenType>,
    /// What it is: a session's token or an API key.
    credential: Option<Kind>,
    /// When it expires, in Unix time. Absent for a key that never does.
    exp: Option<u64>,
    /// When it was issued, in Unix time.
    iat: Option<u64>,
    /// The account it acts for.
    sub: Option<String>,
    /// The dialect it is for, as in a session's token.
    aud: Option<Dialect>,
    /// Who issued it, as in a session's token.
    iss: Option<String>,
    /// The wallet behind it (CAIP-10).
    wallet: Option<String>,
    /// The id of the session.
    sid: Option<String>,
    /// The id of the API key.
    key_id: Option<String>,
    /// The dialect it is for.
    profile: Option<Dialect>,
}

#[derive(Debug, Enum)]
enum TokenType {
    Bearer,
}

/// What a token is.
#[derive(Debug, Enum)]
#[oai(rename = "CredentialKind", rename_all = "kebab-case")]
enum Kind {
    Session,
    ApiKey,
}

/// A dialect.
#[derive(Debug, Enum)]
#[oai(rename_all = "lowercase")]
enum Dialect {
    Ocx,
    Aura,
}

impl Answer {
    /// Of whoever was found, or was not.
    ///
    /// # Errors
    /// What is no word on the token: it was not found out what it is good for.
    pub(super) fn of(verdict: Result<Caller, Error>, issuer: &str) -> Result<Self, OauthError> {
        match verdict {
            Ok(caller) => Ok(caller
                .principal()
                .map_or_else(Self::default, |principal| Self::active(&principal, issuer))),
            Err(
                Error::InvalidCredential
                | Error::ExpiredCredential
                | Error::RevokedCredential
                | Error::AddressNotAllowed,
            ) => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    fn active(principal: &Principal, issuer: &str) -> Self {
        let (kind, sid, key_id) = match &principal.credential {
            Credential::Session(id) => (Kind::Session, Some(id.to_string()), None),
            Credential::ApiKey { id, .. } => (Kind::ApiKey, None, Some(id.to_string())),
        };
        let scope = principal.scopes().to_string();
        let seconds = |instant: OffsetDateTime| u64::try_from(instant.unix_timestamp()).ok();
        Self {
            active: true,
            scope: Some(scope).filter(|scope| !scope.is_empty()),
            token_type: Some(TokenType::Bearer),
            credential: Some(kind),
            exp: principal.expires_at.and_then(seconds),
            iat: seconds(principal.issued_at),
            sub: Some(principal.account.to_string()),
            aud: Some(principal.profile.into()),
            iss: Some(issuer.to_owned()),
            wallet: Some(principal.wallet.to_string()),
            sid,
            key_id,
            profile: Some(principal.profile.into()),
        }
    }
}

impl From<Profile> for Dialect {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Ocx => Self::Ocx,
            Profile::Aura => Self::Aura,
        }
    }
}
