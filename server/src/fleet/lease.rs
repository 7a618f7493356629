//! Until when memory may be believed.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use countersign_core::freshness::Freshness;
use rustix::time::{ClockId, clock_gettime};

/// The time since the machine was started. It counts what the machine slept, too, and nobody can set it.
pub(super) fn uptime() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    let nanoseconds = now.tv_nsec.unsigned_abs().try_into().unwrap_or_default();
    Duration::new(now.tv_sec.unsigned_abs(), nanoseconds)
}

/// Until when memory may be believed, by [`uptime`]. A new one is over.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    /// In nanoseconds.
    until: AtomicU64,
}

impl Lease {
    /// Lasts until this instant, if it did not last longer.
    pub(super) fn extend(&self, until: Duration) {
        let until = u64::try_from(until.as_nanos()).unwrap_or(u64::MAX);
        self.until.fetch_max(until, Ordering::SeqCst);
    }

    /// Ends now.
    pub(super) fn end(&self) {
        self.until.store(0, Ordering::SeqCst);
    }
}

impl Freshness for Lease {
    fn is_proven(&self) -> bool {
        uptime() < Duration::from_nanos(self.until.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_lasts_until_its_end_and_is_never_shortened_by_a_late_beat() {
        let (lease, now) = (Lease::default(), uptime());
        assert!(!lease.is_proven(), "a new one is over");
        lease.extend(now + Duration::from_secs(60));
        lease.extend(now);
        assert!(lease.is_proven());
        lease.end();
        assert!(!lease.is_proven());
        lease.extend(now);
        assert!(!lease.is_proven(), "its end is past");
    }
}
