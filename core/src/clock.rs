//! The time, as an argument.

use time::{Duration, OffsetDateTime};

/// Tells the time. Flows never ask the machine themselves, so a test can set the clock.
pub trait Clock: Send + Sync {
    /// The present instant, in UTC. Flows cut it to whole milliseconds where they store it.
    fn now(&self) -> OffsetDateTime;
}

/// Cuts an instant to whole milliseconds, which is what storage and the dialects know.
pub(crate) fn whole_milliseconds(instant: OffsetDateTime) -> OffsetDateTime {
    instant - Duration::nanoseconds(i64::from(instant.nanosecond() % 1_000_000))
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the machine's clock"
        )]
        OffsetDateTime::now_utc()
    }
}
