//! The check of a key by the access engine, from memory and from SQLite, among 10,000 keys.

use std::sync::Arc;

use countersign_core::{
    api_key::{ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    client_address::ClientAddress,
    clock::SystemClock,
    memory::SeededRandom,
    profile::Profile,
    scope::{Scope, ScopeSet},
    secret::Secret,
    service::{
        Access, AccessRequest, Admits, CredentialKind, Credentials, Limits, Presented, Quotas,
        Rule, Rules, Transport,
    },
    store::{ApiKeyStore, ChallengeStore, MAX_LIVE_API_KEYS},
    store_suite::{NOW, challenge, redeem},
};
use countersign_server::store::SqliteStore;
use criterion::Criterion;
use futures_util::future::try_join_all;
use tokio::runtime::Runtime;

const ACCOUNTS: u64 = 100;

pub(crate) fn benchmarks(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = Runtime::new().expect("threads");
    let url = format!("sqlite://{}", directory.path().join("keys.db").display());
    let url = url.parse().expect("a database's URL");
    let opened = runtime.block_on(SqliteStore::open(&url, 1000));
    let store = Arc::new(opened.expect("the directory is ours"));
    let keys = runtime.block_on(keys(&store));
    for (name, capacity) in [("key/from memory", keys.len()), ("key/from SQLite", 0)] {
        let access = access(store.clone(), capacity);
        let mut next = keys.iter().cycle();
        let mut check_next = || {
            let key = next.next().expect("a circle");
            runtime.block_on(check(&access, key));
        };
        keys.iter().for_each(|_| check_next());
        criterion.bench_function(name, |bench| bench.iter(&mut check_next));
    }
}

/// Lets readers in; so many credentials are remembered.
fn access(store: Arc<SqliteStore>, capacity: usize) -> Access {
    Access::new(
        Profile::Ocx,
        Rules::only(vec![Rule::for_all_paths(Admits::with(Scope::Read))]),
        Arc::new(Credentials::new(store, Arc::new(SystemClock), capacity)),
        Arc::new(Limits::new(Quotas::default(), 1)),
        Arc::new(SystemClock),
    )
}

/// Everything from the secret to the decision.
async fn check(access: &Access, key: &Secret) {
    let presented = &Presented::Credential {
        hash: key.hash(),
        kind: CredentialKind::ApiKey,
        transport: Transport::Header,
    };
    let request = AccessRequest {
        method: "GET",
        path: "/perps/positions",
        presented,
        client: ClientAddress::Known([203, 0, 113, 7].into()),
        is_cross_site: false,
    };
    let decision = access.decide(&request).await;
    assert!(decision.verdict.is_ok(), "{decision:?}");
}

/// Fresh keys of fresh accounts, as many as each may have.
async fn keys(store: &SqliteStore) -> Vec<Secret> {
    let mut secrets = vec![];
    for seed in 0..ACCOUNTS {
        let issued = issue(store, seed).await;
        let kept = issued
            .iter()
            .map(|issued| store.insert_api_key(issued.key.clone()));
        try_join_all(kept).await.expect("the account has room");
        secrets.extend(issued.into_iter().map(|issued| issued.secret));
    }
    secrets
}

/// Keys of a new account, which signs in first as every account does.
async fn issue(store: &SqliteStore, seed: u64) -> Vec<IssuedApiKey> {
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
