//! Redis that dies, stalls, is not there yet, or answers and cannot serve.

use std::time::Instant;

use countersign_tests::{Redis, Server};

use super::*;

/// For as many requests as one test makes: far less than a wait for each.
const SOON: Duration = Duration::from_secs(5);

/// Each server admits the number by itself, soon, says so once, and is ready.
async fn assert_counted_alone(servers: [&Server; 2], address: &str) {
    for server in servers {
        let begun = Instant::now();
        assert_eq!(reads(&[server], address, 2 * READS).await, READS);
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        assert_eq!(said(server, GONE), 1, "{}", server.log());
        assert_eq!(said(server, BACK), 0);
        assert!(fallbacks(server).await >= READS as f64);
        assert_eq!(value(server, "rate_limit_store_available").await, 0.0);
        assert_eq!(server.client().get("/health/ready").await.status, 200);
    }
}

async fn assert_shared_again(servers: [&Server; 2], address: &str) {
    for server in servers {
        wait_until_available(server, true).await;
        assert_eq!((said(server, GONE), said(server, BACK)), (1, 1));
    }
    assert_eq!(reads(&servers, address, 3 * READS).await, READS);
}

#[tokio::test]
async fn a_redis_that_dies_is_missed_once_and_used_again_when_it_is_back() {
    let mut redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let both = [&one, &other];
    assert_eq!(reads(&both, "203.0.113.1", 20).await, 20);
    redis.kill();
    // What they have admitted already counts.
    assert_eq!(reads(&both, "203.0.113.1", 4 * READS).await, 2 * READS - 20);
    assert_counted_alone(both, "203.0.113.2").await;
    redis.start_again();
    assert_shared_again(both, "203.0.113.3").await;
}

#[tokio::test]
async fn a_redis_that_stalls_is_waited_for_once() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let both = [&one, &other];
    assert_eq!(reads(&both, "203.0.113.1", 20).await, 20);
    redis.stall();
    let begun = Instant::now();
    assert_eq!(reads(&both, "203.0.113.4", 2).await, 2);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert_counted_alone(both, "203.0.113.2").await;
    redis.resume();
    assert_shared_again(both, "203.0.113.3").await;
}

#[tokio::test]
async fn a_redis_that_comes_later_is_found_by_a_server_that_waits_for_nobody() {
    let mut redis = Redis::start();
    redis.kill();
    let (one, other) = (server(&redis), server(&redis));
    assert_counted_alone([&one, &other], "203.0.113.2").await;
    redis.start_again();
    assert_shared_again([&one, &other], "203.0.113.3").await;
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_away() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let both = [&one, &other];
    // As after a failover: one that others write to.
    assert!(redis.ask("REPLICAOF 127.0.0.1 1").is_some());
    for server in both {
        wait_until_available(server, false).await;
    }
    assert_counted_alone(both, "203.0.113.2").await;
    assert!(redis.ask("REPLICAOF NO ONE").is_some());
    assert_shared_again(both, "203.0.113.3").await;
}

#[tokio::test]
async fn a_server_without_redis_has_no_metric_of_it() {
    let server = Server::start();
    let names: Vec<_> = server
        .metrics()
        .await
        .lines()
        .iter()
        .map(|line| line.name.clone())
        .collect();
    assert!(
        !names.iter().any(|name| name.starts_with("rate_limit_")),
        "{names:?}"
    );
}
