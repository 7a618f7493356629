//! Revocation: end a credential before its time.

use std::sync::Arc;

use super::credentials::{CredentialKind, Credentials};
use crate::{
    Clock, Error,
    api_key::ApiKeyId,
    profile::Profile,
    secret::HashedSecret,
    store::{KeyOwner, Store},
};

/// Ends sessions and API keys. What is revoked is refused by every request that begins after
/// the call has returned. The calls must be polled to their end. After an error it may take a minute,
/// or another call, until it is known everywhere whether the revocation was done.
#[derive(Clone)]
pub struct Revocation {
    store: Arc<dyn Store>,
    credentials: Arc<Credentials>,
    clock: Arc<dyn Clock>,
}

/// What became of a key that was to be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRevocation {
    /// It is revoked now.
    Done,
    /// It was before.
    WasRevoked,
    /// The owner has no such key.
    NotFound,
}

impl Revocation {
    /// Revocation in this store, and from the memory in front of it.
    pub fn new(
        store: Arc<dyn Store>,
        credentials: Arc<Credentials>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            credentials,
            clock,
        }
    }

    /// Revokes the session whose token has this hash, if it is one of the profile's. It is no error if there is none, or
    /// if it is dead already.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn revoke_session(
        &self,
        profile: Profile,
        token: &HashedSecret,
    ) -> Result<(), Error> {
        let found = self.store.find_session(token).await?;
        let Some(session) = found.filter(|session| session.profile == profile) else {
            return Ok(());
        };
        let now = self.clock.now();
        let revoked = self.store.revoke_session(session.id, now).await;
        // A store that did not answer in time may have done it.
        self.credentials.evict(token);
        let is_fresh = revoked?;
        if is_fresh {
            let tally = self.credentials.tally();
            tally.count_revoked(profile, CredentialKind::Session);
        }
        tracing::debug!(session = %session.id, revoked = is_fresh, "revoked a session");
        Ok(())
    }

    /// Revokes a key of this owner.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn revoke_api_key(
        &self,
        owner: &KeyOwner,
        id: &ApiKeyId,
    ) -> Result<KeyRevocation, Error> {
        let now = self.clock.now();
        let Some(revoked) = self.store.revoke_api_key(owner, id, now).await? else {
            return Ok(KeyRevocation::NotFound);
        };
        self.credentials.evict(&revoked.secret_hash);
        tracing::debug!(key = %id, revoked = revoked.is_fresh, "revoked an API key");
        if !revoked.is_fresh {
            return Ok(KeyRevocation::WasRevoked);
        }
        let tally = self.credentials.tally();
        tally.count_revoked(owner.profile, CredentialKind::ApiKey);
        Ok(KeyRevocation::Done)
    }
}
