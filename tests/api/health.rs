//! `/health`

use countersign_tests::Server;

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let server = Server::start();
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(server.client().get(path).await.status, 200, "{path}");
    }
}
