//! Challenges in memory until their first answer, which then needs no look into the store.
//!
//! What is found here is only what the store was given: whether a challenge was consumed, the store alone decides.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::{
    challenge::{Challenge, ChallengeId, Message, Purpose},
    nonce::Nonce,
};

/// Challenges that are remembered at most, at less than a KiB each.
const CAPACITY: usize = 4096;

/// What an answer names its challenge by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Handle {
    /// The nonce in a message that the client built.
    Nonce(Nonce),
    /// The id of a challenge whose message the server built.
    Id(ChallengeId),
}

impl Handle {
    fn of(challenge: &Challenge) -> Self {
        match challenge.message {
            Message::ByClient { .. } => Self::Nonce(challenge.nonce.clone()),
            Message::ByServer { .. } => Self::Id(challenge.id),
        }
    }
}

/// The challenges that were issued last, unless they were answered.
#[derive(Debug, Default)]
pub(super) struct Unanswered(Mutex<Issued>);

#[derive(Debug, Default)]
struct Issued {
    by_handle: HashMap<Handle, Challenge>,
    /// In the order they were issued, and those that were answered, too.
    order: VecDeque<Handle>,
}

impl Unanswered {
    /// Remembers a challenge that was stored, and forgets the oldest instead where there are too many.
    pub(super) fn remember(&self, challenge: Challenge) {
        let handle = Handle::of(&challenge);
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if issued.order.len() == CAPACITY
            && let Some(oldest) = issued.order.pop_front()
        {
            issued.by_handle.remove(&oldest);
        }
        issued.order.push_back(handle.clone());
        issued.by_handle.insert(handle, challenge);
    }

    /// The challenge of this handle, if it was issued for this purpose, for its first answer. Further ones have to
    /// ask the store.
    pub(super) fn take(&self, purpose: Purpose, handle: &Handle) -> Option<Challenge> {
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let challenge = issued.by_handle.remove(handle);
        challenge.filter(|challenge| challenge.purpose == purpose)
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        chain::{Address, Namespace},
        memory::SeededRandom,
        profile::Profile,
    };

    #[test]
    fn a_challenge_is_given_once_and_the_oldest_is_forgotten() {
        let (random, now) = (SeededRandom::new(1), OffsetDateTime::UNIX_EPOCH);
        let fresh = || Challenge {
            id: ChallengeId::generate(now, &random),
            profile: Profile::Ocx,
            purpose: Purpose::SignIn,
            nonce: Nonce::generate(now, &random),
            address: Address::new("tester").unwrap(),
            message: Message::ByClient {
                namespace: Namespace::new("test").unwrap(),
            },
            issued_at: now,
            expires_at: now,
            consumed_at: None,
        };
        let unanswered = Unanswered::default();
        let challenges: Vec<_> = (0..=CAPACITY).map(|_| fresh()).collect();
        for challenge in &challenges {
            unanswered.remember(challenge.clone());
        }
        let take = |number: usize, purpose| {
            let handle = Handle::of(&challenges[number]);
            unanswered.take(purpose, &handle).map(|found| found.id)
        };
        assert_eq!(take(0, Purpose::SignIn), None);
        assert_eq!(take(1, Purpose::SignIn), Some(challenges[1].id));
        assert_eq!(take(1, Purpose::SignIn), None);
        assert_eq!(take(CAPACITY, Purpose::MintKey), None);
    }
}
