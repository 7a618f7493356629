//! One of several processes that race for the same challenges in one database.
//!
//! `redeem-racer URL COUNT SEED`: opens the store, prints `ready`, waits for a line, redeems the
//! store suite's challenges 0 to COUNT at once, and prints the number of each that it won.

use std::{
    io::{BufRead, Write},
    sync::Arc,
};

use countersign_core::{
    store::Store,
    store_suite::{challenge, redeem},
};
use countersign_server::store::{DatabaseUrl, PostgresOptions, PostgresStore, SqliteStore};
use futures_util::future::join_all;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, count, seed] = arguments.as_slice() else {
        panic!("usage: redeem-racer URL COUNT SEED")
    };
    let count: u64 = count.parse().expect("COUNT is a number");
    let seed: u64 = seed.parse().expect("SEED is a number");
    let store = open(url, count).await;
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

async fn open(url: &str, count: u64) -> Arc<dyn Store> {
    match url.parse().expect("URL is that of a database") {
        DatabaseUrl::Sqlite(file) => {
            let opened = SqliteStore::open(&file, count).await;
            Arc::new(opened.expect("the database opens"))
        }
        DatabaseUrl::Postgres(url) => {
            let opened = PostgresStore::open(&PostgresOptions::new(url), count).await;
            Arc::new(opened.expect("the database opens"))
        }
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("the parent reads");
}
