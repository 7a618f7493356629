//! The one-time value inside a challenge.

use std::fmt;

use time::OffsetDateTime;

use crate::{
    Random,
    random::{UNGUESSABLE, base62, base62_digits},
};

/// Enough for milliseconds until the year 8888.
const TIME_LENGTH: usize = 8;

/// Eight to 128 ASCII letters or digits (EIP-4361 `nonce`, which has no upper bound). Letter case counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nonce(String);

impl Nonce {
    /// The grammar has no upper bound; the parser needs one.
    const LONGEST: usize = 128;

    /// A fresh nonce of 30 characters: the time in milliseconds, in eight of them, and 130 random bits.
    /// Beginning with the time, fresh ones stand side by side in a store's index.
    pub fn generate(now: OffsetDateTime, random: &dyn Random) -> Self {
        let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
        let time: [u8; TIME_LENGTH] = base62_digits(milliseconds);
        Self(time.map(char::from).iter().collect::<String>() + &base62(random, UNGUESSABLE))
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
    fn a_generated_nonce_has_30_letters_or_digits_and_reads_back() {
        let (random, now) = (
            SeededRandom::new(1),
            time::macros::datetime!(2026-03-01 12:00 UTC),
        );
        let (first, second) = (Nonce::generate(now, &random), Nonce::generate(now, &random));
        assert_ne!(first, second);
        assert_eq!(
            (first.as_str().len(), Nonce::parse(first.as_str())),
            (30, Some(first.clone()))
        );
    }

    #[test]
    fn a_later_nonce_sorts_behind() {
        let (random, mut now) = (
            SeededRandom::new(1),
            time::macros::datetime!(2026-03-01 12:00 UTC),
        );
        let mut last = Nonce::generate(now, &random);
        for _ in 0..200 {
            now += time::Duration::milliseconds(7);
            let next = Nonce::generate(now, &random);
            assert!(last.as_str() < next.as_str(), "{last} {next}");
            last = next;
        }
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
