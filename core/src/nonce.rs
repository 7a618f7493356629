//! The one-time value inside a challenge.

use std::fmt;

use crate::{
    Random,
    random::{UNGUESSABLE, base62},
};

/// Eight to 128 ASCII letters or digits (EIP-4361 `nonce`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// The grammar has no upper bound; the parser needs one.
    const LONGEST: usize = 128;

    /// A fresh nonce of 130 random bits.
    pub fn generate(random: &dyn Random) -> Self {
        Self(base62(random, UNGUESSABLE))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::SeededRandom;

    #[test]
    fn a_generated_nonce_has_22_letters_or_digits_and_reads_back() {
        let random = SeededRandom::new(1);
        let (first, second) = (Nonce::generate(&random), Nonce::generate(&random));
        assert_ne!(first, second);
        assert_eq!(
            (first.as_str().len(), Nonce::parse(first.as_str())),
            (22, Some(first.clone()))
        );
    }

    #[test]
    fn other_lengths_and_alphabets_are_no_nonces() {
        for text in [
            "",
            "1234567",
            "abcd-efgh",
            "abcdefg\u{e9}",
            &"a".repeat(129),
        ] {
            assert_eq!(Nonce::parse(text), None, "{text}");
        }
    }
}
