//! Rate limits that two servers share in Redis: the numbers are the fleet's, and each server's own while Redis is away.

mod away;
mod numbers;
mod running;

use std::time::Duration;

use countersign_tests::{Client, Metrics, Redis, Server};

/// How long a server may take to notice what happened to Redis.
const PATIENCE: Duration = Duration::from_secs(20);
/// Aura's reads of a caller without a key.
const READS: usize = 60;

/// A server with a data directory of its own that counts in this Redis, with the real numbers. Clients are who
/// they say.
fn server(redis: &Redis) -> Server {
    server_at(redis, &redis.url())
}

fn server_at(redis: &Redis, url: &str) -> Server {
    let server = Server::start_with(&[
        ("COUNTERSIGN__LIMITS__SCALE", "1"),
        ("COUNTERSIGN__LIMITS__REDIS_URL", url),
        ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    countersign_tests::secrets::note_secret(server.url(), redis.password());
    server
}

fn client(server: &Server, address: &str) -> Client {
    server.client().with("x-forwarded-for", address)
}

/// Whether a caller without a key may read.
async fn may_read(client: &Client) -> bool {
    let answer = client.get("/v1/markets").await;
    if answer.status == 429 {
        answer.assert_aura_error(429, "rate_limited");
        assert_eq!(answer.header("ratelimit-remaining"), "0");
        return false;
    }
    assert_eq!(answer.header("ratelimit-limit"), READS.to_string());
    true
}

/// How many of so many reads are admitted, by the servers in turns.
async fn reads(servers: &[&Server], address: &str, requests: usize) -> usize {
    let clients: Vec<_> = servers.iter().map(|at| client(at, address)).collect();
    let mut admitted = 0;
    for request in 0..requests {
        admitted += usize::from(may_read(&clients[request % clients.len()]).await);
    }
    admitted
}

async fn value(server: &Server, name: &str) -> f64 {
    server.metrics().await.value(name, "")
}

/// Requests that a server counted by itself.
async fn fallbacks(server: &Server) -> f64 {
    value(server, "rate_limit_fallbacks_total").await
}

async fn wait_until_available(server: &Server, is_available: bool) {
    let reader = server.client();
    let level = async || {
        let metrics = Metrics::of(&reader.get("/metrics").await);
        metrics.value("rate_limit_store_available", "")
    };
    let wanted = f64::from(u8::from(is_available));
    let reached = async { while level().await != wanted {} };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    assert!(reached.is_ok(), "{}", server.log());
}

/// How often the log says this.
fn said(server: &Server, words: &str) -> usize {
    server
        .log()
        .lines()
        .filter(|line| line.contains(words))
        .count()
}

const GONE: &str =
    "\"level\":\"WARN\",\"message\":\"Redis is away: this server counts requests by itself";
const BACK: &str = "\"level\":\"INFO\",\"message\":\"Redis is back: rate limits are shared again";
