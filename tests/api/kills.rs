//! SIGKILL while people sign in: a session whose cookie a client received is never lost.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use countersign_tests::{Server, Session, binary};
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::wallet;

const ROUNDS: usize = 20;
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_were_received_survive_a_kill() {
    let mut server = Server::start();
    let mut all = Vec::new();
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let (restarted, received, cut) = kill_during_sign_ins(server, round).await;
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

/// Lets clients sign in without a pause, kills the server once more than `round` sessions were received, and
/// starts it again. Returns the sessions received and how many clients lost a request to the kill.
async fn kill_during_sign_ins(server: Server, round: usize) -> (Server, Vec<Session>, usize) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let arrived = Arc::new(Notify::new());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (client, received, arrived) = (server.client(), received.clone(), arrived.clone());
            tokio::spawn(async move {
                loop {
                    match client.try_sign_in(&wallet()).await {
                        Ok(session) => received.lock().expect("no client panics").push(session),
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
        .filter(Result::is_ok)
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
