//! The cases about API keys, and about challenges that are found by their address.
#![expect(missing_docs, reason = "the names of the cases say what they show")]

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::{MAX_CHALLENGES, NOW, challenge, inserted, redeem, redeemed, session_of};
use crate::{
    api_key::{ApiKey, ApiKeyOwner, ApiKeyRequest, IssuedApiKey, LastUse},
    challenge::{Challenge, Message},
    memory::SeededRandom,
    profile::Profile,
    scope::ScopeSet,
    secret::Secret,
    store::{
        ApiKeyUse, ChallengeTarget, Issued, KeyHolder, KeyOwner, MAX_KEPT_API_KEYS,
        MAX_LIVE_API_KEYS, Redeem, Store, StoreError,
    },
    wallet::WalletKey,
};

/// A challenge with the server's message.
fn by_server(seed: u64, issued_at: OffsetDateTime) -> Challenge {
    let text = format!("message {seed}");
    let chain = "eip155:1".parse().expect("a chain id");
    Challenge {
        profile: Profile::Aura,
        message: Message::ByServer { chain, text },
        issued_at,
        expires_at: issued_at + Duration::minutes(5),
        ..challenge(seed)
    }
}

async fn offered(store: &dyn Store, challenge: &Challenge) -> Challenge {
    let since = challenge.issued_at - Duration::MINUTE;
    let given = store
        .insert_or_reuse_challenge(challenge.clone(), since)
        .await;
    given.expect("the store answers")
}

fn target(challenge: &Challenge) -> ChallengeTarget {
    ChallengeTarget::of(challenge).expect("the server built the message")
}

/// An account with one wallet.
async fn owner(store: &dyn Store, seed: u64) -> ApiKeyOwner {
    let challenge = inserted(store, seed).await;
    let wallet = format!("0x{seed:02x}");
    let session = session_of(redeemed(store, redeem(&challenge, &wallet, seed)).await);
    ApiKeyOwner {
        account: session.account,
        wallet: session.wallet,
        wallet_key: session.wallet_key,
    }
}

fn issue(owner: &ApiKeyOwner, seed: u64) -> IssuedApiKey {
    let request = ApiKeyRequest {
        name: Some(format!("key {seed}")),
        scopes: ScopeSet::parse("read write:tx").expect("scopes"),
        allowlist: "203.0.113.7,2001:db8::/32".parse().expect("networks"),
        ttl: Some(Duration::days(1)),
    };
    let random = SeededRandom::new(seed);
    IssuedApiKey::generate(Profile::Aura, owner.clone(), &request, NOW, &random)
}

fn key(owner: &ApiKeyOwner, seed: u64) -> ApiKey {
    issue(owner, seed).key
}

async fn kept(store: &dyn Store, key: ApiKey) -> ApiKey {
    store
        .insert_api_key(key.clone())
        .await
        .expect("the key is kept");
    key
}

fn of_account(owner: &ApiKeyOwner) -> KeyOwner {
    KeyOwner {
        profile: Profile::Aura,
        holder: KeyHolder::Account(owner.account),
    }
}

fn of_wallet(owner: &ApiKeyOwner) -> KeyOwner {
    KeyOwner {
        profile: Profile::Aura,
        holder: KeyHolder::Wallet(owner.wallet_key.clone()),
    }
}

/// The command to redeem a challenge for a key.
fn redeem_for_key(challenge: &Challenge, wallet: &str, seed: u64) -> Redeem {
    let redeem = redeem(challenge, wallet, seed);
    let (wallet, wallet_key) = (redeem.wallet.address.clone(), redeem.wallet.key.clone());
    let grant = move |account| {
        let owner = ApiKeyOwner {
            account,
            wallet: wallet.clone(),
            wallet_key: wallet_key.clone(),
        };
        Issued::ApiKey(Box::new(issue(&owner, seed)))
    };
    Redeem {
        grant: Arc::new(grant),
        ..redeem
    }
}

pub async fn a_target_is_given_the_same_challenge_again(store: Arc<dyn Store>) {
    let first = offered(&*store, &by_server(1, NOW)).await;
    let soon = offered(&*store, &by_server(2, NOW + Duration::seconds(59))).await;
    assert_eq!(soon, first);
    let later = offered(&*store, &by_server(3, NOW + Duration::seconds(60))).await;
    assert_ne!(later, first);
    let elsewhere = Challenge {
        profile: Profile::Ocx,
        ..by_server(4, NOW)
    };
    assert_eq!(offered(&*store, &elsewhere).await, elsewhere);
    redeemed(&*store, redeem(&later, "0xab", 7))
        .await
        .expect("the challenge is live");
    let fresh = by_server(5, NOW + Duration::seconds(61));
    assert_eq!(
        offered(&*store, &fresh).await,
        fresh,
        "a used one is given to nobody"
    );
}

pub async fn racing_callers_are_given_one_challenge(store: Arc<dyn Store>) {
    let ask = |seed| {
        let store = store.clone();
        tokio::spawn(async move { offered(&*store, &by_server(seed, NOW)).await })
    };
    let asking: Vec<_> = (0..16).map(ask).collect();
    let mut given = Vec::new();
    for asked in asking {
        given.push(asked.await.expect("no caller panics"));
    }
    assert!(given.iter().all(|challenge| *challenge == given[0]));
}

pub async fn live_challenges_are_listed_by_target(store: Arc<dyn Store>) {
    let second = Duration::SECOND;
    let (old, new) = (by_server(1, NOW), by_server(2, NOW + second));
    let other = Challenge {
        profile: Profile::Ocx,
        ..by_server(3, NOW)
    };
    for challenge in [&old, &new, &other] {
        store
            .insert_challenge(challenge.clone())
            .await
            .expect("it is kept");
    }
    inserted(&*store, 4).await;
    let list = |now| {
        let (store, target) = (store.clone(), target(&old));
        async move {
            store
                .list_live_challenges(&target, now)
                .await
                .expect("the store answers")
        }
    };
    assert_eq!(list(NOW + second).await, [new.clone(), old.clone()]);
    assert_eq!(list(old.expires_at).await, std::slice::from_ref(&new));
    redeemed(&*store, redeem(&new, "0xab", 7))
        .await
        .expect("the challenge is live");
    assert_eq!(list(NOW + second).await, [old]);
}

pub async fn reusing_a_challenge_takes_no_place(store: Arc<dyn Store>) {
    for seed in 0..2 * MAX_CHALLENGES as u64 {
        offered(&*store, &by_server(seed, NOW)).await;
    }
    let other = inserted(&*store, 100).await;
    assert_ne!(other.id, by_server(0, NOW).id);
}

pub async fn an_api_key_is_found_as_it_was_kept(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    let bare = ApiKey {
        name: None,
        allowlist: Default::default(),
        expires_at: None,
        rate_limit_per_minute: Some(42),
        ..key(&owner, 2)
    };
    for key in [key(&owner, 1), bare] {
        let key = kept(&*store, key).await;
        assert_eq!(store.find_api_key(&key.secret_hash).await, Ok(Some(key)));
    }
    let unknown = Secret::new("unknown".into()).hash();
    assert_eq!(store.find_api_key(&unknown).await, Ok(None));
}

pub async fn redeeming_mints_an_api_key(store: Arc<dyn Store>) {
    let challenge = inserted(&*store, 1).await;
    let granted = redeemed(&*store, redeem_for_key(&challenge, "0xab", 7)).await;
    let granted = granted.expect("the challenge is live");
    let Issued::ApiKey(issued) = granted.issued else {
        panic!("the grant makes a key");
    };
    assert!(granted.is_new_account);
    assert_eq!(
        store.find_api_key(&issued.secret.hash()).await,
        Ok(Some(issued.key))
    );
    assert!(
        redeemed(&*store, redeem_for_key(&challenge, "0xab", 8))
            .await
            .is_none()
    );
}

pub async fn an_account_has_so_many_live_keys_and_no_more(store: Arc<dyn Store>) {
    let (owner, other) = (owner(&*store, 1).await, owner(&*store, 2).await);
    let expired = ApiKey {
        expires_at: Some(NOW),
        created_at: NOW - Duration::DAY,
        ..key(&owner, 1000)
    };
    kept(&*store, expired).await;
    for seed in 0..MAX_LIVE_API_KEYS as u64 {
        kept(&*store, key(&owner, seed)).await;
    }
    let full = store.insert_api_key(key(&owner, 2000)).await;
    assert_eq!(full, Err(StoreError::TooManyApiKeys));
    kept(&*store, key(&other, 2001)).await;
    let in_another_profile = ApiKey {
        profile: Profile::Ocx,
        ..key(&owner, 2002)
    };
    kept(&*store, in_another_profile).await;
    let one = key(&owner, 0).id;
    let revoked = store.revoke_api_key(&of_account(&owner), &one, NOW).await;
    assert!(revoked.expect("the store answers").is_some());
    kept(&*store, key(&owner, 2003)).await;
}

pub async fn a_redeem_over_the_cap_consumes_nothing(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    for seed in 0..MAX_LIVE_API_KEYS as u64 {
        kept(&*store, key(&owner, seed)).await;
    }
    let challenge = inserted(&*store, 50).await;
    let mint = || redeem_for_key(&challenge, owner.wallet.address.as_str(), 3000);
    assert_eq!(
        store.redeem(mint()).await.err(),
        Some(StoreError::TooManyApiKeys)
    );
    let one = key(&owner, 0).id;
    let revoked = store.revoke_api_key(&of_account(&owner), &one, NOW).await;
    assert!(revoked.expect("the store answers").is_some());
    assert!(
        redeemed(&*store, mint()).await.is_some(),
        "the challenge was consumed"
    );
    let lost = store.redeem(mint()).await;
    assert!(
        matches!(lost, Ok(None)),
        "a used challenge comes before the cap: {lost:?}"
    );
}

pub async fn racing_mints_stay_under_the_cap(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    for seed in 0..MAX_LIVE_API_KEYS as u64 - 4 {
        kept(&*store, key(&owner, seed)).await;
    }
    let mint = |seed| {
        let (store, key) = (store.clone(), key(&owner, seed));
        tokio::spawn(async move { store.insert_api_key(key).await })
    };
    let minting: Vec<_> = (500..516).map(mint).collect();
    let mut minted = 0;
    for mint in minting {
        match mint.await.expect("no mint panics") {
            Ok(()) => minted += 1,
            Err(error) => assert_eq!(error, StoreError::TooManyApiKeys),
        }
    }
    assert_eq!(minted, 4);
}

pub async fn the_oldest_dead_keys_make_room_and_live_ones_stay(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    let live = kept(&*store, key(&owner, 0)).await;
    let dead = |seed: u64| {
        let at = NOW - Duration::DAY + Duration::seconds(i64::try_from(seed).expect("small"));
        ApiKey {
            created_at: at,
            expires_at: Some(at),
            ..key(&owner, seed)
        }
    };
    let surplus = 10;
    for seed in 1..=(MAX_KEPT_API_KEYS + surplus) as u64 {
        kept(&*store, dead(seed)).await;
    }
    let listed = store
        .list_api_keys(&of_account(&owner))
        .await
        .expect("the store answers");
    assert_eq!(listed.len(), MAX_KEPT_API_KEYS);
    assert_eq!(listed.first().map(|key| &key.id), Some(&live.id));
    let oldest = dead(surplus as u64 + 2).id;
    assert_eq!(listed.last().map(|key| &key.id), Some(&oldest));
}

pub async fn keys_are_listed_newest_first_by_account_or_wallet(store: Arc<dyn Store>) {
    let (owner, other) = (owner(&*store, 1).await, owner(&*store, 2).await);
    let created = |seed, hours| ApiKey {
        created_at: NOW + Duration::hours(hours),
        ..key(&owner, seed)
    };
    let (old, new) = (
        kept(&*store, created(1, 0)).await,
        kept(&*store, created(2, 1)).await,
    );
    let of_second_wallet = ApiKey {
        wallet_key: WalletKey::from_stored("eip155:*:0xff"),
        ..created(3, 2)
    };
    let of_second_wallet = kept(&*store, of_second_wallet).await;
    kept(&*store, key(&other, 4)).await;
    let in_another_profile = ApiKey {
        profile: Profile::Ocx,
        ..key(&owner, 5)
    };
    kept(&*store, in_another_profile).await;
    let by_account = store.list_api_keys(&of_account(&owner)).await;
    assert_eq!(
        by_account,
        Ok(vec![of_second_wallet, new.clone(), old.clone()])
    );
    let by_wallet = store.list_api_keys(&of_wallet(&owner)).await;
    assert_eq!(by_wallet, Ok(vec![new, old]));
}

pub async fn a_key_is_revoked_once_and_by_its_owner(store: Arc<dyn Store>) {
    let (owner, other) = (owner(&*store, 1).await, owner(&*store, 2).await);
    let key = kept(&*store, key(&owner, 1)).await;
    let in_another_profile = KeyOwner {
        profile: Profile::Ocx,
        ..of_account(&owner)
    };
    for stranger in [of_account(&other), of_wallet(&other), in_another_profile] {
        assert_eq!(
            store.revoke_api_key(&stranger, &key.id, NOW).await,
            Ok(None)
        );
    }
    let hour = Duration::HOUR;
    for (owner, at, is_fresh) in [
        (of_wallet(&owner), NOW + hour, true),
        (of_account(&owner), NOW + 2 * hour, false),
    ] {
        let revoked = store.revoke_api_key(&owner, &key.id, at).await;
        let revoked = revoked
            .expect("the store answers")
            .expect("it is the owner's");
        assert_eq!(
            (revoked.secret_hash, revoked.is_fresh),
            (key.secret_hash, is_fresh)
        );
    }
    let found = store.find_api_key(&key.secret_hash).await;
    let found = found.expect("the store answers").expect("it is kept");
    assert_eq!(found.revoked_at, Some(NOW + hour));
}

pub async fn uses_are_recorded_and_never_go_back(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    let (used, unused) = (
        kept(&*store, key(&owner, 1)).await,
        kept(&*store, key(&owner, 2)).await,
    );
    let last_use = |seconds, ip: Option<&str>| LastUse {
        at: NOW.replace_nanosecond(0).expect("zero is valid") + Duration::seconds(seconds),
        ip: ip.map(|ip| ip.parse().expect("an address")),
    };
    let (first, last) = (last_use(10, Some("203.0.113.7")), last_use(20, None));
    let unknown = Secret::new("unknown".into()).hash();
    for (secret_hash, last_use, expected) in [
        (used.secret_hash, first, first),
        (used.secret_hash, last, last),
        (used.secret_hash, first, last),
        (unknown, first, last),
    ] {
        let uses = vec![ApiKeyUse {
            secret_hash,
            last_use,
        }];
        assert_eq!(store.record_api_key_uses(uses).await, Ok(()));
        let found = store.find_api_key(&used.secret_hash).await;
        let found = found.expect("the store answers").expect("it is kept");
        assert_eq!(found.last_use, Some(expected));
    }
    assert_eq!(
        store.find_api_key(&unused.secret_hash).await,
        Ok(Some(unused))
    );
}

pub async fn keys_that_died_long_ago_are_forgotten(store: Arc<dyn Store>) {
    let owner = owner(&*store, 1).await;
    let forever = ApiKey {
        expires_at: None,
        ..key(&owner, 1)
    };
    let (forever, expiring) = (
        kept(&*store, forever).await,
        kept(&*store, key(&owner, 2)).await,
    );
    let end = NOW + Duration::DAY;
    assert_eq!(store.delete_api_keys_dead_before(end).await, Ok(0));
    let after = end + Duration::SECOND;
    assert_eq!(store.delete_api_keys_dead_before(after).await, Ok(1));
    assert_eq!(store.find_api_key(&expiring.secret_hash).await, Ok(None));
    let revoked = store
        .revoke_api_key(&of_account(&owner), &forever.id, end)
        .await;
    assert!(revoked.expect("the store answers").is_some());
    assert_eq!(store.delete_api_keys_dead_before(after).await, Ok(1));
}
