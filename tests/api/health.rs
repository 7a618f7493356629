//! `/health`

use std::process::{Command, Output};

use countersign_tests::{Server, binary};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};

use crate::wallet;

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let server = Server::start();
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(server.client().get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_but_not_ready_and_lets_nobody_in() {
    let server = Server::start();
    let session = server.client().sign_in(&wallet()).await;
    drop_sessions(&server).await;
    assert_eq!(server.client().get("/health/live").await.status, 200);
    server
        .client()
        .get("/health/ready")
        .await
        .assert_error(503, "SERVICE_UNAVAILABLE");
    let client = server.client().with_cookie(&session.token);
    client
        .get("/auth/me")
        .await
        .assert_error(503, "SERVICE_UNAVAILABLE");
    let (client, wallet) = (server.client(), wallet());
    let message = client.message(&wallet).await;
    client
        .submit(&wallet, &message)
        .await
        .assert_error(503, "SERVICE_UNAVAILABLE");
}

#[tokio::test]
async fn a_container_s_health_check_asks_whether_the_server_is_ready() {
    let server = Server::start();
    let listen = server.authority().to_owned();
    let asked = health(&listen);
    assert!(asked.status.success(), "{asked:?}");
    assert_eq!(asked.stdout, b"ready\n");
    drop_sessions(&server).await;
    assert_unhealthy(&health(&listen), "is not ready");
    drop(server);
    assert_unhealthy(&health(&listen), "no countersign server answers");
}

/// `countersign health`, in a directory without a configuration.
fn health(listen: &str) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let command = Command::new(binary())
        .args(["health", "--listen", listen])
        .current_dir(directory.path())
        .output();
    command.expect("the binary runs")
}

fn assert_unhealthy(asked: &Output, why: &str) {
    let told = String::from_utf8_lossy(&asked.stderr);
    assert_eq!(asked.status.code(), Some(1), "{told}");
    assert!(told.contains(why), "{told}");
}

/// Breaks the database from outside, as an operator's mistake would.
pub(crate) async fn drop_sessions(server: &Server) {
    database(server)
        .await
        .execute_unprepared("DROP TABLE session")
        .await
        .expect("the table is dropped");
}

/// One connection to a server's database, past the server.
pub(crate) async fn database(server: &Server) -> DatabaseConnection {
    let file = server
        .directory()
        .join("countersign-data/countersign.sqlite");
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options.max_connections(1);
    let database = sea_orm::Database::connect(options).await;
    database.expect("the file opens")
}
