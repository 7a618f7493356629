//! Server-side login state.

use time::OffsetDateTime;

use crate::{
    account::AccountId,
    chain::ChainAddress,
    id::ulid_id,
    profile::Profile,
    secret::{HashedSecret, Secret},
    wallet::WalletKey,
};

ulid_id! {
    /// Names a session; the `sid` of its token.
    SessionId
}

/// A login. Cookie and bearer token only point at it, by the hash of the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's permanent name.
    pub id: SessionId,
    /// The dialect it was issued in and is valid in.
    pub profile: Profile,
    /// Whose it is.
    pub account: AccountId,
    /// The wallet that signed in, on the chain it named.
    pub wallet: ChainAddress,
    /// By what that wallet is known, whatever chain it named.
    pub wallet_key: WalletKey,
    /// SHA-256 of the whole token.
    pub token_hash: HashedSecret,
    /// When it was issued.
    pub issued_at: OffsetDateTime,
    /// The first instant at which it is no longer valid.
    pub expires_at: OffsetDateTime,
    /// When it was revoked, if it was.
    pub revoked_at: Option<OffsetDateTime>,
}

/// A session with the token that points at it, which exists only at issue.
#[derive(Debug, Clone)]
pub struct IssuedSession {
    /// What is stored.
    pub session: Session,
    /// What the client gets, once: as a cookie or as a bearer token.
    pub token: Secret,
}

/// What a session token says, for others to verify offline; each claim with its name in a JWT (RFC 7519 §4).
/// The server itself never trusts these claims, it finds the session by the token's hash.
#[derive(Debug)]
pub struct SessionClaims<'a> {
    /// `sid`.
    pub session: SessionId,
    /// `aud`.
    pub profile: Profile,
    /// `sub`.
    pub account: AccountId,
    /// `wallet`, as CAIP-10.
    pub wallet: &'a ChainAddress,
    /// `iat`, in whole milliseconds here and in whole seconds in a JWT.
    pub issued_at: OffsetDateTime,
    /// `exp`, likewise.
    pub expires_at: OffsetDateTime,
    /// `jti`: 22 random base62 characters, so that a stolen signing key cannot rebuild a live token.
    pub token_id: String,
}

/// Turns claims into a signed token.
pub trait TokenIssuer: Send + Sync {
    /// Signs the claims. The whole token is the session's secret, so it must contain `token_id`. It is
    /// called inside the store's transaction, so it must not wait for anything.
    fn issue(&self, claims: &SessionClaims<'_>) -> Secret;
}
