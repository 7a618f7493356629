//! Who is served metrics.

use countersign_tests::{Client, Metrics, Server};
use reqwest::Method;

const INTERNAL: (&str, &str) = ("COUNTERSIGN__INTERNAL__LISTEN", "127.0.0.1:0");
const PUBLIC_URL: (&str, &str) = (
    "COUNTERSIGN__SERVER__PUBLIC_URL",
    "https://auth.example.com",
);

/// Both methods answer, every other is refused with the ones that do.
async fn check_served(client: &Client) {
    let answer = client.get("/metrics").await;
    let version = format!("version={}", env!("CARGO_PKG_VERSION"));
    assert_eq!(Metrics::of(&answer).value("build_info", &version), 1.0);
    let head = client.send(client.request(Method::HEAD, "/metrics")).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let refused = client.send(client.request(method, "/metrics")).await;
        refused.assert_error(405, "METHOD_NOT_ALLOWED");
        assert_eq!(refused.header("allow"), "GET, HEAD");
    }
}

/// As any path that is not there.
async fn check_absent(client: &Client) {
    client.get("/metrics").await.assert_error(404, "NOT_FOUND");
    let posted = client.send(client.request(Method::POST, "/metrics")).await;
    posted.assert_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_local_server_serves_metrics_under_its_local_names() {
    let server = Server::start();
    check_served(&server.client()).await;
    let rebound = server.client().with("host", "rebound.example");
    rebound
        .get("/metrics")
        .await
        .assert_error(421, "MISDIRECTED_REQUEST");
    server
        .client()
        .get("/metrics/")
        .await
        .assert_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_metric_is_described() {
    let answer = Server::start().client().get("/metrics").await;
    let described = |kind: &str| {
        let lines = answer
            .text
            .lines()
            .filter_map(|line| line.strip_prefix(kind));
        lines
            .filter_map(|line| line.split_once(' '))
            .collect::<Vec<_>>()
    };
    let (helps, types) = (described("# HELP "), described("# TYPE "));
    assert_eq!(helps.len(), types.len());
    for ((name, help), (typed, _)) in helps.into_iter().zip(types) {
        assert_eq!(name, typed);
        assert!(name.starts_with("countersign_"), "{name}");
        assert!(help.ends_with('.') && help.len() > 15, "{name}: {help}");
    }
}

#[tokio::test]
async fn a_server_that_others_reach_serves_no_metrics_to_them() {
    check_absent(&Server::start_public().client()).await;
    // Behind a proxy on the same machine.
    check_absent(&Server::start_with(&[PUBLIC_URL]).client()).await;
}

#[tokio::test]
async fn the_internal_listener_serves_metrics_and_nothing_of_the_main_one() {
    for environment in [vec![INTERNAL], vec![INTERNAL, PUBLIC_URL]] {
        let server = Server::start_with(&environment);
        let internal = server.internal_client();
        check_absent(&server.client()).await;
        check_served(&internal).await;
        for path in [
            "/",
            "/health/live",
            "/docs/ocx",
            "/v1/markets",
            "/metrics/x",
        ] {
            internal.get(path).await.assert_error(404, "NOT_FOUND");
        }
        let rebound = internal.with("host", "rebound.example");
        rebound
            .get("/metrics")
            .await
            .assert_error(421, "MISDIRECTED_REQUEST");
        let metrics = Metrics::of(&internal.get("/metrics").await);
        let absent = "route=other method=POST";
        assert_eq!(metrics.value("request_duration_seconds_count", absent), 1.0);
    }
}

#[tokio::test]
async fn the_internal_listener_ends_with_the_server() {
    let server = Server::start_with(&[INTERNAL]);
    let internal = server.internal_client();
    // The connection stays open, as a scraper's does.
    check_served(&internal).await;
    let (status, log) = server.stop();
    assert!(
        status.success() && log.contains("countersign has stopped"),
        "{log}"
    );
    let request = internal.request(Method::GET, "/metrics");
    assert!(internal.try_send(request).await.is_err());
}
