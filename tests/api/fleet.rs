//! Several servers on one Postgres: what one of them revokes, the others refuse.

mod faults;
mod keys;
mod revocations;

use std::time::{Duration, Instant};

use countersign_test_postgres::Cluster;
use countersign_tests::{Client, Server};
use serde_json::json;
use tempfile::TempDir;

use crate::wallet;

/// A revocation is obeyed by every node after so long, whatever fails.
const BOUND: Duration = Duration::from_secs(2);
/// How long a credential check may take, whatever fails.
const DEADLINE: Duration = Duration::from_secs(3);
/// How long a fleet may take to be as before.
const RECOVERY: Duration = Duration::from_secs(30);

/// A fresh database, and what nodes on it share.
struct Fleet {
    url: String,
    keys: TempDir,
}

impl Fleet {
    fn on(cluster: &Cluster) -> Self {
        Self {
            url: cluster.create_database(),
            keys: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    fn node(&self) -> Server {
        self.node_with(&[])
    }

    /// One whose notifications come another way.
    fn node_that_listens_at(&self, url: &str) -> Server {
        self.node_with(&[("COUNTERSIGN__DATABASE__LISTEN_URL", url)])
    }

    fn node_with(&self, more: &[(&str, &str)]) -> Server {
        let keys = self.keys.path().display().to_string();
        let environment = [
            ("COUNTERSIGN__DATABASE__URL", self.url.as_str()),
            ("COUNTERSIGN__SESSION__SIGNING_KEYS_DIR", &keys),
        ];
        Server::start_with(&[&environment, more].concat())
    }
}

/// An account that makes keys and revokes them.
struct Owner {
    client: Client,
    token: String,
}

/// An API key.
struct Key {
    id: String,
    secret: String,
}

impl Owner {
    async fn on(server: &Server) -> Self {
        let session = server.client().sign_in(&wallet()).await;
        Self {
            client: server.client().with_bearer(&session.token),
            token: session.token,
        }
    }

    async fn key(&self) -> Key {
        let body = json!({ "name": "fleet", "scope": "read", "expiresInDays": 1 });
        let made = self.client.post("/perps/me/api-keys", &body).await;
        assert_eq!(made.status, 201, "{made:?}");
        Key {
            id: made.field("id"),
            secret: made.field("secret"),
        }
    }

    /// Revokes a key at a node; done when that node has answered.
    async fn revoke(&self, server: &Server, key: &Key) {
        let client = server.client().with_bearer(&self.token);
        let path = format!("/perps/me/api-keys/{}", key.id);
        let request = client.request(reqwest::Method::DELETE, &path);
        let revoked = client.send(request).await;
        assert_eq!(revoked.status, 204, "{revoked:?}");
    }
}

/// What a node says to a key.
async fn check(server: &Server, key: &Key) -> u16 {
    let start = Instant::now();
    let answer = server
        .client()
        .with("x-api-key", &key.secret)
        .get("/perps/positions")
        .await;
    assert!(
        start.elapsed() < DEADLINE,
        "{:?}: {answer:?}",
        start.elapsed()
    );
    answer.status
}

/// Waits until a node says this to a key; returns how long that took.
async fn until(server: &Server, key: &Key, status: u16, limit: Duration) -> Duration {
    let start = Instant::now();
    loop {
        let answer = check(server, key).await;
        if answer == status {
            return start.elapsed();
        }
        assert!(
            start.elapsed() < limit,
            "{answer} instead of {status} after {limit:?}"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until a node's memory is believed, or not.
async fn until_lease_is(server: &Server, is_valid: bool) {
    let start = Instant::now();
    let expected = f64::from(u8::from(is_valid));
    while server.metrics().await.value("fleet_lease_valid", "") != expected {
        assert!(start.elapsed() < RECOVERY, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How often a node has asked its database about a credential.
async fn lookups(server: &Server) -> f64 {
    server
        .metrics()
        .await
        .value("credential_checks_total", "source=database")
}
