//! The check of a key by the access engine, from memory and from SQLite, among 10,000 keys.

use std::sync::Arc;

use countersign_bench::issued::insert_keys;
use countersign_core::{
    client_address::ClientAddress,
    clock::SystemClock,
    freshness::OneProcess,
    profile::Profile,
    rate_limit::Nodes,
    scope::Scope,
    secret::Secret,
    service::{
        Access, AccessRequest, Admits, CanonicalPath, CredentialKind, Credentials, Limits,
        Presented, Quotas, Rule, Rules, Transport,
    },
};
use countersign_server::store::SqliteStore;
use criterion::Criterion;
use tokio::runtime::Runtime;

const KEYS: usize = 10_000;

pub(crate) fn benchmarks(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let runtime = Runtime::new().expect("threads");
    let file = directory.path().join("keys.db");
    let opened = runtime.block_on(SqliteStore::open(&file, 1000));
    let store = Arc::new(opened.expect("the directory is ours"));
    let keys = runtime.block_on(insert_keys(&*store, KEYS));
    for (name, capacity) in [("key/from memory", keys.len()), ("key/from SQLite", 0)] {
        let access = access(store.clone(), capacity);
        let mut next = keys.iter().cycle();
        let mut check_next = || runtime.block_on(check(&access, next.next().expect("a circle")));
        keys.iter().for_each(|_| check_next());
        criterion.bench_function(name, |bench| bench.iter(&mut check_next));
    }
}

/// Lets readers in; so many credentials are remembered.
fn access(store: Arc<SqliteStore>, capacity: usize) -> Access {
    Access::new(
        Profile::Ocx,
        Rules::only(vec![Rule::for_all_paths(Admits::with(Scope::Read))]),
        Arc::new(Credentials::new(
            store,
            Arc::new(SystemClock),
            Arc::new(OneProcess),
            capacity,
        )),
        Arc::new(Limits::new(Quotas::default(), 1, &Nodes::Alone)),
        Arc::new(SystemClock),
    )
}

/// Everything from the secret to the decision.
async fn check(access: &Access, key: &Secret) {
    let presented = Presented::Credential {
        hash: key.hash(),
        kind: CredentialKind::ApiKey,
        transport: Transport::Header,
    };
    let request = AccessRequest {
        method: "GET",
        path: CanonicalPath::new("/perps/positions"),
        presented,
        client: ClientAddress::Known([203, 0, 113, 7].into()),
        is_cross_site: false,
    };
    let decision = access.decide(request).await;
    assert!(decision.verdict.is_ok(), "{decision:?}");
}
