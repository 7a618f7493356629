//! One client's window: what was counted in it, and what was taken of the permits that nodes share.

use time::OffsetDateTime;

use super::{Grant, Standing, WINDOW};

#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    started_at: OffsetDateTime,
    /// Requests that this node admitted.
    count: u32,
    /// Where nodes share permits, and they could be asked.
    lease: Option<Lease>,
}

/// What this node took, and knows of what is left.
#[derive(Debug, Clone, Copy)]
struct Lease {
    window: u64,
    /// Taken, and not spent.
    permits: u32,
    /// Left for all when this node last heard.
    left: u32,
    /// How many the next one asks for who finds no permit. Those who come while it waits ask for their own only.
    batch: u32,
}

/// What a window says to a request where nodes share permits.
pub(super) enum Spent {
    /// How the client stands, after it was admitted or refused.
    Known(Result<Standing, Standing>),
    /// That so many are to be asked for.
    Ask(u32),
}

impl Window {
    pub(super) fn begin(now: OffsetDateTime) -> Self {
        Self {
            started_at: now,
            count: 0,
            lease: None,
        }
    }

    /// Requests that come at once may be counted in another order than they were timed. A window that
    /// begins further in the future was left behind by a clock that was set back.
    pub(super) fn is_open(self, now: OffsetDateTime) -> bool {
        (now - self.started_at).abs() < WINDOW
    }

    #[inline]
    /// Counts a request, by what this node alone has admitted.
    pub(super) fn count(&mut self, max: u32, now: OffsetDateTime) -> Result<Standing, Standing> {
        if !self.is_open(now) {
            *self = Self::begin(now);
        }
        if self.count >= max {
            return Err(self.standing(max, now));
        }
        self.count += 1;
        Ok(self.standing(max, now))
    }

    /// How the client stands by what this node alone has admitted.
    pub(super) fn standing(self, max: u32, now: OffsetDateTime) -> Standing {
        self.standing_with(max, max.saturating_sub(self.count), now)
    }

    /// The same by what this node holds, and knows to be left for all; and no more than it would admit alone.
    pub(super) fn shared_standing(self, max: u32, now: OffsetDateTime) -> Option<Standing> {
        let lease = self.lease?;
        let known = lease.permits.saturating_add(lease.left);
        let remaining = known.min(max.saturating_sub(self.count));
        Some(self.standing_with(max, remaining, now))
    }

    fn standing_with(self, max: u32, remaining: u32, now: OffsetDateTime) -> Standing {
        Standing {
            max,
            remaining,
            resets_in: (self.started_at + WINDOW - now).min(WINDOW),
        }
    }

    /// Spends a permit that this node holds. `most` bounds what is asked for, if it holds none.
    pub(super) fn spend(&mut self, max: u32, most: u32, now: OffsetDateTime) -> Spent {
        let count = self.count;
        let Some(lease) = self.lease.as_mut().filter(|lease| lease.window > 0) else {
            return Spent::Ask(1);
        };
        if lease.permits == 0 && lease.left > 0 {
            let wanted = lease.batch.min(count).clamp(1, most);
            lease.batch = 0;
            return Spent::Ask(wanted);
        }
        Spent::Known(self.spend_or_refuse(max, now))
    }

    fn spend_or_refuse(&mut self, max: u32, now: OffsetDateTime) -> Result<Standing, Standing> {
        let is_admitted = self.lease.as_ref().is_some_and(|lease| lease.permits > 0);
        if let Some(lease) = &mut self.lease {
            lease.permits = lease.permits.saturating_sub(1);
        }
        self.count = self.count.saturating_add(u32::from(is_admitted));
        let standing = self.shared_standing(max, now);
        let standing = standing.unwrap_or_else(|| self.standing(max, now));
        is_admitted.then_some(standing).ok_or(standing)
    }

    /// Takes in what was granted to a request of `now`, and spends one of it.
    pub(super) fn spend_of(
        &mut self,
        grant: Grant,
        max: u32,
        now: OffsetDateTime,
    ) -> Result<Standing, Standing> {
        if self.receive(grant, now) {
            return self.spend_or_refuse(max, now);
        }
        // Of a window that is over: good for this request alone.
        let standing = Standing {
            max,
            remaining: grant.left.min(max),
            resets_in: grant.ends_in,
        };
        (grant.permits > 0).then_some(standing).ok_or(standing)
    }

    /// Takes in what was granted, unless a later window is known.
    ///
    /// The window is taken to have begun so much earlier as the answer took. So this node never spends a permit
    /// after the window's end.
    pub(super) fn receive(&mut self, grant: Grant, now: OffsetDateTime) -> bool {
        let started_at = now + grant.ends_in - WINDOW;
        let is_open = self.is_open(now);
        match &mut self.lease {
            Some(lease) if lease.window == grant.window => {
                lease.permits = lease.permits.saturating_add(grant.permits);
                lease.left = lease.left.min(grant.left);
                lease.batch = Self::MOST;
                self.started_at = match is_open {
                    true => self.started_at.max(started_at),
                    false => started_at,
                };
            }
            Some(lease) if is_open && lease.window > grant.window => return false,
            _ => {
                *self = Self {
                    started_at,
                    // Who admitted alone meanwhile has not forgotten it when it is alone again.
                    count: if is_open { self.count } else { 0 },
                    lease: Some(Lease {
                        window: grant.window,
                        permits: grant.permits,
                        left: grant.left,
                        batch: Self::MOST,
                    }),
                };
            }
        }
        true
    }

    /// Permits taken at once at most. What a node holds is lost to the others, so it never asks for more than it
    /// has admitted in this window either.
    pub(super) const MOST: u32 = 50;
}
