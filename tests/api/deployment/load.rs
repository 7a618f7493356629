//! Clients that ask all the time, each time by a new connection, and let nothing but success pass.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

/// Clients that run until they are stopped.
pub(super) struct Load {
    is_over: Arc<AtomicBool>,
    clients: JoinSet<usize>,
}

/// Starts so many clients, which make requests with numbers that no other has.
pub(super) fn start<F: Future<Output = ()> + Send>(
    clients: usize,
    ask: impl Fn(u16) -> F + Clone + Send + 'static,
) -> Load {
    let mut load = Load {
        is_over: Arc::default(),
        clients: JoinSet::new(),
    };
    let next = Arc::new(AtomicU16::new(0));
    for _ in 0..clients {
        let (is_over, next, ask) = (load.is_over.clone(), next.clone(), ask.clone());
        load.clients.spawn(async move {
            let mut answered = 0;
            while !is_over.load(Ordering::Relaxed) {
                ask(next.fetch_add(1, Ordering::Relaxed)).await;
                answered += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            answered
        });
    }
    load
}

impl Load {
    /// How many requests there were, all of which were answered well.
    pub(super) async fn stop(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        self.clients.join_all().await.into_iter().sum()
    }
}

/// A change, which nobody may make twice. Each is another client's, because sign-in calls are limited by address.
pub(super) async fn ask_for_a_nonce(url: String, number: u16) {
    let [high, low] = number.to_be_bytes();
    let client = reqwest::Client::builder()
        .no_proxy()
        .local_address(IpAddr::V4(Ipv4Addr::new(127, 1, high, low.max(1))))
        .build()
        .expect("a client");
    let wallet = format!("0x{number:040x}");
    let request = client.post(format!("{url}/auth/nonce"));
    let answer = request
        .json(&json!({ "walletAddress": wallet }))
        .send()
        .await;
    let status = answer.expect("an answer").status();
    assert_eq!(status, StatusCode::OK, "nonce {number}");
}

/// A check of a key.
pub(super) async fn check(url: String, key: String) {
    let client = reqwest::Client::builder().no_proxy().build();
    let request = client.expect("a client").get(format!("{url}/auth/me"));
    let answer = request.header("x-api-key", key).send().await;
    let text = answer.expect("an answer").text().await.expect("a text");
    assert!(text.contains("\"userId\":\""), "{text}");
}
