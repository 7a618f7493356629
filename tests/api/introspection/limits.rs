//! Lookups that find nothing are limited, and nobody uses up what others may.

use countersign_core::profile::Profile;
use countersign_tests::{Client, Metrics, Redis};

use super::{Platform, ask, ask_good, assert_inactive, unknown_key};
use crate::access::history::{GOOD, History};

/// No scaling; what a server does without configuration.
const PLAIN: [(&str, &str); 1] = [("COUNTERSIGN__LIMITS__SCALE", "1")];
/// Lookups that may find nothing in a minute.
const FAILURES: usize = 60;

/// Has as many lookups of a caller fail as may, and is held back.
async fn use_up(service: &Client, ip: &str) {
    for _ in 0..FAILURES {
        assert_inactive(&ask(service, &unknown_key(Profile::Ocx), ip).await);
    }
    assert_held_back(service, ip).await;
}

async fn assert_held_back(service: &Client, ip: &str) {
    let answer = ask(service, &unknown_key(Profile::Ocx), ip).await;
    answer.assert_oauth_error(429, "rate_limited");
    let seconds: u32 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{answer:?}");
    assert!(!answer.text.contains("active"), "{answer:?}");
}

async fn assert_looked_up(service: &Client, ip: &str) {
    assert_inactive(&ask(service, &unknown_key(Profile::Ocx), ip).await);
}

#[tokio::test]
async fn a_caller_that_guesses_is_held_back_alone() {
    let mut history = History::begin().await;
    let known = history.key(Profile::Ocx, "read", "", GOOD).await;
    let cold = history.key(Profile::Ocx, "read", "", GOOD).await;
    let platform = Platform::serve(history, &PLAIN).await;
    let (orders, funds) = (platform.service("orders"), platform.service("funds"));
    ask_good(&orders, &known).await;
    use_up(&orders, "203.0.113.7").await;
    // In any spelling.
    assert_held_back(&orders, "::ffff:203.0.113.7").await;
    // What is remembered to be good is not held back, what would have to be looked up is; it is not called dead.
    let answer = ask(&orders, &known, "203.0.113.7").await;
    assert_eq!(answer.json()["active"], true, "{answer:?}");
    let answer = ask(&orders, &cold, "203.0.113.7").await;
    answer.assert_oauth_error(429, "rate_limited");
    // Other callers of the service, and the same caller at another service.
    assert_looked_up(&orders, "203.0.113.8").await;
    assert_looked_up(&orders, "").await;
    assert_looked_up(&funds, "203.0.113.7").await;
    let answer = ask(&orders, &cold, "203.0.113.8").await;
    assert_eq!(answer.json()["active"], true, "{answer:?}");
}

#[tokio::test]
async fn a_service_that_tells_no_address_is_held_back_alone() {
    let platform = Platform::serve(History::begin().await, &PLAIN).await;
    let (orders, funds) = (platform.service("orders"), platform.service("funds"));
    use_up(&orders, "").await;
    assert_looked_up(&orders, "203.0.113.7").await;
    assert_looked_up(&funds, "").await;
}

/// A service can tell any address, also that of a client of this server, or of another service.
#[tokio::test]
async fn a_service_cannot_use_up_what_clients_may() {
    let platform = Platform::serve(History::begin().await, &PLAIN).await;
    use_up(&platform.ocx(), "127.0.0.1").await;
    let client = platform.server.client();
    let guess = async || {
        let holder = client.with("x-api-key", &unknown_key(Profile::Ocx));
        holder.get("/perps/positions").await
    };
    for _ in 0..FAILURES {
        guess().await.assert_error(401, "INVALID_CREDENTIAL");
    }
    // And the other way round.
    guess().await.assert_error(429, "RATE_LIMITED");
    assert_looked_up(&platform.service("funds"), "127.0.0.1").await;
    let internal = platform.server.internal_client();
    let metrics = Metrics::of(&internal.get("/metrics").await);
    let held_back = metrics.value("limits_hit_total", "limit=failed_lookups");
    assert_eq!(held_back, 2.0, "a service's caller, and a client");
}

/// Whoever guesses the credential of a service, or asks what has no token's form, makes no lookup.
#[tokio::test]
async fn what_needs_no_lookup_is_not_limited() {
    let platform = Platform::serve(History::begin().await, &PLAIN).await;
    for _ in 0..FAILURES + 5 {
        assert_inactive(&ask(&platform.ocx(), "x", "203.0.113.7").await);
    }
    assert_looked_up(&platform.ocx(), "203.0.113.7").await;
}

/// The same Redis, two servers.
#[tokio::test]
async fn each_service_has_limits_of_its_own_over_all_servers() {
    let redis = Redis::start();
    let url = redis.url();
    let environment = [PLAIN[0], ("COUNTERSIGN__LIMITS__REDIS_URL", &url)];
    let one = Platform::serve(History::begin().await, &environment).await;
    let other = Platform::serve(History::begin().await, &environment).await;
    use_up(&one.service("orders"), "203.0.113.7").await;
    assert_held_back(&other.service("orders"), "203.0.113.7").await;
    assert_looked_up(&other.service("orders"), "203.0.113.8").await;
    assert_looked_up(&other.service("funds"), "203.0.113.7").await;
    let key = "countersign:introspection:orders:failed_lookups:203.0.113.7\r\n";
    let keys = redis.keys();
    assert!(keys.contains(key), "{keys}");
}
