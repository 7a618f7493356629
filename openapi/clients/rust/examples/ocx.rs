//! Signs in with an Ethereum wallet, makes an API key, uses it, and revokes it.

use std::{env, error::Error};

use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use countersign_client::ocx::{Client, types};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, SET_COOKIE};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("COUNTERSIGN_URL").unwrap_or("http://127.0.0.1:8080".into());
    let anyone = Client::new(&url);

    // The server writes the message, the wallet signs it.
    let wallet = PrivateKeySigner::random();
    let challenge = anyone
        .issue_challenge(&types::ChallengeRequest {
            chain: "eip155:1".parse()?,
            address: wallet.address().to_string().parse()?,
        })
        .await?;
    let signature = wallet.sign_message_sync(challenge.message.as_bytes())?;
    let signed_in = anyone
        .verify_challenge(&types::VerifyRequest {
            challenge_id: challenge.challenge_id.parse()?,
            signature: signature.to_string().parse()?,
            public_key: None,
            key_type: None,
        })
        .await?;

    // The session is in the cookie, and serves as a bearer token, too.
    let cookie = signed_in.headers()[SET_COOKIE].to_str()?;
    let (_, token) = cookie.split_once('=').ok_or("no session")?;
    let token = token.split(';').next().unwrap_or_default();
    let session = client(&url, AUTHORIZATION, &format!("Bearer {token}"))?;
    println!("signed in as {}", signed_in.wallet_address);

    let new = types::NewApiKey {
        name: "example".parse()?,
        scope: types::Scope::Read,
        allowed_ips: vec![],
        expires_in_days: None,
    };
    let key = session.create_api_key(&new).await?;
    let program = client(&url, HeaderName::from_static("x-api-key"), &key.secret)?;
    let me = program.get_me().await?.into_inner().ok_or("nobody")?;
    println!("key {} acts for {}", key.id, me.wallet_address);

    session.revoke_api_key(&key.id).await?;
    let nobody = program.get_me().await?.into_inner();
    assert!(nobody.is_none(), "a revoked key still acts for somebody");
    println!("key {} is revoked", key.id);
    Ok(())
}

/// A client that sends this header with each request.
fn client(url: &str, name: HeaderName, value: &str) -> Result<Client, Box<dyn Error>> {
    let headers = HeaderMap::from_iter([(name, value.parse()?)]);
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    Ok(Client::new_with_client(url, http))
}
