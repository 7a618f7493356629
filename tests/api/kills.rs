//! SIGKILL while people sign in: a session whose cookie a client received is never lost.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use countersign_tests::{Server, Session};
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
