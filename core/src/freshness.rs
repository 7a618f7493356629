//! Whether what is remembered may be believed.

/// Tells whether this process has heard of every revocation, whichever process of a fleet made it.
///
/// Credentials in memory are believed only while it says so; without it every check asks the store.
pub trait Freshness: Send + Sync {
    /// Whether nothing was missed, as far as the fleet promises. Asked with every check of a credential.
    fn is_proven(&self) -> bool;
}

/// For a store that no other process changes: who revokes has told memory before anybody is answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneProcess;

impl Freshness for OneProcess {
    fn is_proven(&self) -> bool {
        true
    }
}
