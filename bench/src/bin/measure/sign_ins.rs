//! Whole sign-ins: a nonce, a signature by a wallet, a session.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_ethereum::Wallet;
use countersign_server::random::SystemRandom;
use countersign_tests::Client;
use futures_util::future::join_all;

use crate::rounds::Answered;

/// Wallets that sign in again and again.
const KNOWN: usize = 200;

/// Who signs in.
#[derive(Clone)]
pub(crate) enum Who {
    /// Wallets that have signed in before.
    Known(Arc<Vec<Wallet>>),
    /// A new one each time, which also gets an account.
    New,
}

impl Who {
    /// Some wallets; they must sign in once before they are known.
    pub(crate) fn known() -> Self {
        let wallets = (0..KNOWN).map(|_| Wallet::generate(&SystemRandom));
        Self::Known(Arc::new(wallets.collect()))
    }

    async fn sign_in(&self, client: &Client, number: usize) {
        match self {
            Self::Known(wallets) => client.sign_in(&wallets[number % KNOWN]).await,
            Self::New => client.sign_in(&Wallet::generate(&SystemRandom)).await,
        };
    }
}

/// Signs in so many times, by so many clients at once.
pub(crate) async fn load(client: &Client, who: &Who, count: usize, clients: usize) -> Answered {
    let (left, start) = (Arc::new(AtomicUsize::new(count)), Instant::now());
    let clients =
        (0..clients).map(|_| tokio::spawn(one_client(client.clone(), who.clone(), left.clone())));
    let took = join_all(clients).await;
    let took = took.into_iter().map(|took| took.expect("no panic"));
    let mut took: Vec<_> = took.flatten().collect();
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    Answered {
        requests: took.len() as f64,
        seconds: start.elapsed().as_secs_f64(),
        p50_us: at(50),
        p99_us: at(99),
    }
}

/// Signs in while any sign-in is left; tells how long each took.
async fn one_client(client: Client, who: Who, left: Arc<AtomicUsize>) -> Vec<Duration> {
    let one_less = |left: usize| left.checked_sub(1);
    let mut took = vec![];
    while let Ok(number) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
        let start = Instant::now();
        who.sign_in(&client, number).await;
        took.push(start.elapsed());
    }
    took
}
