//! Plugins replaced while requests run.

use std::{process::Command, sync::Arc, time::Duration};

use countersign_tests::Server;
use serde_json::json;
use tempfile::TempDir;
use tokio::{sync::watch, time::sleep};

use super::{answer_to_a_challenge, build, configure, toy};

fn hang_up(server: &Server) {
    let pid = server.pid().to_string();
    let sent = Command::new("kill").args(["-HUP", &pid]).status();
    assert!(sent.expect("kill runs").success());
}

async fn logged(server: &Server, text: &str, times: usize) {
    for _ in 0..200 {
        if server.log().matches(text).count() >= times {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{text} is not logged {times} times: {}", server.log());
}

#[tokio::test]
async fn plugins_come_and_go_without_a_restart() {
    let directory = TempDir::new().expect("a temporary directory");
    configure(directory.path(), "");
    let server = Server::start_on(directory, &[]);
    let client = server.client();
    assert_eq!(toy(&client).await, json!(null));
    let stanza = build(server.directory(), "good", &[]);
    configure(server.directory(), &stanza);
    hang_up(&server);
    logged(&server, "plugins are reloaded", 1).await;
    let proof = answer_to_a_challenge(&client, "alice").await;
    assert_eq!(client.post("/auth/verify", &proof).await.status, 200);
    configure(server.directory(), "");
    hang_up(&server);
    logged(&server, "plugins are reloaded", 2).await;
    logged(&server, "plugin is no longer asked", 1).await;
    let body = json!({ "chain": "toy:main", "address": "alice" });
    let gone = client.post("/auth/challenge", &body).await;
    gone.assert_error_at(400, "CHAIN_NOT_ALLOWED", "/chain");
}

#[tokio::test]
async fn no_request_is_lost_while_versions_change_and_a_broken_one_changes_nothing() {
    let directory = TempDir::new().expect("a temporary directory");
    let stanza = build(directory.path(), "good", &[]);
    let scale = "limits.scale = 100000\n";
    configure(directory.path(), &format!("{scale}{stanza}processes = 4\n"));
    let server = Arc::new(Server::start_on(directory, &[]));
    let (stop, stopped) = watch::channel(false);
    let load: Vec<_> = (0..4)
        .map(|_| {
            let (client, stopped) = (server.client(), stopped.clone());
            tokio::spawn(async move {
                let mut count = 0;
                while !*stopped.borrow() {
                    let proof = answer_to_a_challenge(&client, "alice").await;
                    let answer = client.post("/auth/verify", &proof).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    count += 1;
                }
                count
            })
        })
        .collect();
    for version in 1..=3 {
        let version_flag = format!("-DVERSION=\"{version}\"");
        let stanza = build(server.directory(), "good", &[&version_flag]);
        configure(
            server.directory(),
            &format!("{scale}{stanza}processes = 4\n"),
        );
        hang_up(&server);
        logged(&server, "plugins are reloaded", version).await;
    }
    for (round, specimen) in ["wrong_self_test", "newer_major"].into_iter().enumerate() {
        let stanza = build(server.directory(), specimen, &[]);
        configure(server.directory(), &format!("{scale}{stanza}"));
        hang_up(&server);
        logged(&server, "plugins are not reloaded", round + 1).await;
    }
    configure(server.directory(), "no toml");
    hang_up(&server);
    logged(&server, "plugins are not reloaded", 3).await;
    stop.send(true).expect("the load listens");
    for task in load {
        assert!(task.await.expect("no request failed") > 0);
    }
}
