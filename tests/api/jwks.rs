//! `/.well-known`: what session tokens are verified with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_tests::Server;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::wallet;

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

/// The published keys.
pub(crate) async fn keys(server: &Server) -> Vec<Value> {
    let answer = server.client().get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    answer.json()["keys"].as_array().cloned().expect("keys")
}

/// The key that a token names.
pub(crate) fn kid(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    assert_eq!(header["alg"], "EdDSA");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// Verifies a token with the key that it names; returns its claims, or `None` if the key is not published.
pub(crate) fn verified(token: &str, keys: &[Value]) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let (_, claims) = signed.split_once('.').expect("claims");
    let named = keys.iter().find(|key| key["kid"] == kid(token))?;
    let key = decoded(named["x"].as_str().expect("x"));
    let key = VerifyingKey::try_from(&key[..]).expect("an Ed25519 key");
    let signature = Signature::from_slice(&decoded(signature)).expect("64 bytes");
    let verified = key.verify_strict(signed.as_bytes(), &signature);
    verified.expect("the token is the server's");
    Some(serde_json::from_slice(&decoded(claims)).expect("JSON"))
}

#[tokio::test]
async fn a_session_token_is_verified_with_the_key_that_it_names() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    let claims = verified(&session.token, &keys(&server).await);
    let claims = claims.expect("the key is published");
    assert_eq!(claims["sub"], session.user_id);
    assert_eq!(claims["aud"], "ocx");
}

#[tokio::test]
async fn the_metadata_is_true_of_tokens_and_names_no_endpoint_that_is_not_there() {
    let issuer = ("COUNTERSIGN__SESSION__ISSUER", "the-issuer");
    let server = Server::start_with(&[issuer]);
    let answer = server
        .client()
        .get("/.well-known/openid-configuration")
        .await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(
        answer.json(),
        json!({
            "issuer": "the-issuer",
            "jwks_uri": format!("{}/.well-known/jwks.json", server.url()),
            "session_token_signing_alg_values_supported": ["EdDSA"],
        })
    );
    let session = server.client().sign_in(&wallet()).await;
    let claims = verified(&session.token, &keys(&server).await).expect("published");
    assert_eq!(claims["iss"], "the-issuer");
}

#[tokio::test]
async fn behind_a_public_url_the_metadata_names_it() {
    let public = ("COUNTERSIGN__SERVER__PUBLIC_URL", "https://id.example.com");
    let server = Server::start_with(&[public]);
    let answer = server
        .client()
        .get("/.well-known/openid-configuration")
        .await;
    let jwks = "https://id.example.com/.well-known/jwks.json";
    assert_eq!(answer.field("jwks_uri"), jwks);
}
