//! The keys that sign session tokens, one after the other. Each is published before its turn to sign comes, and stays
//! published after it until the last token that it signed has expired.

mod files;

use std::{fmt, path::PathBuf};

use countersign_core::message::format_instant;
use time::{Duration, OffsetDateTime};

pub use files::SigningKeyError;
pub(crate) use files::{FIRST, FOLDER, KeyFiles};

use crate::session_token::{PublishedKey, TokenKey};

/// How long others may keep an answer that lists the keys, in seconds.
pub(crate) const MAX_AGE: u32 = 300;
/// How often a server reads the files again, in seconds.
pub(crate) const READ_EVERY: u32 = 5;
/// How long after its turn a key may have signed: by a server that had not read of the next one yet, or whose clock was
/// behind.
const OVERLAP: Duration = Duration::seconds(READ_EVERY as i64 + 5);

/// Keys by their turns, the earliest first. There is at least one.
pub(crate) struct KeySet {
    turns: Vec<Turn>,
    token_ttl: Duration,
}

/// A key, and when its turn comes.
pub(crate) struct Turn {
    /// The key.
    pub key: TokenKey,
    /// The instant from which it signs; `None`: from the beginning.
    pub since: Option<OffsetDateTime>,
    /// Where it lies.
    pub file: PathBuf,
}

/// What a key is good for at some instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Its turn is yet to come, and others can know it already.
    Published,
    /// It signs.
    Signing,
    /// Another signs, and tokens of this one may be around.
    Retired {
        /// When the last of them has expired.
        until: OffsetDateTime,
    },
    /// All its tokens have expired. It is published no more.
    Expired,
}

impl KeySet {
    fn new(mut turns: Vec<Turn>, token_ttl: Duration) -> Self {
        assert!(!turns.is_empty(), "there is always a key to sign with");
        turns.sort_by_key(|turn| turn.since);
        Self { turns, token_ttl }
    }

    /// The key that signs at this instant. Should no key's turn have come, it is the earliest.
    pub(crate) fn signing_at(&self, now: OffsetDateTime) -> &TokenKey {
        &self.turns[self.turn_at(now)].key
    }

    /// Every key with its state, the earliest first.
    pub(crate) fn states(&self, now: OffsetDateTime) -> impl Iterator<Item = (&Turn, KeyState)> {
        let signing = self.turn_at(now);
        let state = move |(at, turn)| {
            let state = match usize::cmp(&at, &signing) {
                std::cmp::Ordering::Greater => KeyState::Published,
                std::cmp::Ordering::Equal => KeyState::Signing,
                std::cmp::Ordering::Less => self.after_its_turn(at, now),
            };
            (turn, state)
        };
        self.turns.iter().enumerate().map(state)
    }

    /// What others verify tokens with at this instant, each key once.
    pub(crate) fn published(&self, now: OffsetDateTime) -> Vec<&PublishedKey> {
        let mut published: Vec<&PublishedKey> = Vec::new();
        for (turn, state) in self.states(now) {
            let key = turn.key.published();
            if state != KeyState::Expired && !published.contains(&key) {
                published.push(key);
            }
        }
        published
    }

    /// The keys' names, the earliest first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        (self.turns.iter()).map(|turn| turn.key.published().id.as_str())
    }

    fn turn_at(&self, now: OffsetDateTime) -> usize {
        let has_come = |turn: &Turn| turn.since.is_none_or(|since| since <= now);
        self.turns.iter().rposition(has_come).unwrap_or(0)
    }

    fn after_its_turn(&self, at: usize, now: OffsetDateTime) -> KeyState {
        let next = self.turns[at + 1].since;
        let next = next.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        match next + self.token_ttl + OVERLAP {
            until if now < until => KeyState::Retired { until },
            _ => KeyState::Expired,
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published => f.write_str("published"),
            Self::Signing => f.write_str("signing"),
            Self::Retired { until } => write!(f, "retired until {}", format_instant(*until)),
            Self::Expired => f.write_str("expired"),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::random::SystemRandom;

    const NOW: OffsetDateTime = datetime!(2126-03-01 12:00 UTC);
    const TTL: Duration = Duration::hours(1);

    /// A set whose keys' turns come at these times from now, and the names of the keys in this order.
    fn set(turns: &[Option<Duration>]) -> (KeySet, Vec<String>) {
        let turn = |since: &Option<Duration>| Turn {
            key: TokenKey::from_pem(&TokenKey::generate(&SystemRandom)).unwrap(),
            since: since.map(|since| NOW + since),
            file: PathBuf::new(),
        };
        let turns: Vec<_> = turns.iter().map(turn).collect();
        let ids = turns.iter().map(|turn| turn.key.published().id.clone());
        let ids = ids.collect();
        (KeySet::new(turns, TTL), ids)
    }

    fn states(keys: &KeySet, now: OffsetDateTime) -> Vec<KeyState> {
        keys.states(now).map(|(_, state)| state).collect()
    }

    #[test]
    fn a_key_signs_from_its_instant_on_and_is_published_before() {
        let (keys, ids) = set(&[None, Some(Duration::ZERO)]);
        let before = NOW - Duration::MILLISECOND;
        assert_eq!(keys.signing_at(before).published().id, ids[0]);
        assert_eq!(keys.signing_at(NOW).published().id, ids[1]);
        let expected = [KeyState::Signing, KeyState::Published];
        assert_eq!(states(&keys, before), expected);
        assert_eq!(keys.published(before).len(), 2);
    }

    #[test]
    fn a_key_stays_published_until_its_last_token_has_expired() {
        let (keys, ids) = set(&[None, Some(Duration::ZERO)]);
        let until = NOW + TTL + OVERLAP;
        for (now, state, published) in [
            (NOW, KeyState::Retired { until }, 2),
            (
                until - Duration::MILLISECOND,
                KeyState::Retired { until },
                2,
            ),
            (until, KeyState::Expired, 1),
        ] {
            assert_eq!(states(&keys, now), [state, KeyState::Signing], "{now}");
            assert_eq!(keys.published(now).len(), published, "{now}");
        }
        assert_eq!(keys.published(until)[0].id, ids[1]);
    }

    #[test]
    fn a_key_that_was_overtaken_before_its_turn_keeps_its_turn() {
        let minutes = |minutes| Some(Duration::minutes(minutes));
        let (keys, ids) = set(&[minutes(10), None, minutes(0)]);
        let signing = |at| &keys.signing_at(NOW + Duration::minutes(at)).published().id;
        assert_eq!(
            [signing(-1), signing(0), signing(9), signing(10)],
            [&ids[1], &ids[2], &ids[2], &ids[0]]
        );
    }

    #[test]
    fn before_every_instant_the_earliest_key_signs() {
        let (keys, ids) = set(&[Some(Duration::HOUR), Some(Duration::MINUTE)]);
        assert_eq!(keys.signing_at(NOW).published().id, ids[1]);
        let expected = [KeyState::Signing, KeyState::Published];
        assert_eq!(states(&keys, NOW), expected);
    }

    #[test]
    fn a_key_that_lies_in_two_files_is_published_once() {
        let pem = TokenKey::generate(&SystemRandom);
        let turn = |since| Turn {
            key: TokenKey::from_pem(&pem).unwrap(),
            since,
            file: PathBuf::new(),
        };
        let keys = KeySet::new(vec![turn(None), turn(Some(NOW))], TTL);
        assert_eq!(keys.published(NOW).len(), 1);
    }
}
