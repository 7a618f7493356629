//! Keys that are put into a store, without a server being asked for them.

use countersign_core::{
    api_key::{ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    memory::SeededRandom,
    profile::Profile,
    scope::ScopeSet,
    secret::Secret,
    store::{MAX_LIVE_API_KEYS, Store},
    store_suite::{NOW, challenge, redeem},
};
use futures_util::{StreamExt, future::try_join_all, stream};

/// Accounts whose keys are on their way into the store at once.
const ACCOUNTS_AT_ONCE: usize = 16;

/// Inserts about so many keys with the scope `read` that never expire: of each account as many as it may have. Every
/// store that is given as many gets the same ones.
pub async fn insert_keys(store: &dyn Store, count: usize) -> Vec<Secret> {
    let accounts = count.div_ceil(MAX_LIVE_API_KEYS) as u64;
    let accounts = stream::iter(0..accounts).map(|seed| insert_keys_of(store, seed));
    let secrets: Vec<_> = accounts.buffered(ACCOUNTS_AT_ONCE).collect().await;
    secrets.concat()
}

async fn insert_keys_of(store: &dyn Store, seed: u64) -> Vec<Secret> {
    let issued = issue(store, seed).await;
    let kept = issued
        .iter()
        .map(|issued| store.insert_api_key(issued.key.clone()));
    try_join_all(kept).await.expect("the account has room");
    issued.into_iter().map(|issued| issued.secret).collect()
}

/// Keys of a new account, which signs in first as every account does.
async fn issue(store: &dyn Store, seed: u64) -> Vec<IssuedApiKey> {
    let challenge = challenge(seed);
    let inserted = store.insert_challenge(challenge.clone()).await;
    inserted.expect("there is room");
    let redeem = redeem(&challenge, &format!("0x{seed}"), seed);
    let wallet = redeem.wallet.clone();
    let granted = store.redeem(redeem).await.expect("the database works");
    let owner = ApiKeyOwner {
        account: granted.expect("the challenge is live").issued.account(),
        wallet: wallet.address,
        wallet_key: wallet.key,
    };
    let request = ApiKeyRequest {
        name: None,
        scopes: ScopeSet::parse("read").expect("a scope"),
        allowlist: Default::default(),
        ttl: None,
    };
    let random = SeededRandom::new(seed);
    (0..MAX_LIVE_API_KEYS)
        .map(|_| IssuedApiKey::generate(Profile::Ocx, owner.clone(), &request, NOW, &random))
        .collect()
}
