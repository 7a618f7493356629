//! Signs in over and over and tells what one sign-in costs the server.
//!
//! `sign-in-load [SIGN_INS] [CLIENTS]`: starts the server of `COUNTERSIGN_BIN` in a fresh directory,
//! signs in with a new wallet each time, and prints the server's own CPU time for one whole
//! sign-in (nonce, signature check, session), in milliseconds.

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

const WARM_UP: usize = 200;

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"))
        .collect();
    let (sign_ins, clients) = (
        numbers.first().copied().unwrap_or(5000),
        numbers.get(1).copied().unwrap_or(32),
    );
    let server = Server::start();
    load(&server.client(), WARM_UP, clients).await;
    let (cpu, start) = (cpu_time(server.pid()), Instant::now());
    load(&server.client(), sign_ins, clients).await;
    let (cpu, wall) = (cpu_time(server.pid()) - cpu, start.elapsed());
    let each = cpu.as_secs_f64() * 1000.0 / sign_ins as f64;
    let rate = sign_ins as f64 / wall.as_secs_f64();
    writeln!(std::io::stdout(), "{each:.3} ms CPU per sign-in, {rate:.0} sign-ins/s, {sign_ins} sign-ins by {clients} clients")
        .expect("stdout is open");
}

async fn load(client: &Client, sign_ins: usize, clients: usize) {
    let left = Arc::new(AtomicUsize::new(sign_ins));
    let work = (0..clients).map(|_| {
        let (client, left) = (client.clone(), left.clone());
        tokio::spawn(async move {
            let one_less = |left: usize| left.checked_sub(1);
            while left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
                .is_ok()
            {
                client.sign_in(&Wallet::generate(&SystemRandom)).await;
            }
        })
    });
    for done in join_all(work).await {
        done.expect("no client panics");
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
