//! `/.well-known/jwks.json`

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_tests::Server;
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;

use crate::wallet;

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

#[tokio::test]
async fn a_session_token_is_verified_with_the_key_that_it_names() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    let parts: Vec<_> = session.token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("a JWT has three parts");
    };
    let header: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    assert_eq!(header["alg"], "EdDSA");

    let answer = server.client().get("/.well-known/jwks.json").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys = answer.json()["keys"].as_array().cloned().expect("keys");
    let named = keys.iter().find(|key| key["kid"] == header["kid"]);
    let key = decoded(
        named.expect("the key is published")["x"]
            .as_str()
            .expect("x"),
    );
    let key = VerifyingKey::try_from(&key[..]).expect("an Ed25519 key");
    let signature = Signature::from_slice(&decoded(signature)).expect("64 bytes");
    let signed = session.token.rsplit_once('.').expect("a signature").0;
    let verified = key.verify_strict(signed.as_bytes(), &signature);
    verified.expect("the token is the server's");
    let claims: Value = serde_json::from_slice(&decoded(claims)).expect("JSON");
    assert_eq!(claims["sub"], session.user_id);
}
