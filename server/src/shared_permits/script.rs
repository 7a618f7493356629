//! The script by which permits are taken.

use std::{sync::LazyLock, time::Duration};

use countersign_core::rate_limit::{Ask, Grant, WINDOW};
use redis::{Script, ScriptInvocation, aio::MultiplexedConnection};
use tokio::time::timeout;

use super::{PREFIX, RedisFault, RedisUrl};

/// Known to Redis by its hash. A Redis that does not know it, as after a restart, is sent it again.
static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("take.lua")));

/// Given, left, the window, milliseconds until it ends.
type Answer = (u32, u32, u64, u64);

/// Takes permits, or fails in time.
pub(super) async fn take(
    connection: &MultiplexedConnection,
    key: &str,
    ask: Ask<'_>,
    patience: Duration,
) -> Result<Grant, RedisFault> {
    let mut connection = connection.clone();
    let invocation = invocation(key, ask);
    let asked = invocation.invoke_async::<Answer>(&mut connection);
    let answer = timeout(patience, asked).await;
    Ok(granted(answer.map_err(|_| RedisFault::Silent)??))
}

/// Takes a permit that nobody needs: Redis answers, runs the script, and lets it write.
pub(super) async fn try_on(
    connection: &MultiplexedConnection,
    patience: Duration,
) -> Result<(), RedisFault> {
    let taken = take(connection, &probe_key(), PROBE, patience).await;
    taken.map(drop)
}

/// The same on a connection of its own, for those who wait.
///
/// # Errors
/// [`RedisFault`], within two seconds.
pub(crate) fn try_at(url: &RedisUrl) -> Result<(), RedisFault> {
    let patience = Duration::from_secs(1);
    let mut connection = url.client().get_connection_with_timeout(patience)?;
    connection.set_read_timeout(Some(patience))?;
    connection.set_write_timeout(Some(patience))?;
    let taken: Answer = invocation(&probe_key(), PROBE).invoke(&mut connection)?;
    let _taken = granted(taken);
    Ok(())
}

const PROBE: Ask<'_> = Ask {
    key: "probe",
    max: u32::MAX,
    wanted: 1,
};

fn probe_key() -> String {
    format!("{PREFIX}{}", PROBE.key)
}

fn invocation<'a>(key: &str, ask: Ask<'_>) -> ScriptInvocation<'a> {
    let mut invocation = TAKE.prepare_invoke();
    invocation
        .key(key)
        .arg(ask.max)
        .arg(ask.wanted)
        .arg(WINDOW.whole_milliseconds() as u64);
    invocation
}

fn granted((permits, left, window, ends_in): Answer) -> Grant {
    Grant {
        permits,
        left,
        window,
        ends_in: time::Duration::milliseconds(ends_in.try_into().unwrap_or(0)),
    }
}
