//! Test doubles: a store in memory, permits that nodes share, a clock to set, repeatable randomness.

mod permits;

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures_util::{FutureExt, future::BoxFuture};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

pub use permits::MemoryPermits;

use crate::{
    Clock, Random,
    account::AccountId,
    api_key::{ApiKey, ApiKeyId, ApiKeyStatus},
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::{HashedSecret, Secret},
    session::{Session, SessionClaims, SessionId, TokenIssuer},
    store::{
        ApiKeyStore, ApiKeyUse, ChallengeStore, ChallengeTarget, Granted, Issued, KeyHolder,
        KeyOwner, MAX_KEPT_API_KEYS, MAX_LIVE_API_KEYS, Redeem, RevokedApiKey, SessionStore,
        StoreError,
    },
    wallet::WalletKey,
};

/// A store in memory, for tests and for trying things out: it forgets everything with its process. It keeps
/// everything under one lock, so each call is atomic.
#[derive(Debug)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
    max_challenges: usize,
    lookups: AtomicUsize,
    pause: Pause,
}

/// What a lookup of a credential waits for after it has read.
struct Pause(Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>);

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
}

#[derive(Debug, Default)]
struct Rows {
    challenges: Vec<Challenge>,
    wallets: Vec<(WalletKey, AccountId)>,
    sessions: Vec<Session>,
    api_keys: Vec<ApiKey>,
}

impl Rows {
    fn insert_challenge(&mut self, challenge: Challenge, max: usize) -> Result<(), StoreError> {
        let waiting = self.challenges.iter().filter(|c| c.consumed_at.is_none());
        if waiting.count() >= max {
            return Err(StoreError::TooManyChallenges);
        }
        self.challenges.push(challenge);
        Ok(())
    }

    fn has_room_for(&self, key: &ApiKey) -> bool {
        let is_live = |other: &&ApiKey| {
            (other.account, other.profile) == (key.account, key.profile)
                && other.status(key.created_at) == ApiKeyStatus::Active
        };
        self.api_keys.iter().filter(is_live).count() < MAX_LIVE_API_KEYS
    }
}

impl Rows {
    fn insert_api_key(&mut self, key: ApiKey) {
        let is_of_account =
            |other: &ApiKey| (other.account, other.profile) == (key.account, key.profile);
        let kept = self
            .api_keys
            .iter()
            .filter(|other| is_of_account(other))
            .count();
        let is_dead = |other: &ApiKey| other.status(key.created_at) != ApiKeyStatus::Active;
        let dead = self.api_keys.iter().enumerate();
        let dead = dead.filter(|(_, other)| is_of_account(other) && is_dead(other));
        let oldest = dead.min_by_key(|(_, other)| (other.created_at, other.id.clone()));
        if let Some((at, _)) = oldest.filter(|_| kept >= MAX_KEPT_API_KEYS) {
            self.api_keys.remove(at);
        }
        self.api_keys.push(key);
    }
}

fn holds(owner: &KeyOwner, key: &ApiKey) -> bool {
    let is_holder = match &owner.holder {
        KeyHolder::Account(account) => *account == key.account,
        KeyHolder::Wallet(wallet) => *wallet == key.wallet_key,
    };
    is_holder && owner.profile == key.profile
}

impl MemoryStore {
    /// An empty store with this cap on unconsumed challenges.
    pub fn new(max_challenges: usize) -> Self {
        Self::slow(max_challenges, || std::future::ready(()))
    }

    /// A store whose lookups of credentials wait for this after they have read, so that
    /// something can happen between reading and answering.
    pub fn slow<F>(max_challenges: usize, pause: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            rows: Mutex::default(),
            max_challenges,
            lookups: AtomicUsize::new(0),
            pause: Pause(Box::new(move || pause().boxed())),
        }
    }

    /// How often a credential was looked up.
    pub fn lookups(&self) -> usize {
        self.lookups.load(Ordering::SeqCst)
    }

    async fn look_up<T>(&self, find: impl FnOnce(&Rows) -> T) -> T {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let found = find(&self.rows());
        (self.pause.0)().await;
        found
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, fits: impl Fn(&Challenge) -> bool) -> Option<Challenge> {
        self.rows()
            .challenges
            .iter()
            .find(|challenge| fits(challenge))
            .cloned()
    }
}

#[async_trait]
impl ChallengeStore for MemoryStore {
    async fn insert_challenge(&self, challenge: Challenge) -> Result<(), StoreError> {
        self.rows().insert_challenge(challenge, self.max_challenges)
    }

    async fn insert_or_reuse_challenge(
        &self,
        challenge: Challenge,
        issued_after: OffsetDateTime,
    ) -> Result<Challenge, StoreError> {
        let mut rows = self.rows();
        let target = ChallengeTarget::of(&challenge);
        let is_fresh = |other: &&Challenge| {
            ChallengeTarget::of(other) == target
                && other.is_live(challenge.issued_at)
                && other.issued_at > issued_after
        };
        let known = rows.challenges.iter().filter(is_fresh);
        if let Some(known) = known.max_by_key(|challenge| challenge.issued_at) {
            return Ok(known.clone());
        }
        rows.insert_challenge(challenge.clone(), self.max_challenges)?;
        Ok(challenge)
    }

    async fn list_live_challenges(
        &self,
        target: &ChallengeTarget,
        now: OffsetDateTime,
    ) -> Result<Vec<Challenge>, StoreError> {
        let is_meant = |challenge: &&Challenge| {
            ChallengeTarget::of(challenge).as_ref() == Some(target) && challenge.is_live(now)
        };
        let mut live: Vec<_> = self
            .rows()
            .challenges
            .iter()
            .filter(is_meant)
            .cloned()
            .collect();
        live.sort_by_key(|challenge| std::cmp::Reverse(challenge.issued_at));
        Ok(live)
    }

    async fn find_challenge(
        &self,
        profile: Profile,
        purpose: Purpose,
        id: ChallengeId,
    ) -> Result<Option<Challenge>, StoreError> {
        Ok(self.find(|c| (c.profile, c.purpose, c.id) == (profile, purpose, id)))
    }

    async fn find_challenge_by_nonce(
        &self,
        profile: Profile,
        purpose: Purpose,
        nonce: &Nonce,
    ) -> Result<Option<Challenge>, StoreError> {
        Ok(self.find(|c| (c.profile, c.purpose, &c.nonce) == (profile, purpose, nonce)))
    }

    async fn redeem(&self, redeem: Redeem) -> Result<Option<Granted>, StoreError> {
        let mut rows = self.rows();
        let is_answered = |challenge: &Challenge| {
            challenge.id == redeem.challenge && challenge.is_live(redeem.now)
        };
        let Some(at) = rows.challenges.iter().position(is_answered) else {
            return Ok(None);
        };
        let known = rows
            .wallets
            .iter()
            .find(|(key, _)| *key == redeem.wallet.key)
            .map(|(_, account)| *account);
        let issued = (redeem.grant)(known.unwrap_or(redeem.new_account));
        match &issued {
            Issued::Session(issued) => rows.sessions.push(issued.session.clone()),
            Issued::ApiKey(issued) if rows.has_room_for(&issued.key) => {
                rows.insert_api_key(issued.key.clone());
            }
            Issued::ApiKey(_) => return Err(StoreError::TooManyApiKeys),
        }
        rows.challenges[at].consumed_at = Some(redeem.now);
        if known.is_none() {
            rows.wallets.push((redeem.wallet.key, redeem.new_account));
        }
        Ok(Some(Granted {
            issued,
            is_new_account: known.is_none(),
        }))
    }

    async fn delete_challenges_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let before = rows.challenges.len();
        rows.challenges
            .retain(|challenge| challenge.expires_at >= instant);
        Ok((before - rows.challenges.len()) as u64)
    }
}

#[async_trait]
impl SessionStore for MemoryStore {
    async fn find_session(&self, token: &HashedSecret) -> Result<Option<Session>, StoreError> {
        let is_meant = |session: &&Session| session.token_hash == *token;
        let find = |rows: &Rows| rows.sessions.iter().find(is_meant).cloned();
        Ok(self.look_up(find).await)
    }

    async fn revoke_session(&self, id: SessionId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let mut rows = self.rows();
        let live = rows
            .sessions
            .iter_mut()
            .find(|session| session.id == id && session.revoked_at.is_none());
        Ok(live.map(|session| session.revoked_at = Some(now)).is_some())
    }

    async fn delete_sessions_expired_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let before = rows.sessions.len();
        rows.sessions
            .retain(|session| session.expires_at >= instant);
        Ok((before - rows.sessions.len()) as u64)
    }
}

#[async_trait]
impl ApiKeyStore for MemoryStore {
    async fn insert_api_key(&self, key: ApiKey) -> Result<(), StoreError> {
        let mut rows = self.rows();
        if !rows.has_room_for(&key) {
            return Err(StoreError::TooManyApiKeys);
        }
        rows.insert_api_key(key);
        Ok(())
    }

    async fn find_api_key(&self, secret: &HashedSecret) -> Result<Option<ApiKey>, StoreError> {
        let is_meant = |key: &&ApiKey| key.secret_hash == *secret;
        let find = |rows: &Rows| rows.api_keys.iter().find(is_meant).cloned();
        Ok(self.look_up(find).await)
    }

    async fn list_api_keys(&self, owner: &KeyOwner) -> Result<Vec<ApiKey>, StoreError> {
        let rows = self.rows();
        let mut keys: Vec<_> = rows
            .api_keys
            .iter()
            .filter(|key| holds(owner, key))
            .cloned()
            .collect();
        keys.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(keys)
    }

    async fn revoke_api_key(
        &self,
        owner: &KeyOwner,
        id: &ApiKeyId,
        now: OffsetDateTime,
    ) -> Result<Option<RevokedApiKey>, StoreError> {
        let mut rows = self.rows();
        let found = rows
            .api_keys
            .iter_mut()
            .find(|key| key.id == *id && holds(owner, key));
        Ok(found.map(|key| RevokedApiKey {
            secret_hash: key.secret_hash,
            is_fresh: key
                .revoked_at
                .replace(key.revoked_at.unwrap_or(now))
                .is_none(),
        }))
    }

    async fn record_api_key_uses(&self, uses: Vec<ApiKeyUse>) -> Result<(), StoreError> {
        let mut rows = self.rows();
        for used in uses {
            let key = rows
                .api_keys
                .iter_mut()
                .find(|key| key.secret_hash == used.secret_hash);
            let is_older =
                |key: &&mut ApiKey| key.last_use.is_none_or(|last| last.at <= used.last_use.at);
            if let Some(key) = key.filter(is_older) {
                key.last_use = Some(used.last_use);
            }
        }
        Ok(())
    }

    async fn delete_api_keys_dead_before(
        &self,
        instant: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut rows = self.rows();
        let before = rows.api_keys.len();
        let is_old = |end: Option<OffsetDateTime>| end.is_some_and(|end| end < instant);
        rows.api_keys
            .retain(|key| !is_old(key.revoked_at) && !is_old(key.expires_at));
        Ok((before - rows.api_keys.len()) as u64)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<OffsetDateTime>);

impl ManualClock {
    /// A clock set to this instant.
    pub fn at(instant: OffsetDateTime) -> Self {
        Self(Mutex::new(instant))
    }

    /// Moves the clock, forward or (with a negative duration) back.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that look random and repeat with the seed: SHA-256 of a counter.
#[derive(Debug)]
pub struct SeededRandom(Mutex<[u8; 32]>);

impl SeededRandom {
    /// Starts at this seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Sha256::digest(seed.to_be_bytes()).into()))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(state.len()) {
            *state = Sha256::digest(*state).into();
            chunk.copy_from_slice(&state[..chunk.len()]);
        }
    }
}

/// Tokens that spell out their claims and are signed by nobody: `SESSION.ACCOUNT.TOKEN_ID`.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainTokens;

impl TokenIssuer for PlainTokens {
    fn issue(&self, claims: &SessionClaims<'_>) -> Secret {
        Secret::new(format!(
            "{}.{}.{}",
            claims.session, claims.account, claims.token_id
        ))
    }
}
