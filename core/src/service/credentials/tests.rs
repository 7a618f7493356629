//! The cache against a slow store, revocations, and time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use time::{Duration, OffsetDateTime, macros::datetime};
use tokio::{sync::Semaphore, task::yield_now};

use super::*;
use crate::{
    account::AccountId,
    api_key::{ApiKeyId, ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    memory::{ManualClock, MemoryStore, SeededRandom},
    profile::Profile,
    service::Revocation,
    store::{ApiKeyStore, KeyHolder, KeyOwner},
    wallet::WalletKey,
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    credentials: Arc<Credentials>,
    revocation: Revocation,
    /// Whether memory may be believed.
    is_proven: Arc<AtomicBool>,
}

struct Proof(Arc<AtomicBool>);

impl Freshness for Proof {
    fn is_proven(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

fn world_on(store: MemoryStore) -> World {
    world_with(store, 100)
}

fn world_with(store: MemoryStore, capacity: usize) -> World {
    let store = Arc::new(store);
    let clock = Arc::new(ManualClock::at(NOW));
    let is_proven = Arc::new(AtomicBool::new(true));
    let freshness = Arc::new(Proof(is_proven.clone()));
    let credentials = Credentials::new(store.clone(), clock.clone(), freshness, capacity);
    let credentials = Arc::new(credentials);
    World {
        is_proven,
        revocation: Revocation::new(store.clone(), credentials.clone(), clock.clone()),
        credentials,
        clock,
        store,
    }
}

fn issue(seed: u64, ttl: Option<Duration>) -> IssuedApiKey {
    let random = SeededRandom::new(seed);
    let owner = ApiKeyOwner {
        account: AccountId::generate(NOW, &random),
        wallet: "eip155:1:0xab".parse().unwrap(),
        wallet_key: WalletKey::from_stored("eip155:*:0xab"),
    };
    let request = ApiKeyRequest {
        name: None,
        scopes: Default::default(),
        allowlist: Default::default(),
        ttl,
    };
    IssuedApiKey::generate(Profile::Ocx, owner, &request, NOW, &random)
}

impl World {
    async fn key(&self, seed: u64) -> ApiKey {
        let key = issue(seed, Some(Duration::hours(1))).key;
        self.store.insert_api_key(key.clone()).await.unwrap();
        key
    }

    async fn look_up(&self, key: &ApiKey) -> Result<ApiKeyId, Error> {
        find(&self.credentials, key.secret_hash).await
    }

    async fn revoke(&self, key: &ApiKey) {
        revoke(&self.revocation, key).await;
    }
}

/// As the access engine does: from memory, or from the store.
async fn find(credentials: &Credentials, hash: HashedSecret) -> Result<ApiKeyId, Error> {
    let found = match credentials.remembered(&hash, credentials.shared.clock.now()) {
        Some(credential) => credential,
        None => credentials.look_up(CredentialKind::ApiKey, &hash).await?,
    };
    let id = found.api_key().expect("it is a key");
    Ok(ApiKeyId::from_text(id))
}

async fn revoke(revocation: &Revocation, key: &ApiKey) {
    let owner = KeyOwner {
        profile: key.profile,
        holder: KeyHolder::Account(key.account),
    };
    revocation.revoke_api_key(&owner, &key.id).await.unwrap();
}

/// A store whose lookups wait at a gate, and the gate.
fn gated() -> (MemoryStore, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let at_gate = gate.clone();
    let store = MemoryStore::slow(10, move || {
        let gate = at_gate.clone();
        async move { gate.acquire().await.unwrap().forget() }
    });
    (store, gate)
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        yield_now().await;
    }
}

#[tokio::test]
async fn a_good_credential_is_looked_up_once_a_minute() {
    let world = world_on(MemoryStore::new(10));
    let key = world.key(1).await;
    for (seconds, lookups) in [(0, 1), (59, 1), (1, 2), (59, 2)] {
        world.clock.advance(Duration::seconds(seconds));
        assert_eq!(world.look_up(&key).await, Ok(key.id.clone()));
        assert_eq!(world.store.lookups(), lookups);
    }
}

#[tokio::test]
async fn a_bad_credential_is_never_remembered() {
    let world = world_on(MemoryStore::new(10));
    let key = issue(1, None).key;
    assert_eq!(world.look_up(&key).await, Err(Error::InvalidCredential));
    world.store.insert_api_key(key.clone()).await.unwrap();
    assert_eq!(world.look_up(&key).await, Ok(key.id.clone()));
    world.revoke(&key).await;
    assert_eq!(world.look_up(&key).await, Err(Error::RevokedCredential));
    let expiring = world.key(2).await;
    world.clock.advance(Duration::hours(1));
    assert_eq!(
        world.look_up(&expiring).await,
        Err(Error::ExpiredCredential)
    );
}

#[tokio::test]
async fn memory_is_believed_only_while_it_is_proven() {
    let world = world_on(MemoryStore::new(10));
    let key = world.key(1).await;
    for (is_proven, lookups) in [(true, 1), (true, 1), (false, 2), (false, 3), (true, 3)] {
        world.is_proven.store(is_proven, Ordering::SeqCst);
        assert_eq!(world.look_up(&key).await, Ok(key.id.clone()));
        assert_eq!(world.store.lookups(), lookups, "proven: {is_proven}");
    }
}

#[tokio::test]
async fn what_is_distrusted_is_read_once_more_and_stays_known() {
    let world = world_on(MemoryStore::new(10));
    let keys = [world.key(1).await, world.key(2).await];
    for (lookups, is_distrusted) in [(2, false), (2, true), (4, false), (4, true), (6, false)] {
        for key in &keys {
            assert_eq!(world.look_up(key).await, Ok(key.id.clone()));
        }
        assert_eq!(world.store.lookups(), lookups);
        if is_distrusted {
            world.credentials.distrust();
            assert!(world.credentials.is_known(&keys[0].secret_hash));
        }
    }
}

#[tokio::test]
async fn a_lookup_that_began_before_everything_was_distrusted_is_made_again() {
    let (store, gate) = gated();
    let world = Arc::new(world_on(store));
    let key = world.key(1).await;
    let overtaken = {
        let (world, key) = (world.clone(), key.clone());
        tokio::spawn(async move { world.look_up(&key).await })
    };
    until(|| world.store.lookups() == 1).await;
    world.credentials.distrust();
    gate.add_permits(10);
    assert_eq!(overtaken.await.unwrap(), Ok(key.id.clone()));
    assert_eq!(world.store.lookups(), 2);
    assert_eq!(world.look_up(&key).await, Ok(key.id.clone()));
    assert_eq!(world.store.lookups(), 2, "the second answer is believed");
}

#[tokio::test]
async fn racing_misses_share_one_lookup() {
    let (store, gate) = gated();
    let world = world_on(store);
    let key = world.key(1).await;
    gate.add_permits(1);
    let found = join_all((0..64).map(|_| world.look_up(&key))).await;
    assert!(found.iter().all(|found| *found == Ok(key.id.clone())));
    assert_eq!(world.store.lookups(), 1);
}

#[tokio::test]
async fn an_abandoned_lookup_is_taken_over() {
    let (store, gate) = gated();
    let world = world_on(store);
    let key = world.key(1).await;
    {
        let mut abandoned = std::pin::pin!(world.look_up(&key));
        assert!(futures_util::poll!(&mut abandoned).is_pending());
    }
    gate.add_permits(2);
    assert_eq!(world.look_up(&key).await, Ok(key.id.clone()));
}

#[tokio::test]
async fn a_lookup_overtaken_by_a_revocation_is_not_believed() {
    let (store, gate) = gated();
    let world = Arc::new(world_on(store));
    let key = world.key(1).await;
    let overtaken = {
        let (world, key) = (world.clone(), key.clone());
        tokio::spawn(async move { world.look_up(&key).await })
    };
    until(|| world.store.lookups() == 1).await;
    world.revoke(&key).await;
    gate.add_permits(10);
    assert_eq!(overtaken.await.unwrap(), Err(Error::RevokedCredential));
    assert!(
        world
            .credentials
            .remembered(&key.secret_hash, world.clock.now())
            .is_none()
    );
}

#[tokio::test]
async fn who_comes_after_a_revocation_joins_no_lookup_from_before() {
    let (store, gate) = gated();
    let world = Arc::new(world_on(store));
    let key = world.key(1).await;
    let look_up = || {
        let (world, key) = (world.clone(), key.clone());
        tokio::spawn(async move { world.look_up(&key).await })
    };
    let before = look_up();
    until(|| world.store.lookups() == 1).await;
    world.revoke(&key).await;
    let after = look_up();
    until(|| world.store.lookups() == 2).await;
    gate.add_permits(10);
    assert_eq!(after.await.unwrap(), Err(Error::RevokedCredential));
    assert_eq!(before.await.unwrap(), Err(Error::RevokedCredential));
}

/// 10,000 keys, each used by four clients while it is revoked, with lookups that pause anywhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_use_is_accepted_after_the_revocation_was_answered() {
    const BATCHES: u64 = 100;
    const KEYS: u64 = 100;
    for batch in 0..BATCHES {
        let random = SeededRandom::new(batch);
        let store = MemoryStore::slow(10, move || {
            let pauses = pauses(&random);
            async move {
                for _ in 0..pauses {
                    yield_now().await;
                }
            }
        });
        let world = Arc::new(world_on(store));
        let rounds = (0..KEYS).map(|seed| {
            let world = world.clone();
            tokio::spawn(async move { revoke_against_use(&world, seed).await })
        });
        for round in join_all(rounds).await {
            round.unwrap();
        }
    }
}

fn pauses(random: &dyn crate::Random) -> u8 {
    let mut byte = [0];
    random.fill(&mut byte);
    byte[0] % 8
}

async fn revoke_against_use(world: &World, seed: u64) {
    let key = world.key(seed).await;
    let is_revoked = Arc::new(AtomicBool::new(false));
    let users = (0..4).map(|_| {
        let (credentials, hash) = (world.credentials.clone(), key.secret_hash);
        let is_revoked = is_revoked.clone();
        tokio::spawn(async move {
            loop {
                let was_answered = is_revoked.load(Ordering::SeqCst);
                let found = find(&credentials, hash).await;
                if was_answered {
                    return assert_eq!(found, Err(Error::RevokedCredential));
                }
                yield_now().await;
            }
        })
    });
    let users: Vec<_> = users.collect();
    for _ in 0..seed % 5 {
        yield_now().await;
    }
    revoke(&world.revocation, &key).await;
    is_revoked.store(true, Ordering::SeqCst);
    for user in join_all(users).await {
        user.unwrap();
    }
}

#[tokio::test]
async fn a_full_memory_serves_from_the_store_until_it_is_swept() {
    let world = world_with(MemoryStore::new(10), 1);
    let (first, second) = (world.key(1).await, world.key(2).await);
    for (key, lookups) in [(&first, 1), (&second, 2), (&second, 3), (&first, 3)] {
        assert!(world.look_up(key).await.is_ok());
        assert_eq!(world.store.lookups(), lookups);
    }
    world.clock.advance(Duration::minutes(15));
    world.credentials.sweep();
    for (key, lookups) in [(&second, 4), (&second, 4)] {
        assert!(world.look_up(key).await.is_ok());
        assert_eq!(world.store.lookups(), lookups);
    }
}

#[tokio::test]
async fn uses_are_seen_at_once_and_written_together() {
    let world = world_on(MemoryStore::new(10));
    let key = world.key(1).await;
    let use_from = |ip: [u8; 4]| {
        let credential = world
            .credentials
            .remembered(&key.secret_hash, world.clock.now())
            .unwrap();
        world
            .credentials
            .note_use(&credential, Some(ip.into()), world.clock.now());
    };
    let stored = async || {
        let found = world.store.find_api_key(&key.secret_hash).await.unwrap();
        found
            .unwrap()
            .last_use
            .map(|last| (last.at - NOW, last.ip.unwrap().to_string()))
    };
    let shown = || {
        let mut keys = [key.clone()];
        world.credentials.add_unwritten_uses(&mut keys);
        keys[0]
            .last_use
            .map(|last| (last.at - NOW, last.ip.unwrap().to_string()))
    };
    assert!(world.look_up(&key).await.is_ok());
    use_from([203, 0, 113, 1]);
    world.clock.advance(Duration::seconds(2));
    use_from([203, 0, 113, 2]);
    let last = Some((Duration::seconds(2), "203.0.113.2".to_owned()));
    assert_eq!((shown(), stored().await), (last.clone(), None));
    world.credentials.write_uses().await.unwrap();
    assert_eq!((shown(), stored().await), (None, last));
    world.clock.advance(Duration::seconds(1));
    use_from([203, 0, 113, 3]);
    world.clock.advance(Duration::minutes(1));
    assert!(world.look_up(&key).await.is_ok(), "it is read again");
    use_from([203, 0, 113, 4]);
    world.credentials.write_uses().await.unwrap();
    let last = Some((Duration::seconds(63), "203.0.113.4".to_owned()));
    assert_eq!(stored().await, last);
}

#[tokio::test]
async fn issued_and_revoked_credentials_are_counted_once() {
    let world = world_on(MemoryStore::new(10));
    let key = world.key(1).await;
    let tally = world.credentials.tally();
    let make_known = || {
        world
            .credentials
            .make_known(key.secret_hash, key.clone().into())
    };
    make_known();
    for _ in 0..2 {
        world.revoke(&key).await;
    }
    let (profile, kind) = (Profile::Ocx, CredentialKind::ApiKey);
    let namespace = key.wallet.chain.namespace().clone();
    assert_eq!(tally.issued(), [((profile, kind, namespace), 1)].into());
    assert_eq!(tally.revoked(), [((profile, kind), 1)].into());
}
