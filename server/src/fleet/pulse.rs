//! The beats of this node: which were sent when, and what hearing one of them proves.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign_core::freshness::Freshness;

use super::lease::{Lease, uptime};

/// How long after it was sent a beat that was heard keeps memory believed. A revocation is obeyed by every node within this
/// time and the time of a check that was under way.
const LEASE: Duration = Duration::from_millis(1500);

/// How long keys may differ after they were the same.
const KEYS_LEASE: Duration = Duration::from_secs(15);

/// The beats of this node, and the lease that they extend.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    lease: Lease,
    /// When beats were sent that were not heard yet, by their numbers.
    sent: Mutex<BTreeMap<i64, Duration>>,
    last_delay_us: AtomicU64,
    heard: AtomicU64,
    revocations: AtomicU64,
    breaks: AtomicU64,
    /// Until when this node's keys are known to be the fleet's.
    shared_keys: Lease,
    has_other_keys: AtomicBool,
}

impl Pulse {
    /// Notes whether this node has the key by which the server signs that has run longest, and by which each signs.
    pub(super) fn note_keys(&self, has_it: bool, own: &str, of_fleet: &str) {
        let differ = !has_it;
        if !differ {
            self.shared_keys.extend(uptime() + KEYS_LEASE);
        }
        if self.has_other_keys.swap(differ, Ordering::Relaxed) != differ {
            match differ {
                true => tracing::warn!(
                    own,
                    of_fleet,
                    "this server does not have the key by which the server signs that has run longest, and is not ready unless that ends within 15 seconds; \
                     let session.signing_keys_dir name the same keys on all of them"
                ),
                false => tracing::info!("this server has the key of the others"),
            }
        }
    }

    /// Whether this node signs by the keys of the fleet, or did until a moment ago: servers do not read a new key all
    /// at once.
    pub(crate) fn shares_keys(&self) -> bool {
        self.shared_keys.is_proven()
    }

    /// Notes that a beat is about to be sent.
    pub(super) fn send(&self, number: i64) {
        let (mut sent, now) = (self.sent(), uptime());
        sent.retain(|_, at| now < *at + LEASE);
        sent.insert(number, now);
    }

    /// A beat was heard, and with it all that was committed before it was sent.
    pub(super) fn hear(&self, number: i64) {
        let sent = self.sent().remove(&number);
        let Some(at) = sent else { return };
        let delay = uptime().saturating_sub(at);
        let microseconds = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.last_delay_us.store(microseconds, Ordering::Relaxed);
        self.heard.fetch_add(1, Ordering::Relaxed);
        self.lease.extend(at + LEASE);
    }

    /// A revocation was heard of.
    pub(super) fn hear_of_revocation(&self) {
        self.revocations.fetch_add(1, Ordering::Relaxed);
    }

    /// Nothing is heard any more. Beats that were sent prove nothing: others may have been missed.
    pub(super) fn break_off(&self) {
        self.breaks.fetch_add(1, Ordering::Relaxed);
        self.sent().clear();
        self.lease.end();
    }

    /// How long it took to hear the last beat that was heard; a revocation takes no longer.
    pub(crate) fn last_delay(&self) -> Duration {
        Duration::from_micros(self.last_delay_us.load(Ordering::Relaxed))
    }

    /// How many beats, and how many revocations, were heard, and how often the stream broke off.
    pub(crate) fn counts(&self) -> [u64; 3] {
        [&self.heard, &self.revocations, &self.breaks].map(|count| count.load(Ordering::Relaxed))
    }

    fn sent(&self) -> MutexGuard<'_, BTreeMap<i64, Duration>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Freshness for Pulse {
    fn is_proven(&self) -> bool {
        self.lease.is_proven()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_beat_that_was_sent_since_the_last_break_proves_something() {
        let pulse = Pulse::default();
        assert!(!pulse.is_proven());
        pulse.hear(1);
        assert!(!pulse.is_proven(), "nobody sent it");
        pulse.send(2);
        assert!(!pulse.is_proven(), "nobody heard it");
        pulse.hear(2);
        assert!(pulse.is_proven());
        pulse.send(3);
        pulse.break_off();
        assert!(!pulse.is_proven());
        pulse.hear(3);
        assert!(!pulse.is_proven(), "it was sent before the break");
        pulse.send(4);
        pulse.hear(4);
        assert!(pulse.is_proven());
        assert_eq!(pulse.counts(), [2, 0, 1]);
    }
}
