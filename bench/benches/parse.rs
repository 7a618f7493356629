//! Texts into types: messages and addresses.

use std::hint::black_box;

use countersign_alephium::{Alephium, KeyType};
use countersign_core::{ChainVerifier, claim::Claim, memory::SeededRandom, message::SignInMessage};
use countersign_ethereum::Ethereum;
use criterion::Criterion;
use futures_util::FutureExt;

/// As dapps send it, with the optional lines that matter.
fn message(address: &str) -> String {
    format!(
        "app.example.com wants you to sign in with your Ethereum account:\n{address}\n\n\
         Sign in to the benchmark.\n\n\
         URI: https://app.example.com/sign-in\nVersion: 1\nChain ID: 1\nNonce: 1w3QcnZlTjbRSyd0\n\
         Issued At: 2026-03-01T12:00:00.123Z\nExpiration Time: 2026-03-01T12:05:00.123Z"
    )
}

pub(crate) fn benchmarks(criterion: &mut Criterion) {
    let random = SeededRandom::new(1);
    let ethereum = Ethereum::new(&[1]);
    let address = countersign_ethereum::Wallet::generate(&random).address();
    let text = message(&address);
    criterion.bench_function("parse/message", |bench| {
        bench.iter(|| {
            black_box(&text)
                .parse::<SignInMessage>()
                .expect("a message")
        });
    });
    criterion.bench_function("parse/message, its address and chain", |bench| {
        bench.iter(|| {
            let claim = Claim::read(&ethereum, black_box(&text)).now_or_never();
            claim
                .expect("nothing is waited for")
                .expect("a claim")
                .account()
                .clone()
        });
    });
    parse_address(criterion, "parse/address, Ethereum", &ethereum, &address);

    let alephium = Alephium::new(&["mainnet"]).expect("a network's name");
    for (name, key_type) in [
        ("parse/address, Alephium, a hash", KeyType::Default),
        ("parse/address, Alephium, a key", KeyType::GlSecp256k1),
    ] {
        let address = countersign_alephium::Wallet::generate(&random, key_type).address();
        parse_address(criterion, name, &alephium, &address);
    }
}

fn parse_address(criterion: &mut Criterion, name: &str, chain: &dyn ChainVerifier, text: &str) {
    criterion.bench_function(name, |bench| {
        bench.iter(|| {
            let address = chain.parse_address(black_box(text)).now_or_never();
            address.expect("nothing is waited for").expect("an address")
        });
    });
}
