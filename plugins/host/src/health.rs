//! Whether a plugin is still asked: what it did wrong, and when that was enough.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::call::{Breach, CallFault};

/// Faults that count together.
const WINDOW: Duration = Duration::from_secs(60);
/// So many panics, deaths and missed deadlines in a window are enough. One breach of the contract is.
const MOST: usize = 3;

/// What a plugin did wrong lately. Once it is quarantined it stays so until it is loaded again.
#[derive(Debug, Default)]
pub(crate) struct Health {
    is_quarantined: AtomicBool,
    history: Mutex<History>,
}

#[derive(Debug, Default)]
struct History {
    faults: Vec<Instant>,
    reason: Option<String>,
}

impl Health {
    /// Whether it may be asked.
    pub(crate) fn is_good(&self) -> bool {
        !self.is_quarantined.load(Ordering::Acquire)
    }

    /// Why it may not.
    pub(crate) fn reason(&self) -> Option<String> {
        self.history().reason.clone()
    }

    /// It contained a panic.
    pub(crate) fn note_panic(&self, plugin: &str) {
        self.note(plugin, "it panicked");
    }

    /// It gave no answer.
    pub(crate) fn note_fault(&self, plugin: &str, fault: CallFault) {
        match fault {
            CallFault::Breach(breach) => self.note_breach(plugin, breach),
            CallFault::TimedOut | CallFault::Died => self.note(plugin, &fault.to_string()),
            CallFault::Busy => tracing::warn!(plugin, "plugin: {fault}"),
        }
    }

    /// It broke the contract.
    pub(crate) fn note_breach(&self, plugin: &str, breach: Breach) {
        self.quarantine(plugin, &mut self.history(), breach.to_string());
    }

    fn note(&self, plugin: &str, what: &str) {
        let now = Instant::now();
        let mut history = self.history();
        history.faults.retain(|at| now.duration_since(*at) < WINDOW);
        history.faults.push(now);
        tracing::warn!(plugin, faults = history.faults.len(), "plugin: {what}");
        if history.faults.len() >= MOST {
            let reason = format!("{what}; {MOST} such faults within a minute");
            self.quarantine(plugin, &mut history, reason);
        }
    }

    fn quarantine(&self, plugin: &str, history: &mut History, reason: String) {
        if history.reason.is_none() {
            tracing::error!(
                plugin,
                reason,
                "plugin is quarantined: its chains answer 503 until it is loaded again"
            );
            history.reason = Some(reason);
        }
        self.is_quarantined.store(true, Ordering::Release);
    }

    fn history(&self) -> std::sync::MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
