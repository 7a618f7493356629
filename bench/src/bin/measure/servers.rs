//! Servers that are measured, and the databases they are started on.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use countersign_bench::issued::insert_keys;
use countersign_core::secret::Secret;
use countersign_server::store::{self, DatabaseUrl, PostgresOptions, PostgresStore, SqliteStore};
use countersign_test_postgres::Cluster;
use countersign_tests::Server;
use tempfile::TempDir;

/// Multiplies the limits, so that no request of the load meets one and every request is counted.
pub(crate) const NO_LIMIT: (&str, &str) = ("COUNTERSIGN__LIMITS__SCALE", "1000000");
/// As the server logs without configuration.
pub(crate) const USUAL_LOG: (&str, &str) = ("COUNTERSIGN__LOG__FILTER", "info");
const DATABASE: &str = "COUNTERSIGN__DATABASE__URL";

/// How long a server may take until it believes what it remembers.
const PATIENCE: Duration = Duration::from_secs(30);
/// Challenges that may wait while keys are inserted.
const CHALLENGES: u64 = 1000;
/// What a copy of a key has in common with it.
const COPIED: &str = "profile, account_id, wallet, wallet_key, name, secret_prefix, scopes, allowlist, \
     rate_limit_per_minute, created_at, expires_at";

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "Postgres",
        }
    }
}

/// A database without a server.
pub(crate) enum Database {
    /// A file in a directory of its own.
    Sqlite(TempDir),
    /// The URL of one in the cluster of this program.
    Postgres(String),
}

impl Database {
    /// An empty one.
    pub(crate) fn create(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(tempfile::tempdir().expect("a temporary directory")),
            Kind::Postgres => Self::Postgres(Cluster::shared().create_database()),
        }
    }

    /// `bench-server` on it, which believes what it remembers.
    pub(crate) async fn serve(&self, more: &[(&str, &str)]) -> Server {
        let url = self.url();
        let environment = [&[(DATABASE, url.as_str())], more].concat();
        let server = start("bench-server", &environment);
        self.until_it_hears(server).await
    }

    /// `countersign serve` on it, with a directory of its own.
    pub(crate) async fn serve_binary(&self) -> Server {
        let environment = [(DATABASE, &*self.url()), NO_LIMIT, USUAL_LOG];
        self.until_it_hears(Server::start_with(&environment)).await
    }

    /// A server on Postgres asks the database about everything until it hears of revocations.
    async fn until_it_hears(&self, server: Server) -> Server {
        let start = Instant::now();
        if let Self::Postgres(_) = self {
            while server.metrics().await.value("fleet_lease_valid", "") == 0.0 {
                assert!(start.elapsed() < PATIENCE, "{}", server.log());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        server
    }

    /// Inserts about so many keys while no server runs; returns their secrets.
    pub(crate) async fn insert_keys(&self, count: usize) -> Vec<Secret> {
        match self {
            Self::Sqlite(directory) => insert_keys_into(&file(directory), count).await,
            Self::Postgres(url) => {
                let Ok(DatabaseUrl::Postgres(url)) = url.parse() else {
                    panic!("the cluster's URLs are ours");
                };
                let opened = PostgresStore::open(&PostgresOptions::new(url), CHALLENGES).await;
                let store = opened.unwrap_or_else(|error| panic!("{error}"));
                let secrets = insert_keys(&store, count).await;
                store::Database::close(std::sync::Arc::new(store)).await;
                secrets
            }
        }
    }

    /// Copies each key so many times, under secrets that nobody knows.
    pub(crate) fn copy_keys(&self, copies: usize) {
        if copies == 0 {
            return;
        }
        match self {
            Self::Sqlite(directory) => {
                let ran = rusqlite::Connection::open(file(directory)).and_then(|connection| {
                    // The tree in memory: copies come in no order.
                    connection.execute_batch(&format!(
                        "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; \
                         WITH RECURSIVE copy (number) AS \
                         (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < {copies}) \
                         INSERT INTO api_key (secret_hash, id, {COPIED}) \
                         SELECT randomblob(32), hex(randomblob(16)), {COPIED} FROM api_key, copy"
                    ))
                });
                ran.unwrap_or_else(|error| panic!("{error}"));
            }
            Self::Postgres(url) => {
                let cluster = Cluster::shared();
                let copy = format!(
                    "INSERT INTO api_key (secret_hash, id, {COPIED}) \
                     SELECT sha256(uuid_send(gen_random_uuid())), gen_random_uuid()::text, {COPIED} \
                     FROM api_key, generate_series(1, {copies})"
                );
                let _no_rows = cluster.sql(url, &copy);
                let _no_rows = cluster.sql(url, "VACUUM ANALYZE api_key");
            }
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Sqlite(directory) => format!("sqlite://{}", file(directory).display()),
            Self::Postgres(url) => url.clone(),
        }
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("countersign.sqlite")
}

/// Inserts about so many keys into the file of a SQLite database, while no server runs.
pub(crate) async fn insert_keys_into(file: &Path, count: usize) -> Vec<Secret> {
    let opened = SqliteStore::open(file, CHALLENGES).await;
    let store = opened.unwrap_or_else(|error| panic!("{error}"));
    let secrets = insert_keys(&store, count).await;
    store.close().await;
    secrets
}

/// A program that was built beside this one.
pub(crate) fn start(name: &str, more: &[(&str, &str)]) -> Server {
    let this = std::env::current_exe().expect("a program knows its own path");
    let environment = [&[NO_LIMIT, USUAL_LOG], more].concat();
    Server::start_program(&this.with_file_name(name), &environment)
}
