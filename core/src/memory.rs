//! Test doubles: a store in memory, a clock to set, repeatable randomness.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::{
    Clock, Random,
    account::AccountId,
    challenge::{Challenge, ChallengeId, Purpose},
    nonce::Nonce,
    profile::Profile,
    secret::{HashedSecret, Secret},
    session::{Session, SessionClaims, SessionId, TokenIssuer},
    store::{ChallengeStore, Granted, Redeem, SessionStore, StoreError},
    wallet::WalletKey,
};

/// A store in memory. It keeps everything under one lock, so each call is atomic.
#[derive(Debug)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
    max_challenges: usize,
}

#[derive(Debug, Default)]
struct Rows {
    challenges: Vec<Challenge>,
    wallets: Vec<(WalletKey, AccountId)>,
    sessions: Vec<Session>,
}

impl MemoryStore {
    /// An empty store with this cap on unconsumed challenges.
    pub fn new(max_challenges: usize) -> Self {
        Self {
            rows: Mutex::default(),
            max_challenges,
        }
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
        let mut rows = self.rows();
        if rows
            .challenges
            .iter()
            .filter(|challenge| challenge.consumed_at.is_none())
            .count()
            >= self.max_challenges
        {
            return Err(StoreError::TooManyChallenges);
        }
        rows.challenges.push(challenge);
        Ok(())
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
        let Some(challenge) = rows
            .challenges
            .iter_mut()
            .find(|c| c.id == redeem.challenge && c.is_live(redeem.now))
        else {
            return Ok(None);
        };
        challenge.consumed_at = Some(redeem.now);
        let known = rows
            .wallets
            .iter()
            .find(|(key, _)| *key == redeem.wallet.key)
            .map(|(_, account)| *account);
        if known.is_none() {
            rows.wallets.push((redeem.wallet.key, redeem.new_account));
        }
        let issued = (redeem.grant)(known.unwrap_or(redeem.new_account));
        rows.sessions.push(issued.session.clone());
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
        Ok(self
            .rows()
            .sessions
            .iter()
            .find(|session| session.token_hash == *token)
            .cloned())
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

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(Mutex<OffsetDateTime>);

impl ManualClock {
    /// A clock set to this instant.
    pub fn at(instant: OffsetDateTime) -> Self {
        Self(Mutex::new(instant))
    }

    /// Moves the clock.
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

/// Tokens that spell out their claims and are signed by nobody.
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
