//! SIGKILL while people sign in and mint keys: what a client received is never lost.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_tests::{Client, Server, Session, binary};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::sync::Notify;

use crate::{aura, wallet};

const ROUNDS: usize = 20;
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_were_received_survive_a_kill() {
    sessions_survive(Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_were_received_survive_a_kill_on_postgres() {
    sessions_survive(Server::start_on_postgres()).await;
}

async fn sessions_survive(mut server: Server) {
    let mut all = Vec::new();
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let (restarted, received, cut) = kill_during(server, round, sign_in).await;
        server = restarted;
        assert!(
            !received.is_empty(),
            "round {round}: no session was received before the kill"
        );
        assert!(
            cut > 0,
            "round {round}: no request was in flight at the kill"
        );
        cut_off += cut;
        assert_all_work(&server, &received).await;
        all.extend(received);
    }
    assert_all_work(&server, &all).await;
    let line = format!(
        "kills: {ROUNDS} rounds, {} sessions received, {cut_off} requests in flight",
        all.len()
    );
    writeln!(std::io::stderr().lock(), "{line}").expect("stderr is open");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_received_survive_a_kill() {
    keys_survive(Server::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_received_survive_a_kill_on_postgres() {
    keys_survive(Server::start_on_postgres()).await;
}

async fn keys_survive(mut server: Server) {
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let (restarted, received, cut) = kill_during(server, round, mint).await;
        server = restarted;
        assert!(
            received.len() > round,
            "round {round}: no key was received before the kill"
        );
        assert!(
            cut > 0,
            "round {round}: no request was in flight at the kill"
        );
        assert_all_authenticate(&server, &received).await;
        all.extend(received);
    }
    assert_all_authenticate(&server, &all).await;
    let line = format!("kills: {ROUNDS} rounds, {} keys received", all.len());
    writeln!(std::io::stderr().lock(), "{line}").expect("stderr is open");
}

/// A fresh wallet's key: the path it opens and its secret. Every other one by a session (OCX), the rest by a proof (Aura).
async fn mint(client: Client) -> reqwest::Result<(&'static str, String)> {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    if TURN.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
        let session = client.try_sign_in(&wallet()).await?;
        let body = json!({ "name": "kill", "scope": "read" });
        let request = client
            .with_bearer(&session.token)
            .request(Method::POST, "/perps/me/api-keys");
        let created = client.try_send(request.json(&body)).await?;
        return Ok(("/perps/positions", created.field("secret")));
    }
    let wallet = aura::wallet();
    let ask = client.request(Method::POST, "/v1/auth/challenge");
    let ask = ask.json(&json!({ "address": wallet.address() }));
    let challenge = client.try_send(ask).await?.field("challenge");
    let mint = client.request(Method::POST, "/v1/auth/keys");
    let minted = client
        .try_send(mint.json(&aura::signed(&wallet, &challenge)))
        .await?;
    Ok(("/v1/auth/keys", minted.field("key")))
}

async fn assert_all_authenticate(server: &Server, keys: &[(&'static str, String)]) {
    for (path, key) in keys {
        let answer = server.client().with_bearer(key).get(path).await;
        assert_eq!(answer.status, 200, "a received key was lost: {answer:?}");
    }
}

/// A server killed at any point of its first start leaves a database that the next one can use.
#[test]
fn a_kill_during_the_first_start_leaves_nothing_half_done() {
    for milliseconds in (0..40).step_by(2) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new(binary());
        command
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .spawn()
            .expect("the binary runs");
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("the server was running");
        child.wait().expect("the server ends");
        let migrated = Command::new(binary())
            .arg("migrate")
            .current_dir(directory.path())
            .output()
            .expect("the binary runs");
        assert!(
            migrated.status.success(),
            "after {milliseconds} ms: {migrated:?}"
        );
    }
}

async fn sign_in(client: Client) -> reqwest::Result<Session> {
    client.try_sign_in(&wallet()).await
}

/// Lets clients `work` without a pause, kills the server once more than `round` results were received, and
/// starts it again. Returns what was received and how many clients lost a request to the kill.
async fn kill_during<T, F>(
    server: Server,
    round: usize,
    work: impl Fn(Client) -> F + Copy + Send + 'static,
) -> (Server, Vec<T>, usize)
where
    T: Send + 'static,
    F: Future<Output = reqwest::Result<T>> + Send + 'static,
{
    let received = Arc::new(Mutex::new(Vec::new()));
    let arrived = Arc::new(Notify::new());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, received, arrived) = (server.client(), received.clone(), arrived.clone());
            tokio::spawn(async move {
                loop {
                    match work(client.clone()).await {
                        Ok(result) => received.lock().expect("no client panics").push(result),
                        // A request that was never connected was not in flight.
                        Err(error) => return !error.is_connect(),
                    }
                    arrived.notify_one();
                }
            })
        })
        .collect();
    // Kills come early and late.
    while received.lock().expect("no client panics").len() <= round {
        arrived.notified().await;
    }
    let server = server.kill_and_restart();
    let cut_off = join_all(clients)
        .await
        .into_iter()
        .filter(|lost| matches!(lost, Ok(true)))
        .count();
    let received = std::mem::take(&mut *received.lock().expect("no client panics"));
    (server, received, cut_off)
}

async fn assert_all_work(server: &Server, sessions: &[Session]) {
    for session in sessions {
        let me = server
            .client()
            .with_cookie(&session.token)
            .get("/auth/me")
            .await;
        assert_eq!(
            me.json()["userId"],
            session.user_id,
            "a received session was lost: {me:?}"
        );
    }
}
