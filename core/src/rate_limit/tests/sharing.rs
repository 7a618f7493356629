//! Nodes that share permits, and lose them.

use std::sync::Arc;

use super::*;
use crate::{
    Clock,
    memory::{ManualClock, MemoryPermits},
};

/// Two nodes and what they share.
struct Fleet {
    clock: Arc<ManualClock>,
    permits: Arc<MemoryPermits>,
    nodes: [RateLimit<IpAddr>; 2],
}

fn fleet() -> Fleet {
    fleet_of(RateLimit::new)
}

fn fleet_of(limit: fn(&'static str, Nodes) -> RateLimit<IpAddr>) -> Fleet {
    let clock = Arc::new(ManualClock::at(NOW));
    let permits = Arc::new(MemoryPermits::new(clock.clone()));
    let node = || limit("test", Nodes::Sharing(permits.clone()));
    let nodes = [node(), node()];
    Fleet {
        clock,
        permits,
        nodes,
    }
}

impl Fleet {
    async fn take(&self, node: usize, max: u32) -> Result<Standing, Standing> {
        self.nodes[node]
            .take(client(1), max, self.clock.now())
            .await
    }

    async fn peek(&self, node: usize, max: u32) -> Standing {
        self.nodes[node]
            .peek(client(1), max, self.clock.now())
            .await
    }

    /// How many of so many requests are admitted, by the nodes in turns.
    async fn admitted(&self, requests: usize, max: u32) -> usize {
        let mut admitted = 0;
        for request in 0..requests {
            admitted += usize::from(self.take(request % 2, max).await.is_ok());
        }
        admitted
    }
}

#[tokio::test]
async fn a_client_that_goes_from_node_to_node_has_its_number_and_no_more() {
    for max in [1, 2, 10, 30, 60, 120, 600, 6000] {
        let fleet = fleet();
        let requests = 3 * max as usize;
        assert_eq!(fleet.admitted(requests, max).await, max as usize, "{max}");
        fleet.clock.advance(Duration::seconds(59));
        assert_eq!(fleet.admitted(requests, max).await, 0, "{max}");
        fleet.clock.advance(Duration::seconds(1));
        assert_eq!(fleet.admitted(requests, max).await, max as usize, "{max}");
    }
}

#[tokio::test]
async fn most_requests_ask_nobody_and_refused_ones_never_do() {
    let fleet = fleet();
    for _ in 0..600 {
        fleet.take(0, 600).await.unwrap();
    }
    let asked = fleet.permits.asked();
    assert!((10..60).contains(&asked), "{asked}");
    for _ in 0..100 {
        fleet.take(0, 600).await.unwrap_err();
    }
    assert_eq!(fleet.permits.asked(), asked);
}

#[tokio::test]
async fn what_waits_on_a_node_is_no_more_than_it_has_admitted() {
    for at_first in [1, 5, 20, 100, 300] {
        let fleet = fleet();
        for _ in 0..at_first {
            fleet.take(0, 600).await.unwrap();
        }
        let mut elsewhere = 0;
        while fleet.take(1, 600).await.is_ok() {
            elsewhere += 1;
        }
        let waiting = 600 - at_first - elsewhere;
        assert!(waiting < at_first.min(50), "{at_first}: {waiting}");
        let mut back = 0;
        while fleet.take(0, 600).await.is_ok() {
            back += 1;
        }
        assert_eq!(back, waiting, "{at_first}");
    }
}

#[tokio::test]
async fn what_is_told_of_is_what_the_node_last_heard() {
    let fleet = fleet();
    let told = fleet.take(0, 3).await.unwrap();
    assert_eq!((told.max, told.remaining, told.resets_in), (3, 2, WINDOW));
    fleet.clock.advance(Duration::seconds(20));
    let told = fleet.take(1, 3).await.unwrap();
    assert_eq!((told.remaining, told.resets_in), (1, Duration::seconds(40)));
    assert_eq!(fleet.take(0, 3).await.unwrap().remaining, 0);
    let refused = fleet.take(1, 3).await.unwrap_err();
    assert_eq!((refused.remaining, refused.reset_seconds()), (0, 40));
}

#[tokio::test]
async fn failures_are_looked_at_by_what_all_nodes_have_counted() {
    let fleet = fleet_of(RateLimit::one_by_one);
    for _ in 0..3 {
        assert!(fleet.peek(0, 5).await.remaining > 0);
        fleet.take(0, 5).await.unwrap();
    }
    assert_eq!(fleet.peek(1, 5).await.remaining, 2, "at the first look");
    for _ in 0..2 {
        fleet.take(0, 5).await.unwrap();
    }
    assert_eq!(fleet.peek(0, 5).await.remaining, 0);
    assert_eq!(
        fleet.peek(1, 5).await.remaining,
        2,
        "it has not asked since"
    );
    fleet.take(1, 5).await.unwrap_err();
    assert_eq!(
        fleet.peek(1, 5).await.remaining,
        0,
        "its next failure tells it"
    );
}

#[tokio::test]
async fn a_look_begins_no_window() {
    let fleet = fleet();
    assert_eq!(fleet.peek(0, 5).await.remaining, 5);
    fleet.clock.advance(Duration::seconds(30));
    assert_eq!(fleet.take(1, 5).await.unwrap().resets_in, WINDOW);
    assert_eq!(fleet.take(0, 5).await.unwrap().resets_in, WINDOW);
}

#[tokio::test]
async fn a_node_that_cannot_ask_admits_the_number_by_itself() {
    let fleet = fleet();
    for _ in 0..3 {
        fleet.take(0, 10).await.unwrap();
    }
    fleet.permits.set_away(true);
    assert_eq!(
        fleet.admitted(40, 10).await,
        7 + 10,
        "what it had admitted counts"
    );
    fleet.permits.set_away(false);
    fleet.take(1, 10).await.unwrap();
    fleet.clock.advance(WINDOW);
    assert_eq!(fleet.admitted(40, 10).await, 10, "shared again");
}

#[tokio::test]
async fn a_node_that_is_alone_again_remembers_what_it_admitted_alone() {
    let fleet = fleet();
    fleet.permits.set_away(true);
    for _ in 0..9 {
        fleet.take(0, 10).await.unwrap();
    }
    fleet.permits.set_away(false);
    fleet.take(0, 10).await.unwrap();
    fleet.permits.set_away(true);
    fleet.take(0, 10).await.unwrap_err();
}

#[test]
fn nobody_is_given_more_than_an_eighth_of_what_is_left_or_more_than_that() {
    for (wanted, left, given) in [
        (0, 10, 0),
        (1, 10, 1),
        (1, 1, 1),
        (1, 0, 0),
        (50, 0, 0),
        (50, 1, 1),
        (50, 15, 1),
        (50, 16, 2),
        (50, 399, 49),
        (50, 4000, 50),
    ] {
        let ask = Ask {
            key: "test:a",
            max: 4000,
            wanted,
        };
        assert_eq!(ask.granted_of(left), given, "{wanted} of {left}");
    }
}

#[tokio::test]
async fn failures_that_cannot_be_shared_are_looked_at_by_what_the_node_has_counted() {
    let fleet = fleet_of(RateLimit::one_by_one);
    assert_eq!(fleet.peek(0, 5).await.remaining, 5);
    fleet.permits.set_away(true);
    for left in (0..5).rev() {
        fleet.take(0, 5).await.unwrap();
        assert_eq!(fleet.peek(0, 5).await.remaining, left);
    }
    fleet.take(0, 5).await.unwrap_err();
}

#[tokio::test]
async fn what_is_forgotten_begins_anew_without_more_than_the_number() {
    let fleet = fleet();
    for _ in 0..10 {
        fleet.take(0, 600).await.unwrap();
    }
    fleet.permits.forget();
    fleet.clock.advance(Duration::seconds(1));
    let admitted = fleet.admitted(3000, 600).await;
    assert!(
        (600..610).contains(&admitted),
        "{admitted}: with what it still held"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_at_once_on_two_nodes_have_the_number_and_no_more() {
    let fleet = Arc::new(fleet());
    let tasks = (0..64).map(|task| {
        let fleet = fleet.clone();
        tokio::spawn(async move {
            let mut admitted = 0;
            for request in 0..50 {
                admitted += usize::from(fleet.take((task + request) % 2, 1000).await.is_ok());
                tokio::task::yield_now().await;
            }
            admitted
        })
    });
    let mut admitted = 0;
    for task in tasks.collect::<Vec<_>>() {
        admitted += task.await.unwrap();
    }
    assert_eq!(admitted, 1000);
}
