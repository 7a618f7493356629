//! Postgres passes the store suite, alone and with other servers on the same database, and nothing hangs when it does
//! not answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_core::{
    secret::Secret,
    store::{Store, StoreError},
    store_suite::{self, NOW, challenge, redeem},
};
use countersign_server::store::{
    Database, DatabaseUrl, Migrator, OpenError, PostgresOptions, PostgresStore, Tls,
};
use countersign_test_postgres::Cluster;
use futures_util::future::join_all;
use sea_orm_migration::MigratorTrait;

fn options(url: &str) -> PostgresOptions {
    match url.parse() {
        Ok(DatabaseUrl::Postgres(url)) => PostgresOptions::new(url),
        other => panic!("{other:?}"),
    }
}

async fn store(url: &str) -> Arc<PostgresStore> {
    let opened = PostgresStore::open(&options(url), store_suite::MAX_CHALLENGES as u64).await;
    Arc::new(opened.expect("the database opens"))
}

/// On a database of its own in the cluster that all tests share.
async fn open() -> ((), Arc<dyn Store>) {
    ((), store(&Cluster::shared().create_database()).await)
}

countersign_core::store_suite!(open().await);

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let url = Cluster::shared().create_database();
    let database = sea_orm::Database::connect(url).await;
    let database = database.expect("the database opens");
    Migrator::up(&database, None).await.expect("up");
    Migrator::down(&database, None).await.expect("down");
    Migrator::up(&database, None).await.expect("up again");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_at_once_migrate_once() {
    let url = Cluster::shared().create_database();
    join_all((0..8).map(|_| store(&url))).await;
    let applied = Cluster::shared().sql(&url, "SELECT count(*) FROM seaql_migrations");
    assert_eq!(applied, Migrator::migrations().len().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_closed_leaves_no_connection_behind() {
    let url = Cluster::shared().create_database();
    let store = store(&url).await;
    let asked = join_all((0..20).map(|_| store.is_ready())).await;
    assert!(asked.into_iter().all(|is_ready| is_ready));
    let left = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_ne!(Cluster::shared().sql(&url, left), "0", "it has connections");
    store.close().await;
    let start = Instant::now();
    while Cluster::shared().sql(&url, left) != "0" {
        assert!(start.elapsed() < Duration::from_secs(10), "they stay");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// As an application may that keeps it in a place of its own.
#[test]
fn a_store_may_be_dropped_after_its_runtime() {
    let url = Cluster::shared().create_database();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let store = runtime.block_on(async {
        let store = store(&url).await;
        assert!(store.is_ready().await);
        store
    });
    drop(runtime);
    drop(store);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_exactly_one_redeems_each_challenge() {
    let url = Cluster::shared().create_database();
    let servers = [store(&url).await, store(&url).await];
    for round in 0..8 {
        let challenge = challenge(round);
        let kept = servers[0].dyn_store().insert_challenge(challenge.clone());
        kept.await.expect("it is kept");
        let attempts = (0..16).map(|attempt: u64| {
            let server = servers[usize::from(attempt.is_multiple_of(2))].clone();
            let wallet = format!("0x{}", attempt % 4);
            let redeem = redeem(&challenge, &wallet, round * 100 + attempt);
            tokio::spawn(async move { server.dyn_store().redeem(redeem).await })
        });
        let won = join_all(attempts).await.into_iter();
        let won = won.filter(|won| matches!(won, Ok(Ok(Some(_)))));
        assert_eq!(won.count(), 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn first_sign_ins_of_one_wallet_at_two_servers_share_one_account() {
    let url = Cluster::shared().create_database();
    let servers = [store(&url).await, store(&url).await];
    for round in 0..8 {
        let wallet = format!("0x{round}");
        let mut attempts = Vec::new();
        for (seed, server) in (10 * round..).zip(servers.iter().cycle().take(8)) {
            let challenge = challenge(seed);
            let kept = server.dyn_store().insert_challenge(challenge.clone()).await;
            kept.expect("it is kept");
            let (server, redeem) = (server.clone(), redeem(&challenge, &wallet, seed));
            attempts.push(async move { server.dyn_store().redeem(redeem).await });
        }
        let granted = join_all(attempts.into_iter().map(tokio::spawn)).await;
        let granted: Vec<_> = granted
            .into_iter()
            .map(|granted| granted.unwrap().expect("it answers").expect("it is live"))
            .collect();
        let account = granted[0].issued.account();
        assert!(granted.iter().all(|one| one.issued.account() == account));
        let new = granted.iter().filter(|one| one.is_new_account).count();
        assert_eq!(new, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_connection_is_unavailable_once_and_then_replaced() {
    let url = Cluster::shared().create_database();
    let store = store(&url).await;
    let challenge = challenge(1);
    let kept = store.dyn_store().insert_challenge(challenge.clone()).await;
    kept.expect("it is kept");
    let other = Locked::tables(&url, "wallet").await;
    let attempt = {
        let (store, redeem) = (store.clone(), redeem(&challenge, "0xab", 1));
        tokio::spawn(async move { store.dyn_store().redeem(redeem).await })
    };
    Locked::until_somebody_waits(&url).await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
    Cluster::shared().sql(&url, kill);
    let unknown = attempt.await.expect("it does not panic");
    assert_eq!(unknown.map(drop), Err(StoreError::Unavailable));
    other.unlock().await;
    let granted = store
        .dyn_store()
        .redeem(redeem(&challenge, "0xab", 2))
        .await;
    assert!(granted.expect("it answers").is_some(), "it was consumed");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_nobody_waits_for_any_more_leave_no_connection_behind() {
    let url = Cluster::shared().create_database();
    let store = store(&url).await;
    let other = Locked::tables(&url, "session").await;
    for number in 0..100 {
        let token = Secret::new(format!("{number}")).hash();
        let patience = Duration::from_millis(5);
        let found = tokio::time::timeout(patience, store.dyn_store().find_session(&token)).await;
        assert!(found.is_err() || found == Ok(Err(StoreError::Unavailable)));
    }
    other.unlock().await;
    within_seconds(10, || async { store.is_ready().await }).await;
    let most = PostgresOptions::MAX_CONNECTIONS as usize;
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND application_name = 'countersign'";
    within_seconds(10, || async {
        Cluster::shared().sql(&url, count).parse::<usize>().unwrap() <= most
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_wait_leave_a_connection_to_readers() {
    let url = Cluster::shared().create_database();
    let store = store(&url).await;
    let other = Locked::tables(&url, "challenge").await;
    let writers: Vec<_> = (0..9)
        .map(|seed| {
            let (store, challenge) = (store.clone(), challenge(seed));
            tokio::spawn(async move { store.dyn_store().insert_challenge(challenge).await })
        })
        .collect();
    Locked::until_somebody_waits(&url).await;
    let token = Secret::new("nobody's".to_owned()).hash();
    for _ in 0..20 {
        assert_eq!(store.dyn_store().find_session(&token).await, Ok(None));
    }
    assert!(store.queued_writes() > 0);
    other.unlock().await;
    for written in join_all(writers).await {
        assert_eq!(written.expect("it does not panic"), Ok(()));
    }
    assert_eq!(store.queued_writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_waits_too_long_ends_on_the_server_too() {
    let url = Cluster::shared().create_database();
    let mut options = options(&url);
    options.statement_timeout = Duration::from_millis(300);
    let store = PostgresStore::open(&options, 10).await;
    let store = store.expect("the database opens");
    let other = Locked::tables(&url, "challenge").await;
    let start = Instant::now();
    let kept = (&store as &dyn Store).insert_challenge(challenge(1)).await;
    assert_eq!(kept, Err(StoreError::Unavailable));
    assert!(start.elapsed() < Duration::from_secs(5));
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    assert_eq!(Cluster::shared().sql(&url, waiting), "0");
    other.unlock().await;
    assert_eq!(store.waiting_challenges(), 0, "its place was given back");
    let kept = (&store as &dyn Store).insert_challenge(challenge(1)).await;
    assert_eq!(kept, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stalls_or_restarts_hangs_nobody() {
    let cluster = Cluster::start();
    let url = cluster.create_database();
    let store = store(&url).await;
    let token = Secret::new("nobody's".to_owned()).hash();
    let find = || {
        let store = store.clone();
        async move { store.dyn_store().find_session(&token).await }
    };
    let all_at_once = || join_all((0..40).map(|_| tokio::spawn(find())));
    all_at_once().await;
    assert!(store.is_ready().await);
    cluster.freeze();
    for _ in 0..2 {
        let start = Instant::now();
        for found in all_at_once().await {
            assert_eq!(found.unwrap(), Err(StoreError::Unavailable));
        }
        assert!(start.elapsed() < Duration::from_secs(3), "{start:?}");
        assert!(!store.is_ready().await);
    }
    cluster.thaw();
    within_seconds(10, || async { find().await == Ok(None) }).await;
    for found in all_at_once().await {
        assert_eq!(found.unwrap(), Ok(None));
    }
    cluster.restart();
    within_seconds(10, || async { find().await == Ok(None) }).await;
    assert!(store.is_ready().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_not_served_on() {
    let cluster = Cluster::start();
    let url = cluster.create_database();
    let store = store(&url).await;
    assert!(store.is_ready().await);
    cluster.become_standby();
    within_seconds(10, || async { !store.is_ready().await }).await;
    let refused = PostgresStore::open(&options(&url), 10).await.map(drop);
    let Err(OpenError::Unsuitable(why)) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("standby"), "{why}");
}

#[tokio::test]
async fn a_wrong_password_is_a_reason_and_is_not_shown() {
    let cluster = Cluster::shared();
    let url = cluster.create_database();
    let wrong = url.replace(cluster.password(), "wrong-secret");
    let refused = PostgresStore::open(&options(&wrong), 10).await.map(drop);
    let refused = format!("{refused:?}");
    assert!(
        refused.contains("password authentication failed"),
        "{refused}"
    );
    assert!(!refused.contains("wrong-secret"), "{refused}");
}

/// Encrypted, with a server that is who it says it is, or not at all.
#[tokio::test]
async fn the_certificate_must_be_the_hosts_and_of_a_known_authority() {
    let cluster = Cluster::start();
    let by_address = cluster.create_database();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let ca_file = Some(cluster.speak_tls());
    let open = async |url: &str, tls: Tls| {
        let options = PostgresOptions {
            tls,
            ..options(url)
        };
        let opened = PostgresStore::open(&options, 10).await;
        opened.map(drop).map_err(|error| error.to_string())
    };
    let known = Tls::VerifyFull { ca_file };
    assert_eq!(open(&by_name, known.clone()).await, Ok(()));
    assert_eq!(open(&by_name, Tls::Require).await, Ok(()));
    let by_another_name = open(&by_address, known).await.unwrap_err();
    assert!(
        by_another_name.contains("not valid for name"),
        "{by_another_name}"
    );
    let unknown = Tls::VerifyFull { ca_file: None };
    let by_nobody = open(&by_name, unknown).await.unwrap_err();
    assert!(by_nobody.contains("UnknownIssuer"), "{by_nobody}");
}

#[tokio::test]
async fn a_unix_socket_is_connected_to() {
    let cluster = Cluster::shared();
    let url = cluster.create_database();
    let (host, port) = cluster.address();
    let by_socket = url.replace(&format!("@{host}:"), "@:");
    let by_socket = format!("{by_socket}?host={}", cluster.socket_directory().display());
    assert!(by_socket.contains(&format!("@:{port}/")), "{by_socket}");
    assert!(store(&by_socket).await.is_ready().await);
}

#[tokio::test]
async fn uses_of_one_key_in_one_batch_keep_the_last() {
    use countersign_core::{api_key::LastUse, store::ApiKeyUse};
    // That no key has this hash is passed over, and the duplicates are no error.
    let (_, store) = open().await;
    let secret_hash = Secret::new("nobody's".to_owned()).hash();
    let used = |seconds| ApiKeyUse {
        secret_hash,
        last_use: LastUse {
            at: NOW + time::Duration::seconds(seconds),
            ip: None,
        },
    };
    let uses = vec![used(2), used(1), used(3)];
    assert_eq!(store.record_api_key_uses(uses).await, Ok(()));
}

/// The store suite's trait methods by their short names, on a shared store.
trait DynStore {
    fn dyn_store(&self) -> &dyn Store;
}

impl DynStore for PostgresStore {
    fn dyn_store(&self) -> &dyn Store {
        self
    }
}

/// Another program that holds a table.
struct Locked(sea_orm::DatabaseTransaction);

impl Locked {
    async fn tables(url: &str, tables: &str) -> Self {
        use sea_orm::{ConnectionTrait, TransactionTrait};
        let database = sea_orm::Database::connect(url).await;
        let transaction = database.expect("it connects").begin().await;
        let transaction = transaction.expect("it begins");
        let lock = format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE");
        let locked = transaction.execute_unprepared(&lock).await;
        locked.expect("nobody else holds it");
        Self(transaction)
    }

    async fn unlock(self) {
        self.0.rollback().await.expect("it ends");
    }

    async fn until_somebody_waits(url: &str) {
        let waiting = "SELECT count(*) > 0 FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        within_seconds(10, || async { Cluster::shared().sql(url, waiting) == "t" }).await;
    }
}

/// Asks again and again until it is so.
async fn within_seconds<F: Future<Output = bool>>(seconds: u64, is_so: impl Fn() -> F) {
    let start = Instant::now();
    while !is_so().await {
        assert!(
            start.elapsed() < Duration::from_secs(seconds),
            "it is not so"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
