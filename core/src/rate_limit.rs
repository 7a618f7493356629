//! Counting requests in windows of a minute.
//!
//! A window begins with a client's first request and ends a minute later, which is what the headers
//! of the dialects speak of: so many requests, so many left, so many seconds until all are back.
//!
//! Where several nodes serve the same clients, they take permits from what they share, a few at a time, and spend
//! them without asking. While that is away, each counts by itself.

mod nodes;
mod window;

use std::{
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use dashmap::{DashMap, mapref::one::RefMut};
use time::{Duration, OffsetDateTime};

pub use nodes::{Ask, Away, Grant, Nodes, SharedPermits};

use crate::{account::AccountId, answer::Answer, api_key::ApiKeyId};
use window::{Spent, Window};

/// The length of every window.
pub const WINDOW: Duration = Duration::MINUTE;
/// Clients counted apart at most. When there are more, newcomers are counted by the wider network they
/// belong to, so that memory stays bounded and nobody goes uncounted.
const MAX_CLIENTS: usize = 100_000;

/// Who is counted. Implemented for addresses, accounts and keys, and for each of them beside whether the
/// request is a read.
pub trait Client: Eq + Hash + Clone + Send + Sync {
    /// A group that many such clients belong to, to be counted instead where there are more than 100,000 of
    /// them; `None` where there is no such group.
    fn wider(&self) -> Option<Self>;

    /// What nodes call it among themselves. It is no secret.
    fn name(&self) -> String;
}

/// IPv4 by /16, IPv6 by /32: what a provider has, not a single customer.
impl Client for IpAddr {
    fn wider(&self) -> Option<Self> {
        Some(match self {
            Self::V4(v4) => Self::V4(Ipv4Addr::from_bits(v4.to_bits() >> 16 << 16)),
            Self::V6(v6) => Self::V6(Ipv6Addr::from_bits(v6.to_bits() >> 96 << 96)),
        })
    }

    fn name(&self) -> String {
        self.to_string()
    }
}

impl Client for AccountId {
    fn wider(&self) -> Option<Self> {
        None
    }

    fn name(&self) -> String {
        self.to_string()
    }
}

impl Client for ApiKeyId {
    fn wider(&self) -> Option<Self> {
        None
    }

    fn name(&self) -> String {
        self.to_string()
    }
}

/// A client's reads are counted apart from its writes.
impl<C: Client> Client for (C, bool) {
    fn wider(&self) -> Option<Self> {
        self.0.wider().map(|wider| (wider, self.1))
    }

    fn name(&self) -> String {
        let kind = if self.1 { "reads" } else { "writes" };
        format!("{kind}:{}", self.0.name())
    }
}

/// One kind of limit, counted for each client by itself. What this node counts is in memory only: a restart
/// forgets it.
///
/// ```
/// use std::net::IpAddr;
///
/// use countersign_core::rate_limit::{Nodes, RateLimit};
/// use time::{Duration, macros::datetime};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let limit = RateLimit::<IpAddr>::new("sign_in", Nodes::Alone);
/// let client: IpAddr = "203.0.113.7".parse().unwrap();
/// let start = datetime!(2026-03-01 12:00 UTC);
///
/// assert_eq!(limit.take(client, 2, start).await.unwrap().remaining, 1);
/// assert_eq!(limit.take(client, 2, start).await.unwrap().remaining, 0);
/// let refused = limit.take(client, 2, start + Duration::seconds(15)).await.unwrap_err();
/// assert_eq!(refused.reset_seconds(), 45);
/// assert!(limit.take(client, 2, start + Duration::minutes(1)).await.is_ok());
/// # }
/// ```
#[derive(Debug)]
pub struct RateLimit<C: Client> {
    windows: DashMap<Counted<C>, Window>,
    name: &'static str,
    nodes: Nodes,
    /// Permits taken from others at once at most.
    most: u32,
}

/// Who a window belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Counted<C> {
    /// One client.
    Alone(C),
    /// All newcomers of a wider network.
    Network(C),
    /// All other newcomers.
    Others,
}

/// How a client stands with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests that a window admits.
    pub max: u32,
    /// Requests that are left in this one.
    pub remaining: u32,
    /// The time until the window ends; the whole window when none has begun.
    pub resets_in: Duration,
}

impl Standing {
    /// Whole milliseconds until the window ends, rounded down.
    pub fn reset_milliseconds(&self) -> u64 {
        u64::try_from(self.resets_in.whole_milliseconds()).unwrap_or(0)
    }

    /// The same in whole seconds, rounded up.
    pub fn reset_seconds(&self) -> u32 {
        u32::try_from(self.reset_milliseconds().div_ceil(1000)).unwrap_or(u32::MAX)
    }
}

impl<C: Client> RateLimit<C> {
    /// A limit of this name, by which nodes tell it from others that they share.
    pub fn new(name: &'static str, nodes: Nodes) -> Self {
        Self {
            windows: DashMap::new(),
            name,
            nodes,
            most: Window::MOST,
        }
    }

    /// The same, of which no node takes a permit before it needs one. So whoever looks after a request was counted
    /// knows what all nodes have counted.
    pub fn one_by_one(name: &'static str, nodes: Nodes) -> Self {
        Self {
            most: 1,
            ..Self::new(name, nodes)
        }
    }

    /// Counts a request of a client that may make `max` a minute, and tells how it stands after it: with several
    /// nodes, by what this one last heard.
    ///
    /// # Errors
    /// How the client stands when none was left; the request is then not counted.
    pub fn take(
        &self,
        client: C,
        max: u32,
        now: OffsetDateTime,
    ) -> Answer<'_, Result<Standing, Standing>> {
        let counted = self.counted(client);
        let Nodes::Sharing(permits) = &self.nodes else {
            return Answer::Known(self.count(counted, max, now));
        };
        match self.spend(&counted, max, now) {
            Spent::Known(standing) => Answer::Known(standing),
            Spent::Ask(wanted) => Answer::asked(async move {
                match self.ask(&**permits, &counted, max, wanted).await {
                    Ok(grant) => self.window(counted, now).spend_of(grant, max, now),
                    Err(Away) => self.count(counted, max, now),
                }
            }),
        }
    }

    /// How a client stands, without counting. With several nodes it is what this one last heard; it asks when it has
    /// not heard in this window.
    pub fn peek(&self, client: C, max: u32, now: OffsetDateTime) -> Answer<'_, Standing> {
        let counted = self.counted(client);
        let window = self.open_window(&counted, now);
        let alone = window.unwrap_or(Window::begin(now)).standing(max, now);
        let Nodes::Sharing(permits) = &self.nodes else {
            return Answer::Known(alone);
        };
        if let Some(standing) = window.and_then(|window| window.shared_standing(max, now)) {
            return Answer::Known(standing);
        }
        Answer::asked(async move {
            let Ok(grant) = self.ask(&**permits, &counted, max, 0).await else {
                return alone;
            };
            let mut window = self.window(counted, now);
            window.receive(grant, now);
            window.shared_standing(max, now).unwrap_or(alone)
        })
    }

    /// Counts by what this node alone has admitted.
    fn count(
        &self,
        counted: Counted<C>,
        max: u32,
        now: OffsetDateTime,
    ) -> Result<Standing, Standing> {
        self.window(counted, now).count(max, now)
    }

    /// Spends a permit that this node holds.
    fn spend(&self, counted: &Counted<C>, max: u32, now: OffsetDateTime) -> Spent {
        let window = self.windows.get_mut(counted);
        let open = window.filter(|window| window.is_open(now));
        open.map_or(Spent::Ask(1), |mut window| {
            window.spend(max, self.most, now)
        })
    }

    async fn ask(
        &self,
        permits: &dyn SharedPermits,
        counted: &Counted<C>,
        max: u32,
        wanted: u32,
    ) -> Result<Grant, Away> {
        let key = format!("{}:{}", self.name, counted.name());
        permits
            .take(Ask {
                key: &key,
                max,
                wanted,
            })
            .await
    }

    /// The window of a client, which begins if there is none.
    fn window(&self, counted: Counted<C>, now: OffsetDateTime) -> RefMut<'_, Counted<C>, Window> {
        let entry = self.windows.entry(counted);
        entry.or_insert_with(|| Window::begin(now))
    }

    fn open_window(&self, counted: &Counted<C>, now: OffsetDateTime) -> Option<Window> {
        let window = self.windows.get(counted).map(|window| *window);
        window.filter(|window| window.is_open(now))
    }

    /// The first of a client, its network and all others that is counted already or still has a place.
    fn counted(&self, client: C) -> Counted<C> {
        let network = client.wider().map(Counted::Network);
        let alone = Counted::Alone(client);
        if self.windows.contains_key(&alone) {
            return alone;
        }
        let kept = self.windows.len();
        if kept < MAX_CLIENTS {
            return alone;
        }
        let has_place =
            |network: &Counted<C>| kept < 2 * MAX_CLIENTS || self.windows.contains_key(network);
        network.filter(has_place).unwrap_or(Counted::Others)
    }

    /// Forgets windows that are over. To be called from time to time: nothing else gives their memory back.
    pub fn sweep(&self, now: OffsetDateTime) {
        self.windows.retain(|_, window| window.is_open(now));
    }
}

impl<C: Client> Counted<C> {
    fn name(&self) -> String {
        match self {
            Self::Alone(client) => client.name(),
            Self::Network(network) => format!("network:{}", network.name()),
            Self::Others => "others".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
