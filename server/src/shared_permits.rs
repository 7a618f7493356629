//! Permits of rate limits that several servers share in Redis.
//!
//! Every permit is taken by one script, which Redis runs as a whole, over one connection that all requests share. A
//! request never waits long: the first that Redis does not answer in time has all others count by this server
//! alone, until somebody who looks once a second has found Redis back.

mod script;
mod url;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use countersign_core::rate_limit::{Ask, Away, Grant, Nodes, SharedPermits};
use redis::{AsyncConnectionConfig, RedisError, aio::MultiplexedConnection};
use tokio::{sync::Notify, time::timeout};

pub(crate) use script::try_at;
pub(crate) use url::RedisUrl;

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long whoever looks for Redis waits: no request waits with it.
const LOOK_PATIENCE: Duration = Duration::from_secs(1);
/// How often Redis is looked at, whether it is there or away.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Redis, as long as it is there.
pub(crate) struct Redis {
    url: RedisUrl,
    /// `None` while it is away.
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Wakes whoever looks for it.
    lost: Notify,
    /// Whether the log says that it is away.
    is_away_told: AtomicBool,
    counted_alone: AtomicU64,
}

/// Why Redis was not asked with success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedisFault {
    /// It took too long.
    #[error("no answer in time")]
    Silent,
    /// What it, or the way there, said.
    #[error(transparent)]
    Refused(#[from] RedisError),
}

impl Redis {
    /// Connects. If it cannot, the log says so, and [`keep`](Self::keep) goes on trying.
    pub(crate) async fn open(url: RedisUrl) -> Arc<Self> {
        let redis = Arc::new(Self {
            url,
            connection: ArcSwapOption::empty(),
            lost: Notify::new(),
            is_away_told: AtomicBool::new(false),
            counted_alone: AtomicU64::new(0),
        });
        redis.connect().await;
        redis
    }

    /// Looks at Redis for as long as this is polled, and connects again where the connection was lost.
    pub(crate) async fn keep(self: Arc<Self>) {
        loop {
            let Some(connection) = self.connection.load_full() else {
                tokio::time::sleep(LOOK_EVERY).await;
                self.connect().await;
                continue;
            };
            let is_due = timeout(LOOK_EVERY, self.lost.notified()).await.is_err();
            if is_due && let Err(fault) = script::try_on(&connection, LOOK_PATIENCE).await {
                self.lose(&connection, &fault);
            }
        }
    }

    /// Whether permits are shared now.
    pub(crate) fn is_available(&self) -> bool {
        self.connection.load().is_some()
    }

    /// How many requests this server has counted alone, because Redis was away.
    pub(crate) fn counted_alone(&self) -> u64 {
        self.counted_alone.load(Ordering::Relaxed)
    }

    /// The servers that count together under this name, which tells their clients from others of the same address.
    pub(crate) fn nodes(self: &Arc<Self>, name: &str) -> Nodes {
        Nodes::Sharing(Arc::new(RedisPermits {
            redis: self.clone(),
            prefix: format!("{PREFIX}{name}"),
        }))
    }

    async fn connect(&self) {
        match self.connected().await {
            Ok(connection) => {
                // Told first, so that whoever finds it in use finds that in the log, too.
                let (redis, was_away) =
                    (&self.url, self.is_away_told.swap(false, Ordering::Relaxed));
                match was_away {
                    true => tracing::info!(%redis, "Redis is back: rate limits are shared again"),
                    false => tracing::info!(%redis, "rate limits are shared in Redis"),
                }
                self.connection.store(Some(Arc::new(connection)));
            }
            Err(fault) => self.tell_away(&fault),
        }
    }

    /// A connection on which permits can be taken.
    async fn connected(&self) -> Result<MultiplexedConnection, RedisFault> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LOOK_PATIENCE))
            .set_response_timeout(None);
        let client = self.url.client();
        let connecting = client.get_multiplexed_async_connection_with_config(&config);
        let connected = timeout(LOOK_PATIENCE, connecting).await;
        let connection = connected.map_err(|_| RedisFault::Silent)??;
        script::try_on(&connection, LOOK_PATIENCE).await?;
        Ok(connection)
    }

    /// Gives up a connection, unless there is another one already.
    fn lose(&self, connection: &Arc<MultiplexedConnection>, fault: &RedisFault) {
        let before = self
            .connection
            .compare_and_swap(&Some(connection.clone()), None);
        if before
            .as_ref()
            .is_some_and(|before| Arc::ptr_eq(before, connection))
        {
            self.tell_away(fault);
            self.lost.notify_one();
        }
    }

    fn tell_away(&self, fault: &RedisFault) {
        if !self.is_away_told.swap(true, Ordering::Relaxed) {
            let redis = &self.url;
            tracing::warn!(%redis, error = %fault, "Redis is away: this server counts requests by itself, and looks for Redis every second");
        }
    }
}

/// What all keys begin with.
const PREFIX: &str = "countersign:";

/// The permits of one group of limits.
struct RedisPermits {
    redis: Arc<Redis>,
    prefix: String,
}

#[async_trait]
impl SharedPermits for RedisPermits {
    async fn take(&self, ask: Ask<'_>) -> Result<Grant, Away> {
        let redis = &self.redis;
        let taken = match redis.connection.load_full() {
            Some(connection) => {
                let key = format!("{}{}", self.prefix, ask.key);
                let taken = script::take(&connection, &key, ask, PATIENCE).await;
                taken.map_err(|fault| redis.lose(&connection, &fault))
            }
            None => Err(()),
        };
        taken.map_err(|()| {
            redis.counted_alone.fetch_add(1, Ordering::Relaxed);
            Away
        })
    }
}

impl fmt::Debug for RedisPermits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (redis, prefix) = (&self.redis.url, &self.prefix);
        write!(f, "RedisPermits({redis}, {prefix:?})")
    }
}
