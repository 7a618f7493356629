//! Limits of several nodes that serve the same clients: who counts for all of them.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use time::Duration;

use super::WINDOW;

/// Who else admits the same clients.
#[derive(Debug, Clone)]
pub enum Nodes {
    /// Nobody: this node is alone, and what it counts is all there is.
    Alone,
    /// Others, with whom permits are shared.
    Sharing(Arc<dyn SharedPermits>),
}

/// Permits that nodes share: so many for each client and window, of which every node takes before it admits.
///
/// A window begins with the first that is taken and ends a minute later, by the clock of whoever implements
/// this. Each call is atomic, and no window ever gives more than its number.
#[async_trait]
pub trait SharedPermits: fmt::Debug + Send + Sync {
    /// Takes permits.
    ///
    /// # Errors
    /// [`Away`], soon: a request waits for this.
    async fn take(&self, ask: Ask<'_>) -> Result<Grant, Away>;
}

/// What a node asks for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Whose permits: the limit and the client, as `limit:client`.
    pub key: &'a str,
    /// How many a window gives.
    pub max: u32,
    /// How many are wanted; none to look only, which begins no window.
    pub wanted: u32,
}

impl Ask<'_> {
    /// How many are given when so many are left: one if there is one, and no more than an eighth of them, so that
    /// what waits on one node is not missed on another.
    pub fn granted_of(&self, left: u32) -> u32 {
        self.wanted.min((left / 8).max(1)).min(left)
    }
}

/// What a node is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// How many it may admit, in this window only.
    pub permits: u32,
    /// How many are left for all.
    pub left: u32,
    /// Which window it is. A later one has a greater number; 0 is none, as nothing was taken yet.
    pub window: u64,
    /// When it ends.
    pub ends_in: Duration,
}

impl Grant {
    /// The answer to a look where nothing was taken yet.
    pub fn untouched(max: u32) -> Self {
        Self {
            permits: 0,
            left: max,
            window: 0,
            ends_in: WINDOW,
        }
    }
}

/// Shared permits cannot be taken now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("shared permits cannot be taken now")]
pub struct Away;
