//! Credentials: from what a request presents to whom it acts for, from memory where possible.

mod cache;
mod live;
mod tally;
mod usage;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use time::{Duration, OffsetDateTime};

use cache::{Cache, Epoch};
pub use live::LiveCredential;
pub use tally::{Finding, Source, Tally};

use crate::{
    Clock, Error,
    api_key::{ApiKey, ApiKeyStatus},
    freshness::Freshness,
    principal::Principal,
    secret::HashedSecret,
    session::Session,
    store::{Store, StoreError},
};

/// An answer of the store that took longer is not believed: it may no longer be true.
const LONGEST_LOOKUP: Duration = Duration::seconds(2);
/// How often a lookup is made again because a revocation came in between.
const ATTEMPTS: usize = 3;

/// What kind of credential a secret claims to be; its form says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKind {
    /// A session's token.
    Session,
    /// An API key's secret.
    ApiKey,
}

/// Finds credentials by their hash, and remembers those that were good.
///
/// A good one is answered from memory, without a lock that others wait for and without the store.
/// One that is not in memory is looked up once for all who ask at the same time. After
/// [`evict`](Self::evict) has returned, no request that begins is answered by what was read before.
pub struct Credentials {
    shared: Arc<Lookups>,
}

/// What lookups share with those who wait for them.
struct Lookups {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    freshness: Arc<dyn Freshness>,
    cache: Cache,
    /// Lookups under way, each with the cache's epoch at its start.
    under_way: DashMap<HashedSecret, (Epoch, Lookup)>,
    uses: usage::Unwritten,
    tally: Tally,
}

type Lookup = Shared<BoxFuture<'static, Result<Arc<LiveCredential>, Error>>>;

impl Credentials {
    /// Credentials of this store; at most `capacity` are remembered, at less than 400 bytes each. There must be
    /// one for a store in a process, or a revocation is not obeyed at once.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        freshness: Arc<dyn Freshness>,
        capacity: usize,
    ) -> Self {
        Self {
            shared: Arc::new(Lookups {
                store,
                clock,
                freshness,
                cache: Cache::new(capacity),
                under_way: DashMap::new(),
                uses: usage::Unwritten::default(),
                tally: Tally::default(),
            }),
        }
    }

    /// The credential of this hash, if it is remembered and memory may be believed.
    pub(super) fn remembered(
        &self,
        hash: &HashedSecret,
        now: OffsetDateTime,
    ) -> Option<Arc<LiveCredential>> {
        // Asked after the entry was found: what is found while nothing was missed is true.
        let found = self.shared.cache.find(hash, now);
        found.filter(|_| self.shared.freshness.is_proven())
    }

    /// Whether the credential of this hash was issued or good not long ago, so that looking it up is no guess.
    pub(super) fn is_known(&self, hash: &HashedSecret) -> bool {
        self.shared.cache.is_known(hash)
    }

    /// Makes a credential known that was just issued, and counts it.
    pub(super) fn make_known(&self, hash: HashedSecret, principal: Principal) {
        self.shared.tally.count_issued(&principal);
        let now = self.shared.clock.now();
        self.shared.cache.make_known(hash, principal, now);
    }

    /// Asks the store for the credential of this hash.
    ///
    /// # Errors
    /// [`Error::InvalidCredential`], [`Error::RevokedCredential`], [`Error::ExpiredCredential`], or [`Error::Store`].
    pub(super) async fn look_up(
        &self,
        kind: CredentialKind,
        hash: &HashedSecret,
    ) -> Result<Arc<LiveCredential>, Error> {
        let mut found = Err(Error::InvalidCredential);
        for _ in 0..ATTEMPTS {
            let epoch = self.shared.cache.epoch(hash);
            found = self.join(kind, *hash, epoch).await;
            if self.shared.cache.epoch(hash) == epoch {
                break;
            }
        }
        found
    }

    /// Forgets a credential, and every lookup of it that is under way. [`Revocation`](super::Revocation)
    /// calls it after the commit and before the answer; so must whoever changes a stored credential otherwise.
    pub fn evict(&self, hash: &HashedSecret) {
        self.shared.cache.evict(hash);
    }

    /// Has everything that was read until now read again before it is believed, because revocations may have been
    /// missed. Nothing is forgotten, so each credential costs one lookup, when it is next presented.
    pub fn distrust(&self) {
        self.shared.cache.distrust();
    }

    /// Notes a successful use of a key, in memory. Sessions are not noted.
    pub(super) fn note_use(
        &self,
        credential: &Arc<LiveCredential>,
        from: Option<std::net::IpAddr>,
        now: OffsetDateTime,
    ) {
        self.shared.uses.note(credential, now, from);
    }

    /// Writes the uses noted since the last call, in one command; what cannot be written is kept. To be
    /// called every few seconds by one task, and once more before the store is closed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn write_uses(&self) -> Result<(), Error> {
        self.shared.uses.write(&*self.shared.store).await
    }

    /// Completes keys that were read from the store.
    pub(super) fn add_unwritten_uses(&self, keys: &mut [ApiKey]) {
        self.shared.uses.add_to(keys);
    }

    /// What became of credentials since the start.
    pub fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// How many credentials are remembered.
    pub fn remembered_count(&self) -> usize {
        self.shared.cache.len()
    }

    /// Forgets what is old or expired. To be called about once a minute.
    pub fn sweep(&self) {
        self.shared.cache.sweep(self.shared.clock.now());
        // What nobody waits for was abandoned by its clients.
        self.shared
            .under_way
            .retain(|_, (_, lookup)| lookup.strong_count() > Some(1));
    }

    /// Joins the lookup under way, or starts one. One that began before the last eviction is not
    /// joined: it may have read what is no longer true.
    async fn join(
        &self,
        kind: CredentialKind,
        hash: HashedSecret,
        epoch: Epoch,
    ) -> Result<Arc<LiveCredential>, Error> {
        let lookup = {
            let mut slot = self
                .shared
                .under_way
                .entry(hash)
                .or_insert_with(|| (epoch, self.shared.start(kind, hash, epoch)));
            if slot.0 < epoch {
                *slot = (epoch, self.shared.start(kind, hash, epoch));
            }
            slot.1.clone()
        };
        lookup.await
    }
}

impl Lookups {
    fn start(self: &Arc<Self>, kind: CredentialKind, hash: HashedSecret, epoch: Epoch) -> Lookup {
        let shared = self.clone();
        let began = self.clock.now();
        let look_up = async move {
            let found = shared.read(kind, &hash).await;
            let took = shared.clock.now() - began;
            // A process that was stopped in between may find an answer from before.
            let found = match took < LONGEST_LOOKUP {
                true => found,
                false => Err(StoreError::Unavailable.into()),
            };
            if found.as_ref().is_err_and(Error::is_dead_credential) {
                shared.cache.forget(&hash);
            }
            let found = found.map(|principal| {
                shared
                    .cache
                    .insert(hash, epoch, principal, shared.clock.now())
            });
            shared
                .under_way
                .remove_if(&hash, |_, (started, _)| *started == epoch);
            found
        };
        look_up.boxed().shared()
    }

    async fn read(&self, kind: CredentialKind, hash: &HashedSecret) -> Result<Principal, Error> {
        match kind {
            CredentialKind::Session => {
                let session = self.store.find_session(hash).await?;
                self.live_session(session.ok_or(Error::InvalidCredential)?)
            }
            CredentialKind::ApiKey => {
                let key = self.store.find_api_key(hash).await?;
                self.live_key(key.ok_or(Error::InvalidCredential)?)
            }
        }
    }

    fn live_session(&self, session: Session) -> Result<Principal, Error> {
        if session.revoked_at.is_some() {
            return Err(Error::RevokedCredential);
        }
        if self.clock.now() >= session.expires_at {
            return Err(Error::ExpiredCredential);
        }
        Ok(session.into())
    }

    fn live_key(&self, key: ApiKey) -> Result<Principal, Error> {
        match key.status(self.clock.now()) {
            ApiKeyStatus::Active => Ok(key.into()),
            ApiKeyStatus::Expired => Err(Error::ExpiredCredential),
            ApiKeyStatus::Revoked => Err(Error::RevokedCredential),
        }
    }
}

/// A panic elsewhere leaves nothing half-done in what is only counted or noted.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
