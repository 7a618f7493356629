//! Secrets as types: what may be shown once, and what is stored.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::ZeroizeOnDrop;

/// A session token or API-key secret in clear. It is shown to its owner once and never
/// stored or printed: `Debug` is redacted, and there is no `Display`.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one answer that hands it out.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place. The secret has at least 128 random bits, so a plain
    /// digest cannot be searched backwards.
    pub fn hash(&self) -> HashedSecret {
        HashedSecret(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a whole [`Secret`]: the stored form, and the key by which a credential is found.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedSecret([u8; 32]);

impl HashedSecret {
    /// Takes a digest read from storage.
    pub fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
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
