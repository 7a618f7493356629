//! Permits that nodes of one process share.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use time::OffsetDateTime;

use super::ManualClock;
use crate::{
    Clock,
    rate_limit::{Ask, Away, Grant, SharedPermits, WINDOW},
};

/// Shared permits in memory, for tests.
#[derive(Debug)]
pub struct MemoryPermits {
    clock: Arc<ManualClock>,
    windows: Mutex<HashMap<String, Taken>>,
    is_away: AtomicBool,
    asked: AtomicUsize,
}

#[derive(Debug, Clone, Copy)]
struct Taken {
    permits: u32,
    ends_at: OffsetDateTime,
}

impl MemoryPermits {
    /// Nothing was taken yet.
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self {
            clock,
            windows: Mutex::default(),
            is_away: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        }
    }

    /// Answers nobody, or everybody again.
    pub fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    /// Forgets what was taken.
    pub fn forget(&self) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.clear();
    }

    /// How many have asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    fn grant(&self, ask: Ask<'_>) -> Grant {
        let now = self.clock.now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, taken| now < taken.ends_at);
        if ask.wanted == 0 && !windows.contains_key(ask.key) {
            return Grant::untouched(ask.max);
        }
        let taken = windows.entry(ask.key.to_owned()).or_insert(Taken {
            permits: 0,
            ends_at: now + WINDOW,
        });
        let left = ask.max.saturating_sub(taken.permits);
        let permits = ask.granted_of(left);
        taken.permits += permits;
        let window = taken.ends_at.unix_timestamp_nanos() / 1_000_000;
        Grant {
            permits,
            left: left - permits,
            window: u64::try_from(window).unwrap_or(1),
            ends_in: taken.ends_at - now,
        }
    }
}

#[async_trait]
impl SharedPermits for MemoryPermits {
    async fn take(&self, ask: Ask<'_>) -> Result<Grant, Away> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(Away);
        }
        Ok(self.grant(ask))
    }
}
