//! Signs in with an Ethereum wallet, makes an API key, uses it, and revokes it.

use std::error::Error;

use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use countersign_client::ocx::{Client, types};
use reqwest::header::{HeaderMap, SET_COOKIE};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("COUNTERSIGN_URL").unwrap_or("http://127.0.0.1:8080".into());
    let anyone = Client::new(&url);

    // The server writes the message, the wallet signs it.
    let wallet = PrivateKeySigner::random();
    let asked = types::ChallengeRequest {
        chain: "eip155:1".parse()?,
        address: wallet.address().to_string().parse()?,
    };
    let challenge = anyone.issue_challenge(&asked).await?;
    let signature = wallet.sign_message_sync(challenge.message.as_bytes())?;
    let proof = types::VerifyRequest {
        challenge_id: challenge.challenge_id.parse()?,
        signature: signature.to_string().parse()?,
        public_key: None,
        key_type: None,
    };
    let signed_in = anyone.verify_challenge(&proof).await?;
    println!("signed in as {}", signed_in.wallet_address);

    // The session came as a cookie, and goes back as one.
    let cookie = signed_in.headers()[SET_COOKIE].to_str()?;
    let session = cookie.split(';').next().unwrap_or_default();
    let person = client(&url, "cookie", session)?;
    let wanted = types::NewApiKey {
        name: "example".parse()?,
        scope: types::Scope::Read,
        allowed_ips: vec![],
        expires_in_days: None,
    };
    let key = person.create_api_key(&wanted).await?;
    let program = client(&url, "x-api-key", &key.secret)?;
    let me = program.get_me().await?.into_inner().ok_or("nobody")?;
    println!("the key {} acts for {}", key.id, me.wallet_address);

    person.revoke_api_key(&key.id).await?;
    let refused = program.list_chains().await.err().ok_or("it still acts")?;
    println!("revoked, it is refused: {}", refused.status().ok_or("?")?);
    Ok(())
}

/// A client that sends this header with each request.
fn client(url: &str, name: &'static str, value: &str) -> Result<Client, Box<dyn Error>> {
    let headers = HeaderMap::from_iter([(name.parse()?, value.parse()?)]);
    let http = reqwest::Client::builder().default_headers(headers);
    Ok(Client::new_with_client(url, http.build()?))
}
