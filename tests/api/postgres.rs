//! The server on Postgres: the important flows once more, several servers on one database, and what happens when it
//! stalls. `kills` and `races` run on both databases.

use std::{
    process::{Command, Output},
    time::{Duration, Instant},
};

use countersign_test_postgres::Cluster;
use countersign_tests::{Answer, Client, Server, Session, TcpProxy, binary};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{aura, wallet};

const KEYS: &str = "/perps/me/api-keys";

#[tokio::test]
async fn both_ways_to_sign_in_work_and_end() {
    let server = Server::start_on_postgres();
    let (client, wallet) = (server.client(), wallet());
    let by_client = client.sign_in(&wallet).await;
    let ask = json!({ "chain": "eip155:1", "address": wallet.address() });
    let challenge = client.post("/auth/challenge", &ask).await;
    let answer = json!({
        "challengeId": challenge.field("challengeId"),
        "signature": wallet.sign(challenge.field("message").as_bytes()),
    });
    let by_server = Session::of(&client.post("/auth/verify", &answer).await);
    assert_eq!(
        by_server.user_id, by_client.user_id,
        "one wallet, one account"
    );
    let again = client.post("/auth/verify", &answer).await;
    again.assert_error(400, "NONCE_MISMATCH");
    let mine = client.with_bearer(&by_server.token);
    assert_eq!(
        mine.get("/auth/me").await.field("userId"),
        by_client.user_id
    );
    assert_eq!(mine.post("/auth/logout", &json!({})).await.status, 204);
    assert_eq!(mine.get("/auth/me").await.json(), Value::Null);
    let other = client.with_bearer(&by_client.token).get("/auth/me").await;
    assert_eq!(other.field("userId"), by_client.user_id);
}

#[tokio::test]
async fn keys_of_both_dialects_are_minted_listed_used_and_revoked() {
    let server = Server::start_on_postgres();
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let created = owner
        .post(
            KEYS,
            &json!({ "name": "a", "scope": "read", "expiresInDays": 7 }),
        )
        .await;
    let holder = server.client().with("x-api-key", &created.field("secret"));
    assert_eq!(holder.get("/perps/positions").await.status, 200);
    assert_eq!(
        owner.get(KEYS).await.json()["keys"][0]["id"],
        created.field("id")
    );
    let revoked = delete(&owner, &format!("{KEYS}/{}", created.field("id"))).await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    let refused = holder.get("/perps/positions").await;
    assert_eq!(refused.status, 401, "{refused:?}");

    let wallet = aura::wallet();
    let (first, second) = (
        aura::challenge(&server.client(), &wallet.address()).await,
        aura::challenge(&server.client(), &wallet.address()).await,
    );
    assert_eq!(first, second, "the same challenge again");
    let minted = aura::mint(&server.client(), &wallet).await;
    let holder = server.client().with_bearer(&minted.field("key"));
    assert_eq!(
        holder.get("/v1/auth/keys").await.json()["keys"][0]["id"],
        minted.field("id")
    );
    let revoked = delete(&holder, &format!("/v1/auth/keys/{}", minted.field("id"))).await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    assert_eq!(holder.get("/v1/auth/keys").await.status, 401);
}

async fn delete(client: &Client, path: &str) -> Answer {
    client.send(client.request(Method::DELETE, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_mints_with_one_challenge_exactly_one_wins() {
    let server = Server::start_on_postgres();
    let wallet = aura::wallet();
    let challenge = aura::challenge(&server.client(), &wallet.address()).await;
    let body = aura::signed(&wallet, &challenge);
    let answers = join_all((0..64).map(|_| {
        let (client, body) = (server.client(), body.clone());
        tokio::spawn(async move { client.post("/v1/auth/keys", &body).await })
    }));
    let answers = answers.await.into_iter();
    let statuses: Vec<_> = answers.map(|answer| answer.unwrap().status).collect();
    let of = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((of(200), of(401)), (1, 63), "{statuses:?}");
}

/// An account may have 100 keys.
#[tokio::test(flavor = "multi_thread")]
async fn racing_mints_of_one_account_stay_under_its_cap() {
    let server = Server::start_on_postgres();
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let mint = || {
        let owner = owner.clone();
        async move {
            let body = json!({ "name": "a", "scope": "read" });
            owner.post(KEYS, &body).await.status
        }
    };
    let mut minted = 0;
    for _ in 0..4 {
        let answers = (0..32).map(|_| tokio::spawn(mint()));
        for status in join_all(answers).await {
            minted += usize::from(status.expect("no client panics") == 201);
        }
    }
    assert_eq!(minted, 100);
}

#[tokio::test]
async fn what_one_server_issued_another_one_knows() {
    let url = Cluster::shared().create_database();
    // They start at once, on an empty database.
    let servers: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Server::start_on_database(&url)))
            .collect();
        let started = starts.into_iter().map(|start| start.join());
        started.map(|server| server.expect("it starts")).collect()
    });
    let session = servers[0].client().sign_in(&wallet()).await;
    for server in &servers {
        let me = server.client().with_bearer(&session.token);
        for _cold_then_warm in 0..2 {
            let found = me.get("/auth/me").await;
            assert_eq!(found.field("userId"), session.user_id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_database_is_503_in_time_and_is_used_again() {
    let cluster = Cluster::start();
    let server = Server::start_on_database(&cluster.create_database());
    let session = server.client().sign_in(&wallet()).await;
    let known = server.client().with_bearer(&session.token);
    assert_eq!(known.get("/auth/me").await.field("userId"), session.user_id);
    let key = known
        .post(KEYS, &json!({ "name": "a", "scope": "read" }))
        .await;
    let unknown = server.client().with("x-api-key", &key.field("secret"));

    // Only what was read since it hears of other servers is believed.
    assert_in_time(|| async { server.metrics().await.value("fleet_lease_valid", "") == 1.0 }).await;
    assert_eq!(known.get("/auth/me").await.status, 200);
    cluster.freeze();
    let from_memory = known.get("/auth/me").await;
    assert_eq!(from_memory.field("userId"), session.user_id);
    let start = Instant::now();
    let refused = unknown.get("/perps/positions").await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(start.elapsed() < Duration::from_secs(3), "{start:?}");
    assert_eq!(server.client().get("/health/ready").await.status, 503);
    assert_eq!(server.client().get("/health/live").await.status, 200);
    // Other servers may have revoked it since.
    assert_eq!(known.get("/auth/me").await.status, 503);

    cluster.thaw();
    assert_in_time(|| async { unknown.get("/perps/positions").await.status == 200 }).await;
    assert_in_time(|| async { server.client().get("/health/ready").await.status == 200 }).await;
    cluster.restart();
    assert_in_time(|| async { server.client().get("/health/ready").await.status == 200 }).await;
    server.client().sign_in(&wallet()).await;
}

/// All connections end at once, as when Postgres is started again. A read finds that out and is made on a new one.
#[tokio::test(flavor = "multi_thread")]
async fn reads_outlive_their_connections() {
    // One of its own, because whoever is asked for is everybody.
    let cluster = Cluster::start();
    let url = cluster.create_database();
    let server = Server::start_with(&[("COUNTERSIGN__DATABASE__URL", url.as_str())]);
    let session = server.client().sign_in(&wallet()).await;
    let holder = server.client().with_bearer(&session.token);
    let list = async || {
        let lists = join_all((0..8).map(|_| holder.get(KEYS))).await;
        lists.iter().map(|list| list.status).collect::<Vec<_>>()
    };
    for _ in 0..20 {
        // Now several are open, and were used a moment ago.
        assert_eq!(list().await, [200; 8]);
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'countersign'";
        let ended: usize = cluster.sql("postgres", end).parse().expect("a number");
        assert!(ended > 2, "{ended}");
        assert_eq!(list().await, [200; 8], "{}", server.log());
    }
}

/// The database's machine is gone without a word, and another has its address. The places of connections that led there
/// are free again soon.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_lead_nowhere_are_given_up() {
    let cluster = Cluster::shared();
    let proxy = TcpProxy::start(cluster.address()).await;
    let direct = cluster.create_database();
    let url = proxy.in_front_of(&direct);
    let server = Server::start_with(&[("COUNTERSIGN__DATABASE__URL", url.as_str())]);
    let wallet = wallet();
    let session = server.client().sign_in(&wallet).await;
    let holder = server.client().with_bearer(&session.token);
    // As many as may write at once, and all at the same time.
    let all_write = async |seconds: u8| {
        let sql = format!(
            "BEGIN; LOCK TABLE challenge IN EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT"
        );
        let url = direct.clone();
        let locked = tokio::task::spawn_blocking(move || cluster.sql(&url, &sql));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let nonces = (0..9).map(|_| {
            let (client, asked) = (
                server.client(),
                json!({ "walletAddress": wallet.address() }),
            );
            tokio::spawn(async move { client.post("/auth/nonce", &asked).await.status })
        });
        (locked, nonces.collect::<Vec<_>>())
    };
    let (locked, writers) = all_write(2).await;
    locked.await.expect("the lock was held");
    for written in join_all(writers).await {
        assert_eq!(written.expect("no panic"), 200);
    }
    proxy.lose_connections();
    // They are given back after a second, and waited for five more.
    tokio::time::sleep(Duration::from_secs(8)).await;
    let (locked, writers) = all_write(4).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    for _ in 0..3 {
        let list = holder.get(KEYS).await;
        assert_eq!(list.status, 200, "{list:?} {}", server.log());
    }
    locked.await.expect("the lock was held");
    for written in join_all(writers).await {
        assert_eq!(written.expect("no panic"), 200);
    }
}

async fn assert_in_time<F: Future<Output = bool>>(is_so: impl Fn() -> F) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < Duration::from_secs(15), "it is not so");
    }
}

fn run(url: &str, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(directory.path());
    let ran = command.env("COUNTERSIGN__DATABASE__URL", url).output();
    let ran = ran.expect("the binary runs");
    let password = Cluster::shared().password();
    for text in [&ran.stdout, &ran.stderr] {
        let text = String::from_utf8_lossy(text);
        assert!(!text.contains(password), "the password shows: {text}");
    }
    ran
}

#[test]
fn the_command_line_knows_postgres() {
    let url = Cluster::shared().create_database();
    let said = |ran: &Output| {
        [&ran.stdout, &ran.stderr]
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .concat()
    };
    let empty = run(&url, &["migrate", "status"]);
    assert!(!empty.status.success() && said(&empty).contains("no schema yet"));
    assert!(said(&run(&url, &["doctor"])).contains("empty; serve makes its tables"));
    let up = run(&url, &["migrate", "up"]);
    assert!(up.status.success(), "{up:?}");
    let current = run(&url, &["migrate", "status"]);
    assert!(current.status.success() && said(&current).contains("is up to date"));
    assert!(said(&run(&url, &["doctor"])).contains("with the schema of this version"));
    let check = said(&run(&url, &["config", "check"]));
    assert!(
        check.contains("postgres://countersign@127.0.0.1:"),
        "{check}"
    );

    let sql = "DELETE FROM seaql_migrations WHERE version LIKE '%000002%'";
    Cluster::shared().sql(&url, sql);
    let older = run(&url, &["migrate", "status"]);
    assert!(!older.status.success() && said(&older).contains("lacks m2026"));
    assert!(said(&run(&url, &["doctor"])).contains("made by an older version"));
}

#[tokio::test]
async fn an_installation_moves_from_sqlite_to_postgres() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let body = json!({ "name": "a", "scope": "read" });
    let (key, revoked) = (owner.post(KEYS, &body).await, owner.post(KEYS, &body).await);
    delete(&owner, &format!("{KEYS}/{}", revoked.field("id"))).await;
    let minted = aura::mint(&server.client(), &aura::wallet()).await;
    let file = server
        .directory()
        .join("countersign-data/countersign.sqlite");
    let from = format!("sqlite://{}", file.display());
    let url = Cluster::shared().create_database();
    let copy = |from: &str| run(&url, &["copy", "--from", from]);
    let said = |ran: &Output| String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(said(&copy(&from)).contains("in use by another countersign server"));

    let kept = tempfile::tempdir().expect("a temporary directory");
    let (_, _log) = server.stop_and_keep(kept.path());
    let from = format!(
        "sqlite://{}",
        kept.path().join("countersign.sqlite").display()
    );
    for _again in 0..2 {
        let copied = copy(&from);
        assert!(copied.status.success(), "{copied:?}");
        let told = String::from_utf8_lossy(&copied.stdout).into_owned();
        assert!(told.contains("api_key: 3 rows"), "{told}");
        assert_eq!(told.matches("the same on both sides").count(), 5, "{told}");
    }
    let moved = Server::start_on_database(&url);
    let owner = moved.client().with_bearer(&session.token);
    assert_eq!(owner.get("/auth/me").await.field("userId"), session.user_id);
    let status = |key: String| {
        let holder = moved.client().with("x-api-key", &key);
        async move { holder.get("/perps/positions").await.status }
    };
    assert_eq!(status(key.field("secret")).await, 200);
    assert_eq!(status(revoked.field("secret")).await, 401);
    let holder = moved.client().with_bearer(&minted.field("key"));
    assert_eq!(holder.get("/v1/auth/keys").await.status, 200);
    moved.client().sign_in(&wallet()).await;
    // What was written meanwhile is not taken back, and is told.
    let differs = copy(&from);
    assert!(!differs.status.success());
    assert!(
        said(&differs).contains("somebody has written there"),
        "{differs:?}"
    );
    assert_eq!(status(revoked.field("secret")).await, 401);
}

#[tokio::test]
async fn the_command_line_finds_credentials_in_postgres() {
    let url = Cluster::shared().create_database();
    let server = Server::start_on_database(&url);
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let key = owner
        .post(KEYS, &json!({ "name": "a", "scope": "read" }))
        .await;
    let explain = |secret: &str| {
        let asked = [
            "--method",
            "GET",
            "--path",
            "/perps/positions",
            "--key",
            secret,
        ];
        let command = ["access", "explain", "--profile", "ocx"];
        let ran = run(&url, &[command.as_slice(), &asked].concat());
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    assert!(explain(&session.token).contains("a session of eip155:"));
    assert!(explain(&key.field("secret")).contains(&key.field("id")));
}

/// What is wrong in the URL is said once, and not again of what belongs to it.
#[test]
fn doctor_blames_the_url_and_not_what_belongs_to_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let examined = Command::new(binary())
        .arg("doctor")
        .current_dir(directory.path())
        .env("COUNTERSIGN__DATABASE__URL", "postgres://db.example.com/x")
        .env("COUNTERSIGN__DATABASE__MAX_CONNECTIONS", "20")
        .output()
        .expect("the binary runs");
    let told = String::from_utf8_lossy(&examined.stdout);
    assert!(told.contains("needs a user in postgres://"), "{told}");
    assert!(!told.contains("database.max_connections"), "{told}");
}

#[test]
fn what_is_wrong_with_a_postgres_is_told() {
    let url = Cluster::shared().create_database();
    let fault = |url: &str, words: &str| {
        let served = run(url, &["serve", "--listen", "127.0.0.1:0"]);
        let told = String::from_utf8_lossy(&served.stderr).into_owned();
        assert!(!served.status.success() && told.contains(words), "{told}");
        let doctor = run(url, &["doctor"]);
        let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(!doctor.status.success() && told.contains(words), "{told}");
    };
    let (_, port) = Cluster::shared().address();
    fault(&url.replace(&port.to_string(), "1"), "onnection refused");
    fault(&format!("{url}none"), "does not exist");
    fault(
        &url.replace(Cluster::shared().password(), "0123456789abcdef0123"),
        "password authentication failed",
    );
    let standby = Cluster::start();
    let url = standby.create_database();
    standby.become_standby();
    fault(&url, "is a standby");
}

/// One that is not encrypted must not be taken for one that is.
#[test]
fn a_database_without_tls_is_refused_where_tls_is_asked_for() {
    let url = Cluster::shared().create_database();
    for tls in ["require", "verify-full"] {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let migrated = Command::new(binary())
            .args(["migrate", "up"])
            .current_dir(directory.path())
            .env("COUNTERSIGN__DATABASE__URL", &url)
            .env("COUNTERSIGN__DATABASE__TLS", tls)
            .output()
            .expect("the binary runs");
        let told = String::from_utf8_lossy(&migrated.stderr);
        assert!(!migrated.status.success(), "{tls}: {migrated:?}");
        assert!(told.to_lowercase().contains("tls"), "{tls}: {told}");
    }
}
