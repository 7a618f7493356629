//! The cap on challenges that wait for an answer.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many challenges wait, counted in memory so that the cap costs no query. Other servers may share the
/// database, so it is counted again there now and then.
pub(super) struct Waiting {
    count: AtomicU64,
    most: u64,
}

impl Waiting {
    pub(super) fn new(count: u64, most: u64) -> Self {
        let count = AtomicU64::new(count);
        Self { count, most }
    }

    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Those under way at once can exceed the cap.
    pub(super) fn has_room(&self) -> bool {
        self.count() < self.most
    }

    /// A place for one more, if there is one.
    pub(super) fn take(&self) -> Option<Place<'_>> {
        let place = Place(self);
        (self.count.fetch_add(1, Ordering::Relaxed) < self.most).then_some(place)
    }

    pub(super) fn one_more(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Never below zero, whatever another server did.
    pub(super) fn one_less(&self) {
        let less = |waiting: u64| Some(waiting.saturating_sub(1));
        let _before = self
            .count
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// What the database says.
    pub(super) fn set(&self, count: u64) {
        self.count.store(count, Ordering::Relaxed);
    }
}

/// A place among the waiting challenges; given back unless it is kept, even when the client
/// goes away in between.
pub(super) struct Place<'a>(&'a Waiting);

impl Place<'_> {
    pub(super) fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.one_less();
    }
}
