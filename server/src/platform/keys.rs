//! `/.well-known/jwks.json`: what session tokens are verified with (RFC 7517, RFC 8037).

use std::sync::Arc;

use countersign_core::{Clock, clock::SystemClock};
use poem::web::Data;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi, payload::Json};

use super::{Platform, Tag};
use crate::{ocx::ApiError, session_token::PublishedKey, signing_keys::MAX_AGE};

pub(crate) struct KeysApi;

/// How long an answer may be kept. A new key is published for longer than that before it signs.
pub(super) fn caching() -> String {
    format!("public, max-age={MAX_AGE}")
}

/// The keys of session tokens.
#[derive(Debug, Object)]
#[oai(rename = "SigningKeySet")]
struct KeySet {
    /// One or more; a token names its own by `kid`. Keys that will sign are listed, and those whose tokens have not expired.
    keys: Vec<Key>,
}

/// An Ed25519 public key, as a JWK (RFC 8037).
#[derive(Debug, Object)]
#[oai(rename = "SigningKey")]
struct Key {
    /// The family of keys.
    kty: KeyType,
    /// The curve.
    crv: Curve,
    /// The public key, 32 bytes in base64url.
    x: String,
    /// The key's name in the header of tokens: its thumbprint (RFC 7638).
    kid: String,
    /// The algorithm of the signatures.
    alg: Algorithm,
    /// What the key is for.
    #[oai(rename = "use")]
    purpose: Purpose,
}

#[derive(Debug, Enum)]
#[oai(rename = "KeyType")]
enum KeyType {
    #[oai(rename = "OKP")]
    OctetKeyPair,
}

#[derive(Debug, Enum)]
enum Curve {
    Ed25519,
}

#[derive(Debug, Enum)]
pub(super) enum Algorithm {
    #[oai(rename = "EdDSA")]
    EdDsa,
}

#[derive(Debug, Enum)]
#[oai(rename = "KeyUse")]
enum Purpose {
    #[oai(rename = "sig")]
    Signature,
}

impl From<&PublishedKey> for Key {
    fn from(key: &PublishedKey) -> Self {
        Self {
            kty: KeyType::OctetKeyPair,
            crv: Curve::Ed25519,
            x: key.x.clone(),
            kid: key.id.clone(),
            alg: Algorithm::EdDsa,
            purpose: Purpose::Signature,
        }
    }
}

#[derive(ApiResponse)]
enum KeySetOk {
    /// The keys of session tokens.
    #[oai(status = 200)]
    Ok(
        Json<KeySet>,
        /// How long the answer may be kept.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(prefix_path = "/.well-known", tag = "Tag::Keys")]
impl KeysApi {
    /// List the keys of session tokens.
    ///
    /// For services that verify session tokens (JWTs) by themselves. They cannot see that a session has been revoked;
    /// the server can. A token whose `kid` is not in a list that was kept is a reason to ask again. Anybody may call.
    #[oai(path = "/jwks.json", method = "get", operation_id = "listSigningKeys")]
    async fn jwks(&self, platform: Data<&Arc<Platform>>) -> Result<KeySetOk, ApiError> {
        let keys = platform.tokens.keys();
        let keys = keys.published(SystemClock.now());
        let keys = keys.into_iter().map(Key::from).collect();
        Ok(KeySetOk::Ok(Json(KeySet { keys }), caching()))
    }
}
