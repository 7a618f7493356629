//! Counting requests in windows of a minute.
//!
//! A window begins with a client's first request and ends a minute later, which is what the headers
//! of the dialects speak of: so many requests, so many left, so many seconds until all are back.

use std::hash::Hash;

use dashmap::DashMap;
use time::{Duration, OffsetDateTime};

/// The length of every window.
pub const WINDOW: Duration = Duration::MINUTE;
/// Clients counted apart at most. When there are more, newcomers are all counted as one, so that
/// memory stays bounded and nobody goes uncounted.
const MAX_CLIENTS: usize = 100_000;

/// One kind of limit, counted for each client by itself.
#[derive(Debug)]
pub struct RateLimit<K: Eq + Hash> {
    /// `None` is the client that stands for all newcomers in a full table.
    windows: DashMap<Option<K>, Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    started_at: OffsetDateTime,
    count: u32,
}

/// How a client stands with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests in a window.
    pub max: u32,
    /// Requests that are left in this one.
    pub remaining: u32,
    /// The time until the window ends; the whole window when none has begun.
    pub resets_in: Duration,
}

impl Standing {
    /// Milliseconds until the window ends.
    pub fn reset_milliseconds(&self) -> u64 {
        u64::try_from(self.resets_in.whole_milliseconds()).unwrap_or(0)
    }

    /// The same in whole seconds, rounded up.
    pub fn reset_seconds(&self) -> u32 {
        u32::try_from(self.reset_milliseconds().div_ceil(1000)).unwrap_or(u32::MAX)
    }
}

impl<K: Eq + Hash> Default for RateLimit<K> {
    fn default() -> Self {
        Self {
            windows: DashMap::new(),
        }
    }
}

impl<K: Eq + Hash> RateLimit<K> {
    /// Counts a request.
    ///
    /// # Errors
    /// How the client stands when none was left; the request is then not counted.
    pub fn take(&self, client: K, max: u32, now: OffsetDateTime) -> Result<Standing, Standing> {
        let client = Some(client);
        let is_crowded = self.windows.len() >= MAX_CLIENTS && !self.windows.contains_key(&client);
        let mut window = self
            .windows
            .entry(if is_crowded { None } else { client })
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
    pub fn peek(&self, client: K, max: u32, now: OffsetDateTime) -> Standing {
        let window = self.windows.get(&Some(client)).map(|window| *window);
        let open = window.filter(|window| window.is_open(now));
        open.unwrap_or(Window::begin(now)).standing(max, now)
    }

    /// Forgets windows that are over.
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

    /// A window that begins in the future was left behind by a clock that was set back.
    fn is_open(self, now: OffsetDateTime) -> bool {
        self.started_at <= now && now < self.started_at + WINDOW
    }

    fn standing(self, max: u32, now: OffsetDateTime) -> Standing {
        Standing {
            max,
            remaining: max.saturating_sub(self.count),
            resets_in: self.started_at + WINDOW - now,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

    fn at(seconds: i64) -> OffsetDateTime {
        NOW + Duration::seconds(seconds)
    }

    #[test]
    fn a_window_admits_its_number_and_refuses_until_it_ends() {
        let limit = RateLimit::default();
        for (second, remaining) in [(0, 2), (10, 1), (59, 0)] {
            let standing = limit.take("a", 3, at(second)).unwrap();
            assert_eq!((standing.max, standing.remaining), (3, remaining));
            assert_eq!(standing.resets_in, Duration::seconds(60 - second));
        }
        let refused = limit.take("a", 3, at(59)).unwrap_err();
        assert_eq!(
            (refused.remaining, refused.resets_in),
            (0, Duration::SECOND)
        );
        assert_eq!(limit.take("a", 3, at(60)).unwrap().remaining, 2);
    }

    #[test]
    fn clients_are_counted_apart_and_looking_counts_nothing() {
        let limit = RateLimit::default();
        assert_eq!(limit.peek("a", 1, NOW).remaining, 1);
        assert!(limit.take("a", 1, NOW).is_ok());
        assert_eq!(limit.peek("a", 1, NOW).remaining, 0);
        assert!(limit.take("a", 1, NOW).is_err());
        assert!(limit.take("b", 1, NOW).is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limit = RateLimit::default();
        assert!(limit.take("a", 1, at(3600)).is_ok());
        assert!(limit.take("a", 1, NOW).is_ok());
    }

    #[test]
    fn a_full_table_counts_newcomers_as_one_until_it_is_swept() {
        let limit = RateLimit::default();
        for client in 0..MAX_CLIENTS {
            assert!(limit.take(client, 1, NOW).is_ok());
        }
        assert!(limit.take(MAX_CLIENTS, 1, NOW).is_ok());
        assert!(limit.take(MAX_CLIENTS + 1, 1, NOW).is_err());
        assert!(
            limit.take(0, 1, NOW).is_err(),
            "those in the table are counted on"
        );
        assert!(limit.windows.len() <= MAX_CLIENTS + 1);
        limit.sweep(at(60));
        assert!(limit.windows.is_empty());
    }
}
