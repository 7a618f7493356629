//! One server with its file becomes a fleet.

use std::{fs, process::Command};

use countersign_tests::{Client, Server, binary};

use super::{Deployment, blocks, is_good, new_key, put};
use crate::wallet;

/// The public keys of session tokens.
async fn published(client: &Client) -> String {
    let answer = client.get("/.well-known/jwks.json").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text
}

fn rotate(server: &Server) {
    let data = server.directory().join("countersign-data");
    let rotated = Command::new(binary())
        .args(["signing-key", "rotate", "--data-dir"])
        .arg(data)
        .output()
        .expect("it runs");
    assert!(rotated.status.success(), "{rotated:?}");
}

/// As the page has it; what the old server handed out is good at a new one, and tokens verify by the same keys.
pub(super) async fn an_installation_moves(deployment: &Deployment) {
    let old = Server::start();
    let session = old.client().sign_in(&wallet()).await;
    let (_, key) = new_key(&old.client()).await;
    rotate(&old);
    let keys = published(&old.client()).await;
    assert_eq!(keys.matches("\"kid\"").count(), 2, "{keys}");
    let kept = tempfile::tempdir().expect("a temporary directory");
    old.stop_and_keep(kept.path());

    deployment.done("docker compose stop node1 node2");
    let shared = deployment.root.path().join("keys");
    fs::remove_dir_all(&shared)
        .and_then(|()| fs::create_dir(&shared))
        .expect("it is empty");
    let create = "docker compose exec -T postgres psql --username countersign --dbname countersign --command 'CREATE DATABASE moved'";
    deployment.done(create);
    let (_, port) = deployment.cluster.address();
    let password = deployment.secret("POSTGRES_PASSWORD");
    let url = format!("postgres://countersign:{password}@127.0.0.1:{port}/moved");
    let [script] = blocks("From one file to a fleet")[..] else {
        panic!("one block");
    };
    let kept = kept.path().display().to_string();
    let script = put(
        script,
        "/var/lib/countersign/countersign.sqlite",
        &format!("{kept}/countersign.sqlite"),
    );
    let script = put(&script, "cd /var/lib/countersign ", &format!("cd {kept} "));
    let script = put(
        &script,
        "countersign copy",
        &format!("'{}' copy", binary().display()),
    );
    deployment.done(&format!(
        "export COUNTERSIGN__DATABASE__URL={url}\n{script}"
    ));

    let shared = shared.display().to_string();
    let new = Server::start_with(&[
        ("COUNTERSIGN__DATABASE__URL", &url),
        ("COUNTERSIGN__SESSION__SIGNING_KEYS_DIR", &shared),
    ]);
    assert!(is_good(&new.client(), &key).await);
    let holder = new.client().with_bearer(&session.token);
    assert_eq!(
        holder.get("/auth/me").await.field("userId"),
        session.user_id
    );
    assert_eq!(published(&new.client()).await, keys);
}
