//! What is done in the background: writing when keys were last used, forgetting what is old.

use std::time::Duration;

use countersign_core::{
    Clock,
    clock::SystemClock,
    store::{ApiKeyStore, ChallengeStore, SessionStore},
};
use tokio::task::JoinSet;

use crate::app::Shared;

/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long an expired session is told apart from one that never was.
const KEEP_EXPIRED_SESSIONS: time::Duration = time::Duration::days(30);
/// How long a dead API key stays in its owner's list.
const KEEP_DEAD_API_KEYS: time::Duration = time::Duration::days(365);
/// How often the last uses of API keys are written; a crash loses so much at most.
const WRITE_USES_EVERY: Duration = Duration::from_secs(15);

/// Starts the upkeep, which ends when the set is dropped.
pub(crate) fn start(shared: &Shared) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(sweep(shared.clone()));
    tasks.spawn(write_uses(shared.clone()));
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
