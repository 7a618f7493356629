//! Session check: token to principal.

use std::sync::Arc;

use crate::{
    Clock, Error, principal::Principal, profile::Profile, secret::Secret, store::SessionStore,
};

/// Tells who a session token stands for, in one profile.
#[derive(Clone)]
pub struct SessionCheck {
    store: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
    profile: Profile,
}

impl SessionCheck {
    /// A check within this profile.
    pub fn new(store: Arc<dyn SessionStore>, clock: Arc<dyn Clock>, profile: Profile) -> Self {
        Self {
            store,
            clock,
            profile,
        }
    }

    /// The principal behind a token. The token is found by its hash and never trusted for its signature.
    ///
    /// # Errors
    /// [`Error::InvalidCredential`] (also for another profile's token), [`Error::RevokedCredential`],
    /// [`Error::ExpiredCredential`], or [`Error::Store`].
    pub async fn authenticate(&self, token: &Secret) -> Result<Principal, Error> {
        let found = self.store.find_session(&token.hash()).await?;
        let session = found
            .filter(|session| session.profile == self.profile)
            .ok_or(Error::InvalidCredential)?;
        if session.revoked_at.is_some() {
            return Err(Error::RevokedCredential);
        }
        if self.clock.now() >= session.expires_at {
            return Err(Error::ExpiredCredential);
        }
        Ok(session.into())
    }
}
