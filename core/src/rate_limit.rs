//! Counting requests in windows of a minute.
//!
//! A window begins with a client's first request and ends a minute later, which is what the headers
//! of the dialects speak of: so many requests, so many left, so many seconds until all are back.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use dashmap::DashMap;
use time::{Duration, OffsetDateTime};

use crate::{account::AccountId, api_key::ApiKeyId};

/// The length of every window.
pub const WINDOW: Duration = Duration::MINUTE;
/// Clients counted apart at most. When there are more, newcomers are counted by the wider network they
/// belong to, so that memory stays bounded and nobody goes uncounted.
const MAX_CLIENTS: usize = 100_000;

/// Who is counted. Implemented for addresses, accounts and keys, and for each of them beside whether the
/// request is a read.
pub trait Client: Eq + Hash + Clone {
    /// A group that many such clients belong to, to be counted instead where there are more than 100,000 of
    /// them; `None` where there is no such group.
    fn wider(&self) -> Option<Self>;
}

/// IPv4 by /16, IPv6 by /32: what a provider has, not a single customer.
impl Client for IpAddr {
    fn wider(&self) -> Option<Self> {
        Some(match self {
            Self::V4(v4) => Self::V4(Ipv4Addr::from_bits(v4.to_bits() >> 16 << 16)),
            Self::V6(v6) => Self::V6(Ipv6Addr::from_bits(v6.to_bits() >> 96 << 96)),
        })
    }
}

impl Client for AccountId {
    fn wider(&self) -> Option<Self> {
        None
    }
}

impl Client for ApiKeyId {
    fn wider(&self) -> Option<Self> {
        None
    }
}

/// A client's reads are counted apart from its writes.
impl<C: Client> Client for (C, bool) {
    fn wider(&self) -> Option<Self> {
        self.0.wider().map(|wider| (wider, self.1))
    }
}

/// One kind of limit, counted for each client by itself. In memory only: a restart forgets it.
///
/// ```
/// use std::net::IpAddr;
///
/// use countersign_core::rate_limit::RateLimit;
/// use time::{Duration, macros::datetime};
///
/// let limit = RateLimit::<IpAddr>::default();
/// let client: IpAddr = "203.0.113.7".parse().unwrap();
/// let start = datetime!(2026-03-01 12:00 UTC);
///
/// assert_eq!(limit.take(client, 2, start).unwrap().remaining, 1);
/// assert_eq!(limit.take(client, 2, start).unwrap().remaining, 0);
/// let refused = limit.take(client, 2, start + Duration::seconds(15)).unwrap_err();
/// assert_eq!(refused.reset_seconds(), 45);
/// assert!(limit.take(client, 2, start + Duration::minutes(1)).is_ok());
/// ```
#[derive(Debug)]
pub struct RateLimit<C: Client> {
    windows: DashMap<Counted<C>, Window>,
}

/// Who a window belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted<C> {
    /// One client.
    Alone(C),
    /// All newcomers of a wider network.
    Network(C),
    /// All other newcomers.
    Others,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    started_at: OffsetDateTime,
    count: u32,
}

/// How a client stands with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests that a window admits.
    pub max: u32,
    /// Requests that are left in this one.
    pub remaining: u32,
    /// The time until the window ends; the whole window when none has begun.
    pub resets_in: Duration,
}

impl Standing {
    /// Whole milliseconds until the window ends, rounded down.
    pub fn reset_milliseconds(&self) -> u64 {
        u64::try_from(self.resets_in.whole_milliseconds()).unwrap_or(0)
    }

    /// The same in whole seconds, rounded up.
    pub fn reset_seconds(&self) -> u32 {
        u32::try_from(self.reset_milliseconds().div_ceil(1000)).unwrap_or(u32::MAX)
    }
}

impl<C: Client> Default for RateLimit<C> {
    fn default() -> Self {
        Self {
            windows: DashMap::new(),
        }
    }
}

impl<C: Client> RateLimit<C> {
    /// Counts a request of a client that may make `max` a minute, and tells how it stands after it.
    ///
    /// # Errors
    /// How the client stands when none was left; the request is then not counted.
    pub fn take(&self, client: C, max: u32, now: OffsetDateTime) -> Result<Standing, Standing> {
        let mut window = self
            .windows
            .entry(self.counted(client))
            .or_insert(Window::begin(now));
        if !window.is_open(now) {
            *window = Window::begin(now);
        }
        if window.count >= max {
            return Err(window.standing(max, now));
        }
        window.count += 1;
        Ok(window.standing(max, now))
    }

    /// How a client stands, without counting.
    pub fn peek(&self, client: C, max: u32, now: OffsetDateTime) -> Standing {
        let window = self
            .windows
            .get(&self.counted(client))
            .map(|window| *window);
        let open = window.filter(|window| window.is_open(now));
        open.unwrap_or(Window::begin(now)).standing(max, now)
    }

    /// The first of a client, its network and all others that is counted already or still has a place.
    fn counted(&self, client: C) -> Counted<C> {
        let network = client.wider().map(Counted::Network);
        let alone = Counted::Alone(client);
        if self.windows.contains_key(&alone) {
            return alone;
        }
        let kept = self.windows.len();
        if kept < MAX_CLIENTS {
            return alone;
        }
        let has_place =
            |network: &Counted<C>| kept < 2 * MAX_CLIENTS || self.windows.contains_key(network);
        network.filter(has_place).unwrap_or(Counted::Others)
    }

    /// Forgets windows that are over. To be called from time to time: nothing else gives their memory back.
    pub fn sweep(&self, now: OffsetDateTime) {
        self.windows.retain(|_, window| window.is_open(now));
    }
}

impl Window {
    fn begin(now: OffsetDateTime) -> Self {
        Self {
            started_at: now,
            count: 0,
        }
    }

    /// Requests that come at once may be counted in another order than they were timed. A window that
    /// begins further in the future was left behind by a clock that was set back.
    fn is_open(self, now: OffsetDateTime) -> bool {
        (now - self.started_at).abs() < WINDOW
    }

    fn standing(self, max: u32, now: OffsetDateTime) -> Standing {
        Standing {
            max,
            remaining: max.saturating_sub(self.count),
            resets_in: (self.started_at + WINDOW - now).min(WINDOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

    /// Each in a network of its own.
    fn client(number: usize) -> IpAddr {
        Ipv6Addr::from_bits((number as u128) << 64).into()
    }

    fn at(seconds: i64) -> OffsetDateTime {
        NOW + Duration::seconds(seconds)
    }

    #[test]
    fn a_window_admits_its_number_and_refuses_until_it_ends() {
        let limit = RateLimit::default();
        for (second, remaining) in [(0, 2), (10, 1), (59, 0)] {
            let standing = limit.take(client(1), 3, at(second)).unwrap();
            assert_eq!((standing.max, standing.remaining), (3, remaining));
            assert_eq!(standing.resets_in, Duration::seconds(60 - second));
        }
        let refused = limit.take(client(1), 3, at(59)).unwrap_err();
        assert_eq!(
            (refused.remaining, refused.resets_in),
            (0, Duration::SECOND)
        );
        assert_eq!(limit.take(client(1), 3, at(60)).unwrap().remaining, 2);
    }

    #[test]
    fn clients_are_counted_apart_and_looking_counts_nothing() {
        let limit = RateLimit::default();
        assert_eq!(limit.peek(client(1), 1, NOW).remaining, 1);
        assert!(limit.take(client(1), 1, NOW).is_ok());
        assert_eq!(limit.peek(client(1), 1, NOW).remaining, 0);
        assert!(limit.take(client(1), 1, NOW).is_err());
        assert!(limit.take(client(2), 1, NOW).is_ok());
    }

    #[test]
    fn a_request_that_was_timed_earlier_and_counted_later_begins_no_window() {
        let limit = RateLimit::default();
        assert!(limit.take(client(1), 1, at(1)).is_ok());
        let refused = limit.take(client(1), 1, at(0)).unwrap_err();
        assert_eq!(refused.resets_in, WINDOW);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limit = RateLimit::default();
        assert!(limit.take(client(1), 1, at(3600)).is_ok());
        assert!(limit.take(client(1), 1, NOW).is_ok());
    }

    #[test]
    fn a_full_table_counts_newcomers_by_their_network_until_it_is_swept() {
        let limit = RateLimit::default();
        for number in 0..MAX_CLIENTS {
            assert!(limit.take(client(number), 1, NOW).is_ok());
        }
        let crowd = |last: u8| IpAddr::from([203, 0, 113, last]);
        assert!(limit.take(crowd(1), 1, NOW).is_ok());
        assert_eq!(limit.peek(crowd(2), 1, NOW).remaining, 0);
        assert!(limit.take(crowd(2), 1, NOW).is_err(), "of the same network");
        assert!(
            limit.take([198, 51, 100, 1].into(), 1, NOW).is_ok(),
            "of another network"
        );
        assert!(
            limit.take(client(0), 1, NOW).is_err(),
            "those in the table are counted on"
        );
        assert_eq!(limit.windows.len(), MAX_CLIENTS + 2);
        limit.sweep(at(60));
        assert!(limit.windows.is_empty());
    }
}
