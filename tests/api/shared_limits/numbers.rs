//! What all servers together admit.

use std::sync::Arc;

use countersign_tests::{Redis, Server};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_client_that_goes_from_server_to_server_has_its_number_and_no_more() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let both = [&one, &other];
    assert_eq!(reads(&both, "203.0.113.1", 3 * READS).await, READS);
    assert_eq!(reads(&[&one], "203.0.113.2", 40).await, 40);
    let (there, back) = (
        reads(&[&other], "203.0.113.2", READS).await,
        reads(&[&one], "203.0.113.2", READS).await,
    );
    assert_eq!(40 + there + back, READS);
    assert!(there >= 17, "{there}: at most an eighth waits where it was");

    // On a machine that has too much to do Redis may answer too late, and a server counts alone, as it must.
    for attempt in 0..5 {
        let before = fallbacks(&one).await + fallbacks(&other).await;
        let admitted = nonces(&both, &format!("203.0.113.{}", 10 + attempt)).await;
        if fallbacks(&one).await + fallbacks(&other).await == before {
            return assert_eq!(admitted, 30);
        }
    }
    panic!("Redis was too late in each of five attempts");
}

/// How many of 90 sign-in calls of a client, by turns at each server, are admitted.
async fn nonces(both: &[&Server; 2], address: &str) -> usize {
    let mut admitted = 0;
    for request in 0..90 {
        let client = client(both[request % 2], address);
        let answer = client.post("/auth/nonce", &json!({})).await;
        admitted += usize::from(answer.status == 400);
        if answer.status != 400 {
            answer.assert_error(429, "RATE_LIMITED");
        }
    }
    admitted
}

#[tokio::test]
async fn what_is_left_is_told_by_what_all_servers_took() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let left = async |at: &Server| {
        let answer = client(at, "203.0.113.1").get("/v1/markets").await;
        let reset: u32 = answer.header("ratelimit-reset").parse().expect("seconds");
        assert!((1..=60).contains(&reset), "{answer:?}");
        answer
            .header("ratelimit-remaining")
            .parse::<usize>()
            .expect("a number")
    };
    assert_eq!(left(&one).await, READS - 1);
    assert_eq!(left(&other).await, READS - 2);
    assert_eq!(left(&one).await, READS - 3);
}

#[tokio::test]
async fn many_clients_at_once_on_both_servers_have_the_number_and_no_more() {
    let redis = Redis::start();
    let servers = [Arc::new(server(&redis)), Arc::new(server(&redis))];
    let before = fallbacks_of(&servers).await;
    for attempt in 0..5 {
        let address = format!("198.51.100.{attempt}");
        let tasks = (0..64).map(|task| {
            let (servers, address) = (servers.clone(), address.clone());
            tokio::spawn(async move {
                let clients = servers.map(|server| client(&server, &address));
                let mut admitted = 0;
                for request in 0..6 {
                    admitted += usize::from(may_read(&clients[(task + request) % 2]).await);
                }
                admitted
            })
        });
        let mut admitted = 0;
        for task in tasks.collect::<Vec<_>>() {
            admitted += task.await.expect("it ends");
        }
        // On a busy machine Redis may not be heard in time, and then each server counts by itself.
        if fallbacks_of(&servers).await == before {
            assert_eq!(admitted, READS);
            return;
        }
        for server in &servers {
            wait_until_available(server, true).await;
        }
    }
    panic!("Redis was never there for 384 requests");
}

async fn fallbacks_of(servers: &[Arc<Server>; 2]) -> f64 {
    fallbacks(&servers[0]).await + fallbacks(&servers[1]).await
}

#[tokio::test]
async fn lookups_that_failed_on_one_server_are_held_back_on_the_other() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let ask = async |at: &Server, count: usize| {
        let client = client(at, "203.0.113.1").with_bearer(&token(count));
        client.get("/perps/positions").await
    };
    ask(&other, 0).await.assert_error(401, "INVALID_CREDENTIAL");
    for count in 1..60 {
        ask(&one, count)
            .await
            .assert_error(401, "INVALID_CREDENTIAL");
    }
    ask(&one, 60).await.assert_error(429, "RATE_LIMITED");
    // It has not asked since its own failure, so one more is looked up.
    ask(&other, 61)
        .await
        .assert_error(401, "INVALID_CREDENTIAL");
    ask(&other, 62).await.assert_error(429, "RATE_LIMITED");
    let third = server(&redis);
    ask(&third, 63).await.assert_error(429, "RATE_LIMITED");
    let keys = redis.keys();
    assert!(
        keys.contains("countersign:failed_lookups:203.0.113.1\r\n"),
        "{keys}"
    );
    assert!(!keys.contains(&token(0)[..20]), "{keys}");
}

/// With the form of one, and nobody's.
fn token(count: usize) -> String {
    format!("eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJub2JvZHkifQ.{count:043}")
}

#[tokio::test]
async fn what_redis_holds_ends_with_the_window() {
    let redis = Redis::start();
    let server = server(&redis);
    assert_eq!(reads(&[&server], "2001:db8::7", 3).await, 3);
    let key = "countersign:anonymous:reads:2001:db8::";
    assert!(
        redis.keys().contains(&format!("{key}\r\n")),
        "{}",
        redis.keys()
    );
    let keys = redis.keys();
    let keys = keys.lines().filter(|line| line.starts_with("countersign:"));
    for key in keys {
        let rest = redis.ask(&format!("PTTL {key}")).expect("it answers");
        let rest: u32 = rest
            .trim()
            .trim_start_matches(':')
            .parse()
            .expect("milliseconds");
        assert!((1..=60_000).contains(&rest), "{key}: {rest}");
    }
}

#[tokio::test]
async fn a_redis_that_forgot_everything_is_used_on() {
    let redis = Redis::start();
    let (one, other) = (server(&redis), server(&redis));
    let both = [&one, &other];
    assert_eq!(reads(&both, "203.0.113.1", 20).await, 20);
    redis.forget();
    let admitted = reads(&both, "203.0.113.1", 4 * READS).await;
    assert!((READS..READS + 20).contains(&admitted), "{admitted}");
    assert_eq!(reads(&both, "203.0.113.2", 3 * READS).await, READS);
    for server in both {
        assert_eq!((fallbacks(server).await, said(server, GONE)), (0.0, 0));
    }
}
