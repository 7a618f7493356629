//! Signs in over and over and tells what one sign-in costs the server.
//!
//! `sign-in-load [SIGN_INS] [CLIENTS]`: starts the server of `COUNTERSIGN_BIN` in a fresh directory and
//! prints the server's own CPU time for one whole sign-in (nonce, signature check, session), in
//! milliseconds: of wallets that have signed in before, and of new ones, which also get an account.
//! As a yardstick it prints the CPU time of `GET /health/live` in the same run, then what a request with a
//! session's token costs as a multiple of that, and how much of the machine others took meanwhile.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_ethereum::Wallet;
use countersign_server::random::SystemRandom;
use countersign_tests::{Client, Server};
use futures_util::future::join_all;

/// Wallets that sign in again and again.
const KNOWN: usize = 200;
/// So many cheap requests are measured for each sign-in.
const CHEAP: usize = 10;

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"))
        .collect();
    let (count, clients) = (
        numbers.first().copied().unwrap_or(5000),
        numbers.get(1).copied().unwrap_or(32),
    );
    let server = Server::start_with(&[("COUNTERSIGN__LOG__FILTER", "info")]);
    let (client, stolen, start) = (server.client(), Ticks::now(), Instant::now());
    let wallets: Arc<Vec<_>> = Arc::new(
        (0..KNOWN)
            .map(|_| Wallet::generate(&SystemRandom))
            .collect(),
    );
    let sign_in = move |client: Client, number: usize| {
        let wallets = wallets.clone();
        async move { drop(client.sign_in(&wallets[number % KNOWN]).await) }
    };
    repeat(&client, KNOWN, clients, sign_in.clone()).await;
    let known = cost(&server, count, repeat(&client, count, clients, sign_in)).await;
    let new = cost(
        &server,
        count,
        repeat(&client, count, clients, sign_in_anew),
    )
    .await;
    // The process's time is told in ticks of 10 ms, so what is cheap is done more often.
    let often = count * CHEAP;
    let work = repeat(&client, often, clients, bare_request);
    let bare = cost(&server, often, work).await;
    let session = client.sign_in(&Wallet::generate(&SystemRandom)).await;
    let holder = client.with_bearer(&session.token);
    let work = repeat(&holder, often, clients, who_am_i);
    let check = cost(&server, often, work).await;
    let check_ratio = check.each_ms() / bare.each_ms();
    let (known_ms, new_ms, bare_ms) = (known.each_ms(), new.each_ms(), bare.each_ms());
    let (ratio, rate) = (known_ms / bare_ms, count as f64 / known.wall.as_secs_f64());
    let stolen = stolen.stolen_since(start);
    let line = format!(
        "{known_ms:.3} ms | {new_ms:.3} ms | {bare_ms:.3} ms | {ratio:.1} | {check_ratio:.2} | {rate:.0}/s | {stolen:.0} %"
    );
    writeln!(std::io::stdout(), "{line}").expect("stdout is open");
}

async fn sign_in_anew(client: Client, _number: usize) {
    client.sign_in(&Wallet::generate(&SystemRandom)).await;
}

async fn bare_request(client: Client, _number: usize) {
    assert_eq!(client.get("/health/live").await.status, 200);
}

async fn who_am_i(client: Client, _number: usize) {
    assert_eq!(client.get("/auth/me").await.status, 200);
}

/// What so many repetitions cost the server.
struct Cost {
    count: usize,
    cpu: Duration,
    wall: Duration,
}

impl Cost {
    fn each_ms(&self) -> f64 {
        self.cpu.as_secs_f64() * 1000.0 / self.count as f64
    }
}

async fn cost(server: &Server, count: usize, work: impl Future<Output = ()>) -> Cost {
    let (cpu, start) = (cpu_time(server.pid()), Instant::now());
    work.await;
    Cost {
        count,
        cpu: cpu_time(server.pid()) - cpu,
        wall: start.elapsed(),
    }
}

/// Does something so many times, by so many clients at once.
async fn repeat<F, W>(client: &Client, count: usize, clients: usize, work: F)
where
    F: Fn(Client, usize) -> W + Clone + Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let left = Arc::new(AtomicUsize::new(count));
    let clients = (0..clients).map(|_| {
        let (client, left, work) = (client.clone(), left.clone(), work.clone());
        tokio::spawn(async move {
            let one_less = |left: usize| left.checked_sub(1);
            while let Ok(number) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            {
                work(client.clone(), number).await;
            }
        })
    });
    for done in join_all(clients).await {
        done.expect("no client panics");
    }
}

/// The machine's processor time that went to other machines on the same host (proc(5), "steal").
struct Ticks(f64);

impl Ticks {
    fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/stat").expect("Linux");
        let steal = stat
            .lines()
            .next()
            .and_then(|cpu| cpu.split_whitespace().nth(8)?.parse().ok());
        Self(steal.expect("the first line sums up all processors"))
    }

    /// In percent of all processors.
    fn stolen_since(&self, start: Instant) -> f64 {
        let processors =
            std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
        (Self::now().0 - self.0) / (start.elapsed().as_secs_f64() * processors)
    }
}

/// User and system time of a process so far (proc(5), fields 14 and 15 of stat, in ticks of 10 ms).
fn cpu_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs");
    let (_, fields) = stat.rsplit_once(')').expect("the name is in parentheses");
    let ticks = |index: usize| {
        fields
            .split_whitespace()
            .nth(index)
            .and_then(|field| field.parse::<u64>().ok())
    };
    let ticks = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
    Duration::from_millis(ticks.expect("stat has both times") * 10)
}
