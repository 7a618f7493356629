//! How often: by client address, by key, by account.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use time::OffsetDateTime;

use super::{
    AccessRequest,
    rule::{Rule, is_safe},
};
use crate::{
    Error,
    account::AccountId,
    answer::Answer,
    api_key::ApiKeyId,
    client_address::ClientAddress,
    profile::Profile,
    rate_limit::{Nodes, RateLimit, Standing},
    service::LiveCredential,
};

/// How many requests a minute each limit admits. A client is an IPv4 address or an IPv6 network of 64 bits
/// (see [`ClientAddress::network`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// OCX: sign-in calls of one client address.
    pub sign_in: u32,
    /// Lookups of one client address that found no live credential.
    pub failed_lookups: u32,
    /// OCX: requests of one account to order paths ([`Rule::is_order_path`]), over all its credentials.
    pub orders: u32,
    /// Aura: callers without a key, by client address.
    pub anonymous: Tier,
    /// Aura: one key without a limit of its own.
    pub key: Tier,
}

/// Requests a minute, by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// `GET`, `HEAD` and `OPTIONS`.
    pub reads: u32,
    /// All other methods.
    pub writes: u32,
}

impl Tier {
    /// What an operator gave a key: so many reads, and a tenth as many writes.
    fn of_key(rate_limit_per_minute: u32) -> Self {
        Self {
            reads: rate_limit_per_minute,
            writes: (rate_limit_per_minute / 10).max(1),
        }
    }

    fn quota(self, is_read: bool) -> u32 {
        if is_read { self.reads } else { self.writes }
    }
}

/// The numbers the two products document.
impl Default for Quotas {
    fn default() -> Self {
        Self {
            sign_in: 30,
            failed_lookups: 60,
            orders: 120,
            anonymous: Tier {
                reads: 60,
                writes: 10,
            },
            key: Tier {
                reads: 600,
                writes: 60,
            },
        }
    }
}

/// A limit, as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Quotas::sign_in`]
    SignIn,
    /// [`Quotas::failed_lookups`]
    FailedLookups,
    /// [`Quotas::orders`]
    Orders,
    /// [`Quotas::anonymous`]
    Anonymous,
    /// [`Quotas::key`]
    Key,
}

impl Limit {
    /// All of them, in the order of declaration.
    pub const ALL: [Self; 5] = [
        Self::SignIn,
        Self::FailedLookups,
        Self::Orders,
        Self::Anonymous,
        Self::Key,
    ];
}

/// Whether a limit admits a request, with how its caller stands where it is told.
pub(super) type Admitted = Result<Option<Standing>, (Error, Option<Standing>)>;

/// All limits of a server, or of several that share them; both profiles do, so that nobody gets twice as much by
/// using both.
#[derive(Debug)]
pub struct Limits {
    quotas: Quotas,
    /// Multiplies every quota, for trying and testing.
    scale: u32,
    sign_in: RateLimit<IpAddr>,
    failed_lookups: RateLimit<IpAddr>,
    orders: RateLimit<AccountId>,
    anonymous: RateLimit<(IpAddr, bool)>,
    keys: RateLimit<(ApiKeyId, bool)>,
    hits: [AtomicU64; Limit::ALL.len()],
}

impl Limits {
    /// Limits by these numbers, each multiplied by `scale`. 1 leaves them as they are; 0 refuses everything.
    pub fn new(quotas: Quotas, scale: u32, nodes: &Nodes) -> Self {
        Self {
            quotas,
            scale,
            sign_in: RateLimit::new("sign_in", nodes.clone()),
            failed_lookups: RateLimit::one_by_one("failed_lookups", nodes.clone()),
            orders: RateLimit::new("orders", nodes.clone()),
            anonymous: RateLimit::new("anonymous", nodes.clone()),
            keys: RateLimit::new("keys", nodes.clone()),
            hits: Default::default(),
        }
    }

    /// How many requests a limit has held back since the start.
    pub fn hits(&self, limit: Limit) -> u64 {
        self.hits[limit as usize].load(Ordering::Relaxed)
    }

    /// Counts a sign-in call, which no rule is about.
    ///
    /// # Errors
    /// [`Error::RateLimited`].
    pub fn admit_sign_in(
        &self,
        client: ClientAddress,
        now: OffsetDateTime,
    ) -> Answer<'_, Result<(), Error>> {
        let quota = self.scaled(self.quotas.sign_in);
        let taken = self.sign_in.take(client.network(), quota, now);
        taken.map(|taken| match taken {
            Ok(_) => Ok(()),
            Err(standing) => Err(Error::RateLimited(self.hit(Limit::SignIn, standing))),
        })
    }

    /// Counts a request of a caller without a key; `method` tells a read from a write. For requests that
    /// fail before [`Access`](super::Access) is asked.
    ///
    /// # Errors
    /// How the client stands, when it has none left.
    pub fn admit_anonymous(
        &self,
        client: ClientAddress,
        method: &str,
        now: OffsetDateTime,
    ) -> Answer<'_, Result<Standing, Standing>> {
        let is_read = is_safe(method);
        let quota = self.scaled(self.quotas.anonymous.quota(is_read));
        self.anonymous.take((client.network(), is_read), quota, now)
    }

    /// Forgets windows that are over. To be called about once a minute: nothing else gives their memory back.
    pub fn sweep(&self, now: OffsetDateTime) {
        self.sign_in.sweep(now);
        self.failed_lookups.sweep(now);
        self.orders.sweep(now);
        self.anonymous.sweep(now);
        self.keys.sweep(now);
    }

    /// Whether the store may be asked for a credential of this client.
    pub(super) fn admit_lookup(
        &self,
        client: ClientAddress,
        now: OffsetDateTime,
    ) -> Answer<'_, Result<(), Error>> {
        let quota = self.scaled(self.quotas.failed_lookups);
        let standing = self.failed_lookups.peek(client.network(), quota, now);
        standing.map(|standing| match standing.remaining {
            0 => Err(Error::RateLimited(self.hit(Limit::FailedLookups, standing))),
            _ => Ok(()),
        })
    }

    pub(super) fn count_failed_lookup(
        &self,
        client: ClientAddress,
        now: OffsetDateTime,
    ) -> Answer<'_, ()> {
        let quota = self.scaled(self.quotas.failed_lookups);
        let taken = self.failed_lookups.take(client.network(), quota, now);
        // The one that exceeds the number was let through before others failed, or others failed on other nodes.
        taken.map(drop)
    }

    /// Counts a request that may pass otherwise.
    pub(super) fn admit<'a>(
        &'a self,
        profile: Profile,
        rule: &Rule,
        credential: Option<&LiveCredential>,
        request: &AccessRequest<'_>,
        now: OffsetDateTime,
    ) -> Answer<'a, Admitted> {
        match profile {
            Profile::Ocx if rule.is_order_path => {
                let Some(credential) = credential else {
                    return Answer::Known(Ok(None));
                };
                let quota = self.scaled(self.quotas.orders);
                let taken = self.orders.take(credential.account(), quota, now);
                taken.map(|taken| match taken {
                    Ok(_) => Ok(None),
                    Err(standing) => {
                        let standing = self.hit(Limit::Orders, standing);
                        Err((Error::OrderRateLimited(standing), None))
                    }
                })
            }
            Profile::Ocx => Answer::Known(Ok(None)),
            Profile::Aura => self.admit_to_tier(credential, request, now),
        }
    }

    /// How a caller stands who may not pass, which counts nothing.
    pub(super) fn standing<'a>(
        &'a self,
        profile: Profile,
        credential: Option<&LiveCredential>,
        request: &AccessRequest<'_>,
        now: OffsetDateTime,
    ) -> Answer<'a, Option<Standing>> {
        match self.tier_of_key(credential, request) {
            Some((key, quota)) if profile == Profile::Aura => {
                self.keys.peek(key, quota, now).map(Some)
            }
            _ => Answer::Known(None),
        }
    }

    /// By key, or by client address without one.
    fn admit_to_tier<'a>(
        &'a self,
        credential: Option<&LiveCredential>,
        request: &AccessRequest<'_>,
        now: OffsetDateTime,
    ) -> Answer<'a, Admitted> {
        let (limit, taken) = match self.tier_of_key(credential, request) {
            Some((key, quota)) => (Limit::Key, self.keys.take(key, quota, now)),
            None => {
                let taken = self.admit_anonymous(request.client, request.method, now);
                (Limit::Anonymous, taken)
            }
        };
        taken.map(move |taken| match taken {
            Ok(standing) => Ok(Some(standing)),
            Err(standing) => {
                let standing = self.hit(limit, standing);
                Err((Error::RateLimited(standing), Some(standing)))
            }
        })
    }

    fn tier_of_key(
        &self,
        credential: Option<&LiveCredential>,
        request: &AccessRequest<'_>,
    ) -> Option<((ApiKeyId, bool), u32)> {
        let credential = credential?;
        let key = ApiKeyId::from_text(credential.api_key()?);
        let is_read = is_safe(request.method);
        let own = credential.rate_limit_per_minute();
        let tier = own.map_or(self.quotas.key, Tier::of_key);
        Some(((key, is_read), self.scaled(tier.quota(is_read))))
    }

    /// Counts a request that is held back.
    fn hit(&self, limit: Limit, standing: Standing) -> Standing {
        self.hits[limit as usize].fetch_add(1, Ordering::Relaxed);
        standing
    }

    fn scaled(&self, quota: u32) -> u32 {
        quota.saturating_mul(self.scale)
    }
}
