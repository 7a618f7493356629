//! What whoever runs it sees: commands, the password, and what Redis must permit.

use std::process::{Command, Output};

use countersign_tests::{Redis, binary};

use super::*;

fn run(arguments: &[&str], url: &str) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory");
    Command::new(binary())
        .args(arguments)
        .current_dir(directory.path())
        .env("COUNTERSIGN__LIMITS__REDIS_URL", url)
        .output()
        .expect("the binary runs")
}

/// What it says to this URL, and whether it is a failure. The password is not in it.
fn said_about(redis: &Redis, arguments: &[&str], url: &str) -> (String, bool) {
    let Output {
        status,
        stdout,
        stderr,
    } = run(arguments, url);
    let text = String::from_utf8([stdout, stderr].concat()).expect("output is text");
    assert!(!text.contains(redis.password()), "{text}");
    (text, !status.success())
}

#[test]
fn doctor_looks_whether_redis_serves() {
    let mut redis = Redis::start();
    let url = redis.url();
    let shown = url.rsplit_once('@').expect("a password").1;
    let found = |redis: &Redis, url: &str| said_about(redis, &["doctor"], url);
    let (text, failed) = found(&redis, &url);
    let line = format!("ok       rate limits      shared in redis://{shown}/0, which answers");
    assert!(text.contains(&line) && !failed, "{text}");
    assert!(redis.ask("REPLICAOF 127.0.0.1 1").is_some());
    let (text, failed) = found(&redis, &url);
    assert!(text.contains("problem  rate limits") && failed, "{text}");
    assert!(
        text.contains("read only replica") && text.contains("cure:"),
        "{text}"
    );
    let (text, failed) = found(&redis, &format!("redis://{shown}"));
    assert!(text.contains("problem  rate limits") && failed, "{text}");
    redis.stall();
    let (text, _) = found(&redis, &url);
    assert!(text.contains("problem  rate limits"), "{text}");
    redis.kill();
    let (text, failed) = found(&redis, &url);
    assert!(text.contains("problem  rate limits") && failed, "{text}");
    assert!(text.contains("Connection refused"), "{text}");
}

#[test]
fn the_configuration_says_where_limits_are_shared_and_an_address_that_is_none_is_refused() {
    let redis = Redis::start();
    let url = redis.url();
    let shown = url.rsplit_once('@').expect("a password").1;
    let (text, failed) = said_about(&redis, &["config", "check"], &url);
    let line = format!("rate limits      as documented; shared in redis://{shown}/0\n");
    assert!(text.contains(&line) && !failed, "{text}");
    for command in [&["config", "check"][..], &["serve"], &["doctor"]] {
        let (text, failed) = said_about(&redis, command, &url.replace("redis://", "rediss://"));
        assert!(text.contains("limits.redis_url") && failed, "{text}");
        assert!(
            text.contains("TLS to Redis (rediss://) is not built in"),
            "{text}"
        );
    }
}

/// As in docs/limits.md.
#[tokio::test]
async fn a_user_of_redis_needs_no_more_than_is_documented() {
    let redis = Redis::start();
    let documented = include_str!("../../../docs/limits.md");
    let user = documented
        .lines()
        .find_map(|line| line.strip_prefix("user countersign on >PASSWORD "))
        .expect("the user is documented");
    let set = format!("ACL SETUSER countersign on >{} {user}", redis.password());
    assert_eq!(redis.ask(&set).as_deref(), Some("+OK\r\n"));
    let url = redis.url_as("countersign");
    let (one, other) = (server_at(&redis, &url), server_at(&redis, &url));
    assert_eq!(
        reads(&[&one, &other], "203.0.113.1", 3 * READS).await,
        READS
    );
    for server in [&one, &other] {
        assert_eq!((fallbacks(server).await, said(server, GONE)), (0.0, 0));
    }
}
