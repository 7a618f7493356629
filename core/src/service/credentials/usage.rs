//! When keys were last used: noted in memory, written in batches.

use std::{
    cmp::Reverse,
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, atomic::Ordering},
};

use time::OffsetDateTime;

use super::{LiveCredential, lock};
use crate::{
    Error,
    api_key::{ApiKey, LastUse},
    store::{ApiKeyUse, Store},
};

/// Uses that are written in one command at most.
const BATCH: usize = 10_000;

/// Keys whose last use is not written yet, in the order in which they were first used since.
#[derive(Default)]
pub(super) struct Unwritten {
    waiting: Mutex<VecDeque<Arc<LiveCredential>>>,
}

impl Unwritten {
    /// Notes a use of a key; those of sessions are not noted. Within a second of the last one this is a single
    /// comparison, with what the check has just read.
    pub(super) fn note(
        &self,
        credential: &Arc<LiveCredential>,
        now: OffsetDateTime,
        ip: Option<IpAddr>,
    ) {
        let second = u32::try_from(now.unix_timestamp()).unwrap_or(u32::MAX);
        let used = &credential.last_use;
        // Writing what is there already would still take the cache line away from the other cores.
        if credential.api_key().is_none() || used.second.load(Ordering::Relaxed) == second {
            return;
        }
        {
            let mut from = lock(&used.from);
            used.second.store(second, Ordering::Relaxed);
            *from = ip;
        }
        if !used.is_waiting.swap(true, Ordering::AcqRel) {
            lock(&self.waiting).push_back(credential.clone());
        }
    }

    /// Called by one task at a time.
    pub(super) async fn write(&self, store: &dyn Store) -> Result<(), Error> {
        let mut left = lock(&self.waiting).len();
        while left > 0 {
            // They stay on the list until they are written, so that no list of keys misses them.
            let waiting: Vec<_> = (lock(&self.waiting).iter().take(left.min(BATCH)))
                .cloned()
                .collect();
            // From here on a new use puts its key on the list again.
            for credential in &waiting {
                let used = &credential.last_use;
                used.is_waiting.store(false, Ordering::Release);
            }
            let mut uses: Vec<_> = waiting
                .iter()
                .filter_map(|credential| credential.last_use())
                .collect();
            // In one order everywhere, so that nodes that write at once do not wait in a circle. A key that was read again
            // meanwhile is there twice, and its last use counts.
            uses.sort_by_key(|used| (*used.secret_hash.as_bytes(), Reverse(used.last_use.at)));
            uses.dedup_by_key(|used| used.secret_hash);
            store.record_api_key_uses(uses).await?;
            lock(&self.waiting).drain(..waiting.len());
            left -= waiting.len();
        }
        Ok(())
    }

    pub(super) fn add_to(&self, keys: &mut [ApiKey]) {
        let mut keys: HashMap<_, _> = keys.iter_mut().map(|key| (key.secret_hash, key)).collect();
        for credential in &*lock(&self.waiting) {
            if let (Some(key), Some(used)) = (keys.get_mut(&credential.hash), credential.last_use())
            {
                let is_older = key.last_use.is_none_or(|last| last.at <= used.last_use.at);
                if is_older {
                    key.last_use = Some(used.last_use);
                }
            }
        }
    }
}

impl LiveCredential {
    fn last_use(&self) -> Option<ApiKeyUse> {
        let from = lock(&self.last_use.from);
        let second = self.last_use.second.load(Ordering::Relaxed);
        let at = OffsetDateTime::from_unix_timestamp(second.into()).ok()?;
        Some(ApiKeyUse {
            secret_hash: self.hash,
            last_use: LastUse { at, ip: *from },
        })
    }
}
