//! What is done in the background: writing when keys were last used, forgetting what is old, reading which keys sign
//! session tokens, looking whether Redis is there.

use std::{sync::Arc, time::Duration};

use countersign_core::{Clock, clock::SystemClock};
use tokio::task::JoinSet;

use crate::{app::Shared, session_token::SessionTokens, signing_keys::READ_EVERY};

/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long an expired session is told apart from one that never was.
const KEEP_EXPIRED_SESSIONS: time::Duration = time::Duration::days(30);
/// How long a dead API key stays in its owner's list.
const KEEP_DEAD_API_KEYS: time::Duration = time::Duration::days(365);
/// How often the last uses of API keys are written; a crash loses so much at most.
const WRITE_USES_EVERY: Duration = Duration::from_secs(15);

/// Starts the upkeep, which ends when the set is dropped.
pub(crate) fn start(shared: &Shared, tokens: &Arc<SessionTokens>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(sweep(shared.clone()));
    tasks.spawn(write_uses(shared.clone()));
    tasks.spawn(read_keys(tokens.clone()));
    if let Some(redis) = &shared.redis {
        tasks.spawn(redis.clone().keep());
    }
    tasks
}

/// Writes when API keys were last used.
async fn write_uses(shared: Shared) {
    let mut ticks = tokio::time::interval(WRITE_USES_EVERY);
    loop {
        ticks.tick().await;
        // What could not be written is tried again; the store has logged why.
        let _again = shared.credentials.write_uses().await;
    }
}

/// Takes up the keys that somebody has put there without telling, such as one copied from another server.
async fn read_keys(tokens: Arc<SessionTokens>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(READ_EVERY.into()));
    let mut known_fault = None;
    loop {
        ticks.tick().await;
        let tokens = tokens.clone();
        let read = tokio::task::spawn_blocking(move || tokens.read_again().map(drop)).await;
        let fault = read.map(|read| read.err().map(|error| error.to_string()));
        let fault = fault.unwrap_or_else(|error| Some(error.to_string()));
        if fault != known_fault {
            match &fault {
                Some(error) => {
                    tracing::error!(error, "the keys of session tokens stay as they were");
                }
                None => tracing::info!("the keys of session tokens can be read again"),
            }
            known_fault = fault;
        }
    }
}

/// Forgets what is old, in memory and in the store.
async fn sweep(shared: Shared) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    let store = &shared.store;
    loop {
        ticks.tick().await;
        let now = SystemClock.now();
        shared.credentials.sweep();
        shared.limits.sweep(now);
        shared.introspection.sweep(now);
        let challenges = store.delete_challenges_expired_before(now).await;
        let sessions = store
            .delete_sessions_expired_before(now - KEEP_EXPIRED_SESSIONS)
            .await;
        let api_keys = store
            .delete_api_keys_dead_before(now - KEEP_DEAD_API_KEYS)
            .await;
        if let (Ok(challenges), Ok(sessions), Ok(api_keys)) = (challenges, sessions, api_keys) {
            tracing::debug!(challenges, sessions, api_keys, "deleted expired rows");
        }
    }
}
