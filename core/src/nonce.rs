//! The one-time value inside a challenge.

use std::fmt;

use crate::{Random, random::base62};

/// Eight to 128 ASCII letters or digits (EIP-4361 `nonce`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// 22 base62 characters are 130 bits, above the 128 the design asks for.
    const LENGTH: usize = 22;
    /// The grammar has no upper bound; the parser needs one.
    const LONGEST: usize = 128;

    /// A fresh nonce of 130 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        Self(base62(random, Self::LENGTH))
    }

    /// Reads a nonce; `None` when it has another alphabet or length.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (8..=Self::LONGEST).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// The nonce as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
