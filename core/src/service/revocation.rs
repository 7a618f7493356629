//! Revocation: end a credential before its time.

use std::sync::Arc;

use crate::{Clock, Error, principal::Principal, store::SessionStore};

/// Ends sessions. What is revoked is refused from the next request on.
#[derive(Clone)]
pub struct Revocation {
    store: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
}

impl Revocation {
    /// Revocation in this store.
    pub fn new(store: Arc<dyn SessionStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Revokes the session the principal came with; no difference if it was revoked already.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn revoke_session(&self, principal: &Principal) -> Result<(), Error> {
        let revoked = self
            .store
            .revoke_session(principal.session, self.clock.now())
            .await?;
        tracing::debug!(session = %principal.session, revoked, "revoked a session");
        Ok(())
    }
}
