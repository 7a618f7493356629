//! Credentials in memory, and the guard against remembering one that was revoked meanwhile.

use std::{
    borrow::Borrow,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::{DashMap, Entry};
use time::OffsetDateTime;

use super::live::{LiveCredential, Remembered};
use crate::{instant::milliseconds, principal::Principal, secret::HashedSecret};

/// After so long a credential is read again, whatever was or was not heard of it.
const MAX_AGE_MS: i64 = 60_000;
/// For so long it is known to have been good.
const KEEP_MS: i64 = 15 * 60_000;
/// The generation of what was never read, and is only known.
const UNREAD: u64 = 0;
/// Counters of evictions, each for the digests that begin with one byte.
const STRIPES: usize = 256;

/// Good credentials by the hash of their secret.
///
/// A lookup can read a credential, be overtaken by its revocation, and remember it afterwards.
/// So whoever looks up takes the epoch first and inserts only if it is still the same, and
/// whoever evicts moves the epoch on first and removes afterwards.
pub(super) struct Cache {
    entries: DashMap<ByHash, (), BuildHasherDefault<DigestHasher>>,
    evictions: Box<[AtomicU64; STRIPES]>,
    generation: AtomicU64,
    capacity: usize,
}

/// A credential, which is found by its hash.
struct ByHash(Arc<LiveCredential>);

/// What was evicted or distrusted until now, as far as it concerns one credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Epoch {
    /// Counts how often everything was distrusted.
    generation: u64,
    /// Counts evictions of credentials with the same first byte.
    evictions: u64,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: DashMap::default(),
            evictions: Box::new([const { AtomicU64::new(0) }; STRIPES]),
            generation: AtomicU64::new(UNREAD + 1),
            capacity,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the credential was good not long ago.
    pub(super) fn is_known(&self, hash: &HashedSecret) -> bool {
        self.entries.contains_key(hash)
    }

    /// Makes a credential known that was just issued. It is read before it is believed.
    pub(super) fn make_known(&self, hash: HashedSecret, principal: Principal, now: OffsetDateTime) {
        if self.entries.len() < self.capacity {
            let remembered = Remembered {
                at_ms: milliseconds(now),
                generation: UNREAD,
            };
            let unread = ByHash(LiveCredential::new(hash, principal, remembered).into());
            self.entries.entry(unread).or_default();
        }
    }

    pub(super) fn find(
        &self,
        hash: &HashedSecret,
        now: OffsetDateTime,
    ) -> Option<Arc<LiveCredential>> {
        let found = self.entries.get(hash)?;
        let ByHash(credential) = found.key();
        let remembered = credential.remembered;
        let is_trusted = remembered.generation == self.generation.load(Ordering::SeqCst);
        (is_trusted && remembered.is_fresh(now)).then(|| credential.clone())
    }

    /// To be taken before the store is asked.
    pub(super) fn epoch(&self, hash: &HashedSecret) -> Epoch {
        Epoch {
            generation: self.generation.load(Ordering::SeqCst),
            evictions: self.stripe(hash).load(Ordering::SeqCst),
        }
    }

    /// Remembers what was read, unless something was evicted since `epoch` or memory is full.
    pub(super) fn insert(
        &self,
        hash: HashedSecret,
        epoch: Epoch,
        principal: Principal,
        now: OffsetDateTime,
    ) -> Arc<LiveCredential> {
        let has_room = self.entries.len() < self.capacity;
        let remembered = Remembered {
            at_ms: milliseconds(now),
            generation: epoch.generation,
        };
        let credential = Arc::new(LiveCredential::new(hash, principal, remembered));
        // While the entry is held nothing can be removed, so the epoch cannot be overtaken.
        let entry = self.entries.entry(ByHash(credential.clone()));
        if self.epoch(&hash) == epoch {
            match entry {
                Entry::Occupied(old) => drop(old.replace_entry(())),
                Entry::Vacant(place) if has_room => drop(place.insert(())),
                Entry::Vacant(_) => {}
            }
        }
        credential
    }

    pub(super) fn evict(&self, hash: &HashedSecret) {
        self.stripe(hash).fetch_add(1, Ordering::SeqCst);
        self.entries.remove(hash);
    }

    /// What was read until now is believed no more.
    pub(super) fn distrust(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// What turned out to be dead is no longer known to be good.
    pub(super) fn forget(&self, hash: &HashedSecret) {
        self.entries.remove(hash);
    }

    pub(super) fn sweep(&self, now: OffsetDateTime) {
        let now_ms = milliseconds(now);
        self.entries
            .retain(|ByHash(credential), ()| now_ms < credential.remembered.at_ms + KEEP_MS);
    }

    fn stripe(&self, hash: &HashedSecret) -> &AtomicU64 {
        &self.evictions[usize::from(hash.as_bytes()[0])]
    }
}

impl Remembered {
    /// One that was read in the future was read before the clock was set back.
    fn is_fresh(self, now: OffsetDateTime) -> bool {
        let now_ms = milliseconds(now);
        (self.at_ms..self.at_ms + MAX_AGE_MS).contains(&now_ms)
    }
}

impl Borrow<HashedSecret> for ByHash {
    fn borrow(&self) -> &HashedSecret {
        &self.0.hash
    }
}

impl Hash for ByHash {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash.hash(state);
    }
}

impl PartialEq for ByHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash == other.0.hash
    }
}

impl Eq for ByHash {}

/// Takes eight bytes of a digest, which is as good as hashing it once more.
#[derive(Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    /// The length of the digest, always the same.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
