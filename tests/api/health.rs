//! `/health`

use countersign_tests::Server;
use sea_orm::ConnectionTrait;

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

/// Breaks the database from outside, as an operator's mistake would.
async fn drop_sessions(server: &Server) {
    let file = server
        .directory()
        .join("countersign-data/countersign.sqlite");
    let database = sea_orm::Database::connect(format!("sqlite://{}", file.display()))
        .await
        .expect("the file opens");
    database
        .execute_unprepared("DROP TABLE session")
        .await
        .expect("the table is dropped");
}
