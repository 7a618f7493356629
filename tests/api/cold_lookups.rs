//! A key that is not in memory is looked up once for all who present it at the same time.

use std::time::{Duration, Instant};

use countersign_test_postgres::Cluster;
use countersign_tests::{Client, Server};
use futures_util::future::join_all;
use serde_json::json;

use crate::wallet;

/// Requests with one key at once.
const AT_ONCE: u8 = 32;
/// How long they may take to come in.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_misses_of_one_key_are_one_query() {
    // One of its own, because it is stopped.
    let cluster = Cluster::start();
    let url = cluster.create_database();
    let name = url.rsplit('/').next().expect("a database");
    cluster.sql(
        "postgres",
        &format!("ALTER DATABASE {name} SET log_statement = 'all'"),
    );
    let server = Server::start_with(&[("COUNTERSIGN__DATABASE__URL", url.as_str())]);
    let key = fresh_key(&server.client()).await;
    assert_eq!(lookups(&cluster), 0, "a fresh key was not looked up");

    // While Postgres stands still, nobody is answered.
    cluster.freeze();
    let asking = (0..AT_ONCE).map(|_| {
        let holder = Client::new(server.url().to_owned()).with("x-api-key", &key);
        tokio::spawn(async move { holder.get("/perps/positions").await.status })
    });
    let asking: Vec<_> = asking.collect();
    let start = Instant::now();
    while server.metrics().await.value("open_connections", "") <= f64::from(AT_ONCE) {
        assert!(start.elapsed() < PATIENCE, "they do not come in");
    }
    cluster.thaw();

    for asked in join_all(asking).await {
        assert_eq!(asked.expect("no panic"), 200);
    }
    assert_eq!(lookups(&cluster), 1, "{}", cluster.log());
}

async fn fresh_key(client: &Client) -> String {
    let session = client.sign_in(&wallet()).await;
    let asked = json!({ "name": "cold", "scope": "read", "expiresInDays": 1 });
    let owner = client.with_bearer(&session.token);
    owner
        .post("/perps/me/api-keys", &asked)
        .await
        .field("secret")
}

/// How often Postgres was asked for a key by its secret. It notes statements before it runs them.
fn lookups(cluster: &Cluster) -> usize {
    let log = cluster.log();
    let lines = log.lines().filter(|line| line.contains("execute"));
    lines
        .filter(|line| line.ends_with("FROM api_key WHERE secret_hash = $1"))
        .count()
}
