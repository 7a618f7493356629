//! The suite every store passes. [`store_suite!`](crate::store_suite!) makes one test of each case.

mod api_keys;

use std::sync::Arc;

use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    account::AccountId,
    chain::Address,
    challenge::{Challenge, ChallengeId, Message, Purpose},
    memory::SeededRandom,
    nonce::Nonce,
    profile::Profile,
    secret::Secret,
    session::{IssuedSession, Session, SessionId},
    store::{Granted, Issued, Redeem, Store, StoreError},
    wallet::Wallet,
};

/// The cap on challenges that a store under test must have.
pub const MAX_CHALLENGES: usize = 10;

/// The instant at which the suite takes place.
pub const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00.123 UTC);

/// Makes one `#[tokio::test]` of every case of the suite. The argument is an expression that
/// evaluates, with `.await` allowed, to `(guard, Arc<dyn Store>)`; the guard lives as long as the test.
/// Each store must be empty, and have room for [`MAX_CHALLENGES`](crate::store_suite::MAX_CHALLENGES).
///
/// ```
/// # #![allow(dead_code)]
/// use std::sync::Arc;
///
/// use countersign_core::{memory::MemoryStore, store::Store, store_suite};
///
/// async fn open() -> ((), Arc<dyn Store>) {
///     ((), Arc::new(MemoryStore::new(store_suite::MAX_CHALLENGES)))
/// }
///
/// store_suite!(open().await);
/// ```
#[macro_export]
macro_rules! store_suite {
    ($open:expr) => {
        $crate::store_suite!(@cases $open;
            a_challenge_is_found_by_id_and_by_nonce,
            a_challenge_is_not_found_in_another_profile_or_purpose,
            a_server_built_challenge_keeps_its_message,
            the_cap_on_challenges_holds,
            a_redeemed_challenge_frees_its_place,
            redeeming_starts_a_session,
            a_challenge_is_redeemed_once,
            an_expired_challenge_is_not_redeemed,
            an_unknown_challenge_is_not_redeemed,
            a_lost_redeem_leaves_no_account_behind,
            the_same_wallet_keeps_its_account,
            one_of_many_racing_redeems_wins,
            racing_first_sign_ins_of_one_wallet_share_one_account,
            a_session_is_revoked_once,
            an_unknown_session_is_not_revoked,
            old_rows_are_forgotten,
            a_target_is_given_the_same_challenge_again,
            racing_callers_are_given_one_challenge,
            live_challenges_are_listed_by_target,
            reusing_a_challenge_takes_no_place,
            an_api_key_is_found_as_it_was_kept,
            redeeming_mints_an_api_key,
            an_account_has_so_many_live_keys_and_no_more,
            a_redeem_over_the_cap_consumes_nothing,
            racing_mints_stay_under_the_cap,
            the_oldest_dead_keys_make_room_and_live_ones_stay,
            keys_are_listed_newest_first_by_account_or_wallet,
            a_key_is_revoked_once_and_by_its_owner,
            uses_are_recorded_and_never_go_back,
            keys_that_died_long_ago_are_forgotten,
        );
    };
    (@cases $open:expr; $($case:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                let (_guard, store) = $open;
                $crate::store_suite::$case(store).await;
            }
        )*
    };
}

/// A fresh challenge of the suite's; `seed` makes it differ from others.
pub fn challenge(seed: u64) -> Challenge {
    let random = SeededRandom::new(seed);
    Challenge {
        id: ChallengeId::generate(NOW, &random),
        profile: Profile::Ocx,
        purpose: Purpose::SignIn,
        nonce: Nonce::generate(NOW, &random),
        address: Address::new("0xE8Ca3a5e790ccC004167F3846879fd794da912B7")
            .expect("a CAIP-10 address"),
        message: Message::ByClient {
            namespace: crate::chain::Namespace::new("eip155").expect("a namespace"),
        },
        issued_at: NOW,
        expires_at: NOW + Duration::minutes(5),
        consumed_at: None,
    }
}

/// The command to redeem `challenge` as the wallet of this name; `seed` makes account and session differ from others.
pub fn redeem(challenge: &Challenge, wallet: &str, seed: u64) -> Redeem {
    let random = SeededRandom::new(seed);
    let (id, token) = (
        SessionId::generate(NOW, &random),
        Secret::new(format!("token {seed}")),
    );
    let wallet_address = format!("eip155:1:{wallet}")
        .parse()
        .expect("a CAIP-10 name");
    let control = crate::verifier::Control::Key;
    let proven = crate::verifier::ProvenAccount {
        account: wallet_address,
        control,
    };
    let info = crate::verifier::ChainInfo {
        namespace: proven.account.chain.namespace().clone(),
        name: "Ethereum".into(),
        chain_ids: vec![proven.account.chain.clone()],
        key_types: vec![],
        needs_public_key: false,
        address_is_key: true,
        source: crate::verifier::Source::Builtin,
    };
    let wallet = Wallet::of(&info, &proven);
    Redeem {
        challenge: challenge.id,
        now: NOW,
        wallet: wallet.clone(),
        new_account: AccountId::generate(NOW, &random),
        grant: Arc::new(move |account| {
            Issued::Session(Box::new(IssuedSession {
                session: session(id, account, &token, &wallet),
                token: token.clone(),
            }))
        }),
    }
}

fn session(id: SessionId, account: AccountId, token: &Secret, wallet: &Wallet) -> Session {
    let (token_hash, expires_at) = (token.hash(), NOW + Duration::days(7));
    Session {
        id,
        profile: Profile::Ocx,
        account,
        wallet: wallet.address.clone(),
        wallet_key: wallet.key.clone(),
        token_hash,
        issued_at: NOW,
        expires_at,
        revoked_at: None,
    }
}

async fn inserted(store: &dyn Store, seed: u64) -> Challenge {
    let challenge = challenge(seed);
    store
        .insert_challenge(challenge.clone())
        .await
        .expect("the challenge is kept");
    challenge
}

/// The session that a redeem gave.
fn session_of(granted: Option<Granted>) -> Session {
    match granted.expect("the challenge is live").issued {
        Issued::Session(issued) => issued.session,
        Issued::ApiKey(_) => panic!("the grant makes a session"),
    }
}

async fn redeemed(store: &dyn Store, redeem: Redeem) -> Option<Granted> {
    store.redeem(redeem).await.expect("the store answers")
}

#[expect(missing_docs, reason = "the names of the cases say what they show")]
mod cases {
    use super::*;

    pub async fn a_challenge_is_found_by_id_and_by_nonce(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        inserted(&*store, 2).await;
        let by_id = store
            .find_challenge(Profile::Ocx, Purpose::SignIn, challenge.id)
            .await;
        let by_nonce = store
            .find_challenge_by_nonce(Profile::Ocx, Purpose::SignIn, &challenge.nonce)
            .await;
        assert_eq!(by_id, Ok(Some(challenge.clone())));
        assert_eq!(by_nonce, Ok(Some(challenge)));
    }

    pub async fn a_challenge_is_not_found_in_another_profile_or_purpose(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        for (profile, purpose) in [
            (Profile::Aura, Purpose::SignIn),
            (Profile::Ocx, Purpose::MintKey),
        ] {
            assert_eq!(
                store.find_challenge(profile, purpose, challenge.id).await,
                Ok(None)
            );
            assert_eq!(
                store
                    .find_challenge_by_nonce(profile, purpose, &challenge.nonce)
                    .await,
                Ok(None)
            );
        }
    }

    pub async fn a_server_built_challenge_keeps_its_message(store: Arc<dyn Store>) {
        let chain = "eip155:8453".parse().expect("a chain id");
        let message = Message::ByServer {
            chain,
            text: "line one\n\nline three".into(),
        };
        let challenge = Challenge {
            message,
            ..challenge(1)
        };
        store
            .insert_challenge(challenge.clone())
            .await
            .expect("the challenge is kept");
        assert_eq!(
            store
                .find_challenge(Profile::Ocx, Purpose::SignIn, challenge.id)
                .await,
            Ok(Some(challenge))
        );
    }

    pub async fn the_cap_on_challenges_holds(store: Arc<dyn Store>) {
        for seed in 0..MAX_CHALLENGES as u64 {
            inserted(&*store, seed).await;
        }
        assert_eq!(
            store.insert_challenge(challenge(99)).await,
            Err(StoreError::TooManyChallenges)
        );
        assert_eq!(
            store
                .delete_challenges_expired_before(NOW + Duration::hours(1))
                .await,
            Ok(MAX_CHALLENGES as u64)
        );
        assert_eq!(store.insert_challenge(challenge(99)).await, Ok(()));
    }

    pub async fn a_redeemed_challenge_frees_its_place(store: Arc<dyn Store>) {
        let first = inserted(&*store, 0).await;
        for seed in 1..MAX_CHALLENGES as u64 {
            inserted(&*store, seed).await;
        }
        assert!(redeemed(&*store, redeem(&first, "0xab", 7)).await.is_some());
        assert_eq!(store.insert_challenge(challenge(98)).await, Ok(()));
        assert_eq!(
            store.insert_challenge(challenge(99)).await,
            Err(StoreError::TooManyChallenges)
        );
    }

    pub async fn redeeming_starts_a_session(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        let granted = redeemed(&*store, redeem(&challenge, "0xab", 7))
            .await
            .expect("the challenge is live");
        assert!(granted.is_new_account);
        let session = session_of(Some(granted));
        let found = store.find_session(&session.token_hash).await;
        assert_eq!(found, Ok(Some(session)));
        let challenge = store
            .find_challenge(Profile::Ocx, Purpose::SignIn, challenge.id)
            .await;
        assert_eq!(
            challenge
                .expect("the store answers")
                .expect("it is kept")
                .consumed_at,
            Some(NOW)
        );
    }

    pub async fn a_challenge_is_redeemed_once(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        assert!(
            redeemed(&*store, redeem(&challenge, "0xab", 7))
                .await
                .is_some()
        );
        assert!(
            redeemed(&*store, redeem(&challenge, "0xab", 8))
                .await
                .is_none()
        );
        assert_eq!(
            store
                .find_session(&Secret::new("token 8".into()).hash())
                .await,
            Ok(None)
        );
    }

    pub async fn an_expired_challenge_is_not_redeemed(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        let late = |now| Redeem {
            now,
            ..redeem(&challenge, "0xab", 7)
        };
        assert!(
            redeemed(&*store, late(challenge.expires_at))
                .await
                .is_none()
        );
        assert!(
            redeemed(&*store, late(challenge.expires_at - Duration::MILLISECOND))
                .await
                .is_some()
        );
    }

    pub async fn an_unknown_challenge_is_not_redeemed(store: Arc<dyn Store>) {
        assert!(
            redeemed(&*store, redeem(&challenge(1), "0xab", 7))
                .await
                .is_none()
        );
    }

    pub async fn a_lost_redeem_leaves_no_account_behind(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        redeemed(&*store, redeem(&challenge, "0xab", 7))
            .await
            .expect("the challenge is live");
        assert!(
            redeemed(&*store, redeem(&challenge, "0xcd", 8))
                .await
                .is_none()
        );
        let next = inserted(&*store, 2).await;
        let granted = redeemed(&*store, redeem(&next, "0xcd", 9))
            .await
            .expect("the challenge is live");
        assert!(
            granted.is_new_account,
            "the lost redeem had created the account"
        );
    }

    pub async fn the_same_wallet_keeps_its_account(store: Arc<dyn Store>) {
        let (first, second, third) = (
            inserted(&*store, 1).await,
            inserted(&*store, 2).await,
            inserted(&*store, 3).await,
        );
        let account = |granted: Option<Granted>| session_of(granted).account;
        let of_first = account(redeemed(&*store, redeem(&first, "0xab", 7)).await);
        assert_eq!(
            account(redeemed(&*store, redeem(&second, "0xab", 8)).await),
            of_first
        );
        assert_ne!(
            account(redeemed(&*store, redeem(&third, "0xcd", 9)).await),
            of_first
        );
    }

    pub async fn one_of_many_racing_redeems_wins(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        let won = race(
            &store,
            (0..64)
                .map(|seed| redeem(&challenge, "0xab", seed))
                .collect(),
        )
        .await;
        assert_eq!(won.len(), 1);
    }

    pub async fn racing_first_sign_ins_of_one_wallet_share_one_account(store: Arc<dyn Store>) {
        let mut redeems = Vec::new();
        for seed in 0..8 {
            redeems.push(redeem(&inserted(&*store, seed).await, "0xab", seed));
        }
        let won = race(&store, redeems).await;
        assert_eq!(won.len(), 8);
        assert_eq!(
            won.iter().filter(|granted| granted.is_new_account).count(),
            1
        );
        assert!(
            won.iter()
                .all(|granted| granted.issued.account() == won[0].issued.account())
        );
    }

    pub async fn a_session_is_revoked_once(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        let session = session_of(redeemed(&*store, redeem(&challenge, "0xab", 7)).await);
        let later = NOW + Duration::hours(1);
        assert_eq!(store.revoke_session(session.id, later).await, Ok(true));
        assert_eq!(
            store
                .revoke_session(session.id, later + Duration::hours(1))
                .await,
            Ok(false)
        );
        let found = store
            .find_session(&session.token_hash)
            .await
            .expect("the store answers")
            .expect("it is kept");
        assert_eq!(found.revoked_at, Some(later));
    }

    pub async fn an_unknown_session_is_not_revoked(store: Arc<dyn Store>) {
        let unknown = SessionId::generate(NOW, &SeededRandom::new(1));
        assert_eq!(store.revoke_session(unknown, NOW).await, Ok(false));
    }

    pub async fn old_rows_are_forgotten(store: Arc<dyn Store>) {
        let challenge = inserted(&*store, 1).await;
        let session = session_of(redeemed(&*store, redeem(&challenge, "0xab", 7)).await);
        assert_eq!(
            store
                .delete_challenges_expired_before(challenge.expires_at)
                .await,
            Ok(0)
        );
        assert_eq!(
            store
                .delete_challenges_expired_before(challenge.expires_at + Duration::SECOND)
                .await,
            Ok(1)
        );
        assert_eq!(
            store
                .delete_sessions_expired_before(session.expires_at)
                .await,
            Ok(0)
        );
        assert_eq!(
            store
                .delete_sessions_expired_before(session.expires_at + Duration::SECOND)
                .await,
            Ok(1)
        );
        assert_eq!(store.find_session(&session.token_hash).await, Ok(None));
    }

    async fn race(store: &Arc<dyn Store>, redeems: Vec<Redeem>) -> Vec<Granted> {
        let start = |redeem| {
            let store = store.clone();
            tokio::spawn(async move { redeemed(&*store, redeem).await })
        };
        let racers: Vec<_> = redeems.into_iter().map(start).collect();
        let mut won = Vec::new();
        for racer in racers {
            won.extend(racer.await.expect("no racer panics"));
        }
        won
    }
}

pub use api_keys::*;
pub use cases::*;

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_listed() {
        let source = concat!(
            include_str!("store_suite.rs"),
            include_str!("store_suite/api_keys.rs")
        );
        let named = |line: &'static str| {
            line.trim_start()
                .strip_prefix("pub async fn ")?
                .split('(')
                .next()
        };
        let cases: Vec<_> = source.lines().filter_map(named).collect();
        assert!(!cases.is_empty());
        for case in cases {
            assert!(
                source.contains(&format!("            {case},\n")),
                "{case} is not in the macro's list"
            );
        }
    }
}
