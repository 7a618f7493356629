//! Races for one challenge: exactly one wins.

use std::process::Stdio;

use countersign_core::{store::ChallengeStore, store_suite};
use countersign_server::store::{DatabaseUrl, PostgresOptions, PostgresStore, SqliteStore};
use countersign_test_postgres::Cluster;
use countersign_tests::{Client, Server};
use futures_util::future::join_all;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStdout, Command},
};

use crate::wallet;

#[tokio::test(flavor = "multi_thread")]
async fn of_64_clients_with_one_message_exactly_one_wins() {
    one_of_64_wins(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_clients_with_one_message_exactly_one_wins_on_postgres() {
    one_of_64_wins(&Server::start_on_postgres()).await;
}

async fn one_of_64_wins(server: &Server) {
    let (client, wallet) = (server.client(), wallet());
    let body = Client::signed(&wallet, &client.message(&wallet).await);
    let answers = join_all((0..64).map(|_| {
        let (client, body) = (server.client(), body.clone());
        tokio::spawn(async move { client.post("/auth/siwe", &body).await })
    }))
    .await;
    let (mut won, mut lost) = (0, 0);
    for answer in answers {
        let answer = answer.expect("no client panics");
        if answer.status == 200 {
            won += 1;
        } else {
            answer.assert_error(400, "NONCE_MISMATCH");
            lost += 1;
        }
    }
    assert_eq!((won, lost), (1, 63));
}

/// A revocation is obeyed even if its client resets the connection while it is under way.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_whose_client_went_away_is_obeyed() {
    revocations_are_obeyed(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_whose_client_went_away_is_obeyed_on_postgres() {
    revocations_are_obeyed(&Server::start_on_postgres()).await;
}

async fn revocations_are_obeyed(server: &Server) {
    let session = server.client().sign_in(&wallet()).await;
    let owner = server.client().with_bearer(&session.token);
    let mut revoked = 0;
    // How long the server takes differs from machine to machine, so the wait grows until some were under way.
    for round in 0..400 {
        if revoked == 5 {
            break;
        }
        let body = serde_json::json!({ "name": "a", "scope": "read" });
        let key = owner.post("/perps/me/api-keys", &body).await;
        let holder = server.client().with("x-api-key", &key.field("secret"));
        assert_eq!(holder.get("/perps/positions").await.status, 200);
        let request = format!(
            "DELETE /perps/me/api-keys/{} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
            key.field("id"),
            server.authority(),
            session.token
        );
        send_and_reset(server.authority(), &request, round).await;
        let listed = owner.get("/perps/me/api-keys").await.json();
        if listed["keys"][0]["status"] != "revoked" {
            continue;
        }
        revoked += 1;
        // Between the commit and its effect in memory there are microseconds, not a minute.
        let mut tries = 0..50;
        while holder.get("/perps/positions").await.status == 200 {
            assert!(
                tries.next().is_some(),
                "round {round}: a revoked key still passes"
            );
        }
    }
    assert!(
        revoked > 0,
        "no revocation was under way when its client went away"
    );
}

/// Resets the connection after a while that differs from round to round.
async fn send_and_reset(authority: &str, request: &str, round: u32) {
    let mut connection = TcpStream::connect(authority)
        .await
        .expect("the server listens");
    connection
        .write_all(request.as_bytes())
        .await
        .expect("the request is sent");
    for _ in 0..round * 20 {
        tokio::task::yield_now().await;
    }
    connection.set_zero_linger().expect("a socket option");
}

const CHALLENGES: u64 = 64;

#[tokio::test]
async fn of_two_processes_on_one_file_exactly_one_redeems_each_challenge() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("race.sqlite");
    let store = SqliteStore::open(&file, CHALLENGES)
        .await
        .expect("the database opens");
    fill(&store).await;
    store.close().await;
    two_processes_race(&format!("sqlite://{}", file.display())).await;
}

#[tokio::test]
async fn of_two_processes_on_postgres_exactly_one_redeems_each_challenge() {
    let url = Cluster::shared().create_database();
    let Ok(DatabaseUrl::Postgres(parsed)) = url.parse() else {
        panic!("a URL of Postgres");
    };
    let store = PostgresStore::open(&PostgresOptions::new(parsed), CHALLENGES).await;
    fill(&store.expect("the database opens")).await;
    two_processes_race(&url).await;
}

async fn fill(store: &dyn ChallengeStore) {
    for number in 0..CHALLENGES {
        store
            .insert_challenge(store_suite::challenge(number))
            .await
            .expect("the challenge is kept");
    }
}

async fn two_processes_race(url: &str) {
    let mut racers = Vec::new();
    for seed in ["1000", "2000"] {
        racers.push(Racer::start(url, seed).await);
    }
    for racer in &mut racers {
        racer.go().await;
    }
    let mut won: Vec<u64> = Vec::new();
    for racer in racers {
        won.extend(racer.won().await);
    }
    won.sort_unstable();
    assert_eq!(won, (0..CHALLENGES).collect::<Vec<_>>());
}

struct Racer {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Racer {
    async fn start(url: &str, seed: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_redeem-racer"))
            .arg(url)
            .args([&CHALLENGES.to_string(), seed])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the racer starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).await.expect("the racer speaks");
        assert_eq!(line, "ready\n");
        Self { child, stdout }
    }

    async fn go(&mut self) {
        let stdin = self.child.stdin.as_mut().expect("stdin is piped");
        stdin.write_all(b"go\n").await.expect("the racer listens");
    }

    async fn won(mut self) -> Vec<u64> {
        let mut text = String::new();
        self.stdout
            .read_to_string(&mut text)
            .await
            .expect("the racer speaks");
        assert!(self.child.wait().await.expect("the racer ends").success());
        text.lines()
            .map(|line| line.parse().expect("a number"))
            .collect()
    }
}
