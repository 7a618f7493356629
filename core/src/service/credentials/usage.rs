//! When keys were last used: noted in memory, written in batches.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use time::OffsetDateTime;

use super::{LiveCredential, lock};
use crate::{
    Error,
    api_key::{ApiKey, LastUse},
    principal::Credential,
    secret::HashedSecret,
    store::{ApiKeyUse, Store},
};

/// The last use of one credential.
#[derive(Debug)]
pub(in crate::service) struct Usage {
    secret_hash: HashedSecret,
    last: Mutex<Option<LastUse>>,
    is_waiting: AtomicBool,
}

impl Usage {
    /// No use yet.
    pub(super) fn of(secret_hash: HashedSecret) -> Arc<Self> {
        Arc::new(Self {
            secret_hash,
            last: Mutex::new(None),
            is_waiting: AtomicBool::new(false),
        })
    }

    fn last_use(&self) -> Option<ApiKeyUse> {
        let last_use = (*lock(&self.last))?;
        Some(ApiKeyUse {
            secret_hash: self.secret_hash,
            last_use,
        })
    }
}

/// Uses that are not written yet.
#[derive(Default)]
pub(super) struct Unwritten {
    waiting: Mutex<Vec<Arc<Usage>>>,
}

impl Unwritten {
    /// Notes a use of a key; those of sessions are not noted. Within a second of the last one this is a single
    /// comparison, with what the check has just read.
    pub(super) fn note(
        &self,
        credential: &LiveCredential,
        now: OffsetDateTime,
        ip: Option<IpAddr>,
    ) {
        let second = now.unix_timestamp();
        // Writing what is there already would still take the cache line away from the other cores.
        let is_same = |cell: &AtomicI64| {
            cell.load(Ordering::Relaxed) == second || cell.swap(second, Ordering::Relaxed) == second
        };
        let is_key = matches!(credential.principal.credential, Credential::ApiKey { .. });
        if !is_key || is_same(&credential.used_in) {
            return;
        }
        let usage = &credential.usage;
        let at = now.replace_nanosecond(0).unwrap_or(now);
        *lock(&usage.last) = Some(LastUse { at, ip });
        if !usage.is_waiting.swap(true, Ordering::AcqRel) {
            lock(&self.waiting).push(usage.clone());
        }
    }

    /// Called by one task at a time.
    pub(super) async fn write(&self, store: &dyn Store) -> Result<(), Error> {
        // They stay on the list until they are written, so that no list of keys misses them.
        let waiting = lock(&self.waiting).clone();
        if waiting.is_empty() {
            return Ok(());
        }
        // From here on a new use puts its key on the list again.
        for usage in &waiting {
            usage.is_waiting.store(false, Ordering::Release);
        }
        let mut uses: Vec<_> = waiting
            .iter()
            .filter_map(|usage| usage.last_use())
            .collect();
        // In one order everywhere, so that nodes that write at once do not wait in a circle.
        uses.sort_by_key(|used| *used.secret_hash.as_bytes());
        store.record_api_key_uses(uses).await?;
        lock(&self.waiting).drain(..waiting.len());
        Ok(())
    }

    pub(super) fn add_to(&self, keys: &mut [ApiKey]) {
        let mut keys: HashMap<_, _> = keys.iter_mut().map(|key| (key.secret_hash, key)).collect();
        for usage in &*lock(&self.waiting) {
            if let (Some(key), Some(used)) = (keys.get_mut(&usage.secret_hash), usage.last_use()) {
                let is_older = key.last_use.is_none_or(|last| last.at <= used.last_use.at);
                if is_older {
                    key.last_use = Some(used.last_use);
                }
            }
        }
    }
}
