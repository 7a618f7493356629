//! Secrets as types: what may be shown once, and what is stored.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::ZeroizeOnDrop;

/// A session token or API-key secret in clear. It is shown to its owner once and never
/// stored or printed: `Debug` is redacted, and there is no `Display`. Its memory is wiped when dropped.
///
/// ```
/// use countersign_core::secret::Secret;
///
/// let secret = Secret::new("ocx_sk_0123".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// assert_eq!(secret.expose(), "ocx_sk_0123");
/// ```
#[derive(Clone, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret: one that was just made, or that a request presents.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one answer that hands it out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place. A secret that is issued must have at least 128 random bits: then a plain
    /// digest cannot be searched backwards.
    pub fn hash(&self) -> HashedSecret {
        HashedSecret::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a whole [`Secret`]: the stored form, and the key by which a credential is found.
/// `Debug` is redacted, too.
///
/// ```
/// use countersign_core::secret::{HashedSecret, Secret};
///
/// let presented = Secret::new("ocx_sk_0123".to_owned());
/// let stored: [u8; 32] = *presented.hash().as_bytes();
/// assert_eq!(HashedSecret::from_bytes(stored), presented.hash());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedSecret([u8; 32]);

impl HashedSecret {
    /// The SHA-256 of a secret that is read where it stands, for example in a header.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Takes a digest read from storage.
    pub fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest, to be stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for HashedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let secret = Secret::new("ocx_sk_very-secret".into());
        assert_eq!(
            format!("{secret:?} {:?}", secret.hash()),
            "Secret(…) HashedSecret(…)"
        );
    }
}
