//! One of several processes that race for the same challenges on one SQLite file.
//!
//! `redeem-racer FILE COUNT SEED`: opens the store, prints `ready`, waits for a line, redeems the
//! store suite's challenges 0 to COUNT at once, and prints the number of each that it won.

use std::{
    io::{BufRead, Write},
    path::Path,
    sync::Arc,
};

use countersign_core::{
    store::ChallengeStore,
    store_suite::{challenge, redeem},
};
use countersign_server::store::SqliteStore;
use futures_util::future::join_all;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, count, seed] = arguments.as_slice() else {
        panic!("usage: redeem-racer FILE COUNT SEED")
    };
    let count: u64 = count.parse().expect("COUNT is a number");
    let seed: u64 = seed.parse().expect("SEED is a number");
    let store = SqliteStore::open(Path::new(file), count)
        .await
        .expect("the database opens");
    let store = Arc::new(store);
    say("ready");
    std::io::stdin()
        .lock()
        .read_line(&mut String::new())
        .expect("the parent says go");
    let attempts = (0..count).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let granted = store
                .redeem(redeem(&challenge(number), "0xab", seed + number))
                .await;
            granted.expect("the store answers").map(|_| number)
        })
    });
    for won in join_all(attempts).await {
        if let Some(number) = won.expect("no attempt panics") {
            say(&number.to_string());
        }
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("the parent reads");
}
