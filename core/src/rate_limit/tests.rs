//! One node by itself, and several that share.

mod sharing;

use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

fn alone() -> RateLimit<IpAddr> {
    RateLimit::new("test", Nodes::Alone)
}

/// Each in a network of its own.
fn client(number: usize) -> IpAddr {
    Ipv6Addr::from_bits((number as u128) << 64).into()
}

fn at(seconds: i64) -> OffsetDateTime {
    NOW + Duration::seconds(seconds)
}

#[tokio::test]
async fn a_window_admits_its_number_and_refuses_until_it_ends() {
    let limit = alone();
    for (second, remaining) in [(0, 2), (10, 1), (59, 0)] {
        let standing = limit.take(client(1), 3, at(second)).await.unwrap();
        assert_eq!((standing.max, standing.remaining), (3, remaining));
        assert_eq!(standing.resets_in, Duration::seconds(60 - second));
    }
    let refused = limit.take(client(1), 3, at(59)).await.unwrap_err();
    assert_eq!(
        (refused.remaining, refused.resets_in),
        (0, Duration::SECOND)
    );
    assert_eq!(limit.take(client(1), 3, at(60)).await.unwrap().remaining, 2);
}

#[tokio::test]
async fn clients_are_counted_apart_and_looking_counts_nothing() {
    let limit = alone();
    assert_eq!(limit.peek(client(1), 1, NOW).await.remaining, 1);
    assert!(limit.take(client(1), 1, NOW).await.is_ok());
    assert_eq!(limit.peek(client(1), 1, NOW).await.remaining, 0);
    assert!(limit.take(client(1), 1, NOW).await.is_err());
    assert!(limit.take(client(2), 1, NOW).await.is_ok());
}

#[tokio::test]
async fn a_request_that_was_timed_earlier_and_counted_later_begins_no_window() {
    let limit = alone();
    assert!(limit.take(client(1), 1, at(1)).await.is_ok());
    let refused = limit.take(client(1), 1, at(0)).await.unwrap_err();
    assert_eq!(refused.resets_in, WINDOW);
}

#[tokio::test]
async fn a_clock_that_is_set_back_locks_nobody_out() {
    let limit = alone();
    assert!(limit.take(client(1), 1, at(3600)).await.is_ok());
    assert!(limit.take(client(1), 1, NOW).await.is_ok());
}

#[tokio::test]
async fn a_full_table_counts_newcomers_by_their_network_until_it_is_swept() {
    let limit = alone();
    for number in 0..MAX_CLIENTS {
        assert!(limit.take(client(number), 1, NOW).await.is_ok());
    }
    let crowd = |last: u8| IpAddr::from([203, 0, 113, last]);
    assert!(limit.take(crowd(1), 1, NOW).await.is_ok());
    assert_eq!(limit.peek(crowd(2), 1, NOW).await.remaining, 0);
    assert!(
        limit.take(crowd(2), 1, NOW).await.is_err(),
        "of the same network"
    );
    assert!(
        limit.take([198, 51, 100, 1].into(), 1, NOW).await.is_ok(),
        "of another network"
    );
    assert!(
        limit.take(client(0), 1, NOW).await.is_err(),
        "those in the table are counted on"
    );
    assert_eq!(limit.windows.len(), MAX_CLIENTS + 2);
    limit.sweep(at(60));
    assert!(limit.windows.is_empty());
}
