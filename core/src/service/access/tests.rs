//! The order of checks, the limits, and what a dead cookie is worth.

mod counts;
mod reference;
mod sharing;

use std::{net::IpAddr, sync::Arc};

use time::{Duration, OffsetDateTime, macros::datetime};

use super::*;
use crate::{
    account::AccountId,
    api_key::{ApiKey, ApiKeyOwner, ApiKeyRequest, IssuedApiKey},
    freshness::OneProcess,
    memory::{ManualClock, MemoryStore, SeededRandom},
    rate_limit::Nodes,
    scope::{Scope, ScopeSet},
    store::ApiKeyStore,
    wallet::WalletKey,
};

const NOW: OffsetDateTime = datetime!(2026-03-01 12:00:00 UTC);
const HOME: [u8; 4] = [203, 0, 113, 7];
const AWAY: [u8; 4] = [198, 51, 100, 9];

struct World {
    ocx: Access,
    aura: Access,
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
}

fn world() -> World {
    world_of(Arc::new(ManualClock::at(NOW)), &Nodes::Alone)
}

fn world_of(clock: Arc<ManualClock>, nodes: &Nodes) -> World {
    world_on(MemoryStore::new(10), clock, nodes)
}

fn world_on(store: MemoryStore, clock: Arc<ManualClock>, nodes: &Nodes) -> World {
    let store = Arc::new(store);
    let credentials = Arc::new(Credentials::new(
        store.clone(),
        clock.clone(),
        Arc::new(OneProcess),
        1000,
    ));
    let limits = Arc::new(Limits::new(Quotas::default(), 1, nodes));
    let access = |profile| {
        Access::new(
            profile,
            Rules::of(profile, None),
            credentials.clone(),
            limits.clone(),
            clock.clone(),
        )
    };
    World {
        ocx: access(Profile::Ocx),
        aura: access(Profile::Aura),
        store,
        clock,
    }
}

fn owner(seed: u64) -> ApiKeyOwner {
    ApiKeyOwner {
        account: AccountId::generate(NOW, &SeededRandom::new(seed)),
        wallet: "eip155:1:0xab".parse().unwrap(),
        wallet_key: WalletKey::from_stored("eip155:*:0xab"),
    }
}

impl World {
    /// A key with these scopes, for use from home only.
    async fn key(&self, profile: Profile, seed: u64, scopes: &str) -> Presented {
        self.changed_key(profile, seed, scopes, |_| {}).await
    }

    async fn changed_key(
        &self,
        profile: Profile,
        seed: u64,
        scopes: &str,
        change: impl Fn(&mut ApiKey),
    ) -> Presented {
        let request = ApiKeyRequest {
            name: None,
            scopes: ScopeSet::parse(scopes).unwrap(),
            allowlist: IpAddr::from(HOME).to_string().parse().unwrap(),
            ttl: Some(Duration::hours(1)),
        };
        let random = SeededRandom::new(seed);
        let mut issued = IssuedApiKey::generate(profile, owner(seed % 100), &request, NOW, &random);
        change(&mut issued.key);
        self.store.insert_api_key(issued.key).await.unwrap();
        Presented::Credential {
            hash: issued.secret.hash(),
            kind: CredentialKind::ApiKey,
            transport: Transport::Header,
        }
    }

    async fn ocx(&self, asked: &str, presented: &Presented, from: [u8; 4]) -> Result<(), Error> {
        decide(&self.ocx, asked, presented, from)
            .await
            .verdict
            .map(|_| ())
    }

    async fn aura(&self, asked: &str, presented: &Presented, from: [u8; 4]) -> Decision {
        decide(&self.aura, asked, presented, from).await
    }
}

async fn decide(access: &Access, asked: &str, presented: &Presented, from: [u8; 4]) -> Decision {
    let (method, path) = asked.split_once(' ').unwrap();
    let request = AccessRequest {
        method,
        path: CanonicalPath::new(path),
        presented: *presented,
        client: ClientAddress::Known(from.into()),
        is_cross_site: false,
    };
    access.decide(request).await
}

/// A credential nobody holds.
fn unknown(seed: u64, transport: Transport) -> Presented {
    Presented::Credential {
        hash: HashedSecret::of(format!("unknown {seed}").as_bytes()),
        kind: CredentialKind::Session,
        transport,
    }
}

/// Whoever asks and goes away before the answer has asked nevertheless.
#[tokio::test]
async fn a_lookup_that_nobody_waits_for_is_made_to_its_end_and_counted() {
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let at_gate = gate.clone();
    let store = MemoryStore::slow(10, move || {
        let gate = at_gate.clone();
        async move { gate.acquire().await.unwrap().forget() }
    });
    let world = world_on(store, Arc::new(ManualClock::at(NOW)), &Nodes::Alone);
    let key = world.key(Profile::Ocx, 1, "read").await;
    let asked = "GET /perps/positions";
    {
        let mut abandoned = std::pin::pin!(world.ocx(asked, &key, HOME));
        assert!(futures_util::poll!(&mut abandoned).is_pending());
    }
    for seed in 0..u64::from(Quotas::default().failed_lookups) {
        let stranger = unknown(seed, Transport::Header);
        let mut abandoned = std::pin::pin!(world.ocx(asked, &stranger, HOME));
        assert!(futures_util::poll!(&mut abandoned).is_pending());
    }
    gate.add_permits(1000);
    while world.store.lookups() < 61 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.ocx(asked, &key, HOME).await, Ok(()));
    assert_eq!(world.store.lookups(), 61, "the key is remembered");
    let held_back = world
        .ocx(asked, &unknown(100, Transport::Header), HOME)
        .await;
    assert!(
        matches!(held_back, Err(Error::RateLimited(_))),
        "{held_back:?}"
    );
}

const ORDER: &str = "POST /perps/orders";

#[tokio::test]
async fn the_order_is_who_then_where_then_what_then_how_often() {
    let world = world();
    let reader = world.key(Profile::Ocx, 1, "read").await;
    let trader = world.key(Profile::Ocx, 101, "trade").await;
    let needs_trade = Err(Error::InsufficientScope {
        needed: Some(Scope::Trade),
    });
    let unknown = unknown(1, Transport::Header);
    assert_eq!(
        world.ocx(ORDER, &unknown, AWAY).await,
        Err(Error::InvalidCredential)
    );
    assert_eq!(
        world.ocx(ORDER, &reader, AWAY).await,
        Err(Error::AddressNotAllowed)
    );
    assert_eq!(world.ocx(ORDER, &reader, HOME).await, needs_trade);
    for _ in 0..120 {
        assert_eq!(world.ocx(ORDER, &trader, HOME).await, Ok(()));
    }
    let limited = world.ocx(ORDER, &trader, HOME).await.unwrap_err();
    assert!(matches!(limited, Error::OrderRateLimited(standing) if standing.max == 120));
    assert_eq!(
        world.ocx(ORDER, &trader, AWAY).await,
        Err(Error::AddressNotAllowed)
    );
    assert_eq!(world.ocx(ORDER, &reader, HOME).await, needs_trade);
    assert_eq!(
        world.ocx("POST /wallet/withdraw", &trader, HOME).await,
        Ok(())
    );
}

#[tokio::test]
async fn orders_are_counted_for_the_account_over_all_its_credentials() {
    let world = world();
    let first = world.key(Profile::Ocx, 1, "trade").await;
    let second = world.key(Profile::Ocx, 101, "trade").await;
    let stranger = world.key(Profile::Ocx, 2, "trade").await;
    for count in 0..120 {
        let key = if count % 2 == 0 { &first } else { &second };
        let path = if count % 3 == 0 {
            "POST /orders/1/cancel"
        } else {
            ORDER
        };
        assert_eq!(world.ocx(path, key, HOME).await, Ok(()));
    }
    for key in [&first, &second] {
        let limited = world
            .ocx("POST /perps/quotes/bulk", key, HOME)
            .await
            .unwrap_err();
        assert!(matches!(limited, Error::OrderRateLimited(_)), "{limited:?}");
    }
    assert_eq!(world.ocx(ORDER, &stranger, HOME).await, Ok(()));
    world.clock.advance(Duration::minutes(1));
    assert_eq!(world.ocx(ORDER, &first, HOME).await, Ok(()));
}

#[tokio::test]
async fn a_key_from_elsewhere_is_refused_on_public_routes_too() {
    let world = world();
    let key = world.key(Profile::Ocx, 1, "read").await;
    assert_eq!(world.ocx("GET /perps/markets", &key, HOME).await, Ok(()));
    let away = world.ocx("GET /perps/markets", &key, AWAY).await;
    assert_eq!(away, Err(Error::AddressNotAllowed));
    let aura = world.key(Profile::Aura, 1, "read").await;
    let away = world.aura("GET /v1/markets", &aura, AWAY).await.verdict;
    assert_eq!(away.err(), Some(Error::AddressNotAllowed));
}

#[tokio::test]
async fn a_key_is_nothing_in_another_dialect() {
    let world = world();
    let (ocx, aura) = (
        world.key(Profile::Ocx, 1, "trade").await,
        world.key(Profile::Aura, 2, "read write:tx").await,
    );
    for _ in 0..2 {
        assert_eq!(
            world.ocx("GET /perps/markets", &aura, HOME).await,
            Err(Error::InvalidCredential)
        );
        let verdict = world.aura("GET /v1/markets", &ocx, HOME).await.verdict;
        assert_eq!(verdict.err(), Some(Error::InvalidCredential));
        assert_eq!(world.ocx("GET /perps/markets", &ocx, HOME).await, Ok(()));
    }
}

#[tokio::test]
async fn a_remembered_key_expires_without_being_looked_up() {
    let world = world();
    let expiring = |key: &mut ApiKey| key.expires_at = Some(NOW + Duration::seconds(10));
    let key = world.changed_key(Profile::Ocx, 1, "read", expiring).await;
    assert_eq!(world.ocx("GET /perps/markets", &key, HOME).await, Ok(()));
    world.clock.advance(Duration::seconds(10));
    let expired = world.ocx("GET /perps/markets", &key, HOME).await;
    assert_eq!(expired, Err(Error::ExpiredCredential));
    assert_eq!(world.store.lookups(), 1);
}

#[tokio::test]
async fn a_dead_cookie_is_nothing_where_anybody_may_and_is_always_told() {
    let world = world();
    let malformed = Presented::Malformed(Transport::Cookie);
    for dead in [unknown(1, Transport::Cookie), malformed] {
        let public = decide(&world.ocx, "GET /perps/markets", &dead, HOME).await;
        assert!(public.is_cookie_dead && matches!(public.verdict, Ok(Caller::Anonymous)));
        let private = decide(&world.ocx, "GET /perps/positions", &dead, HOME).await;
        assert!(private.is_cookie_dead);
        assert_eq!(private.verdict.err(), Some(Error::InvalidCredential));
    }
    let header = decide(
        &world.ocx,
        "GET /perps/markets",
        &unknown(2, Transport::Header),
        HOME,
    )
    .await;
    assert!(!header.is_cookie_dead && header.verdict.is_err());
}

#[tokio::test]
async fn failing_lookups_are_limited_and_good_credentials_are_not_held_back() {
    let world = world();
    let known = world.key(Profile::Ocx, 1, "read").await;
    let new = world.key(Profile::Ocx, 2, "read").await;
    assert_eq!(world.ocx("GET /perps/markets", &known, HOME).await, Ok(()));
    world.clock.advance(Duration::seconds(30));
    for seed in 0..60 {
        let refused = world
            .ocx(
                "GET /perps/markets",
                &unknown(seed, Transport::Header),
                HOME,
            )
            .await;
        assert_eq!(refused, Err(Error::InvalidCredential));
    }
    let lookups = world.store.lookups();
    for presented in [&unknown(60, Transport::Header), &new] {
        let limited = world.ocx("GET /perps/markets", presented, HOME).await;
        assert!(matches!(limited, Err(Error::RateLimited(_))), "{limited:?}");
    }
    assert_eq!(world.store.lookups(), lookups);
    assert_eq!(world.ocx("GET /perps/markets", &known, HOME).await, Ok(()));
    let elsewhere = world
        .ocx("GET /perps/markets", &unknown(61, Transport::Header), AWAY)
        .await;
    assert_eq!(elsewhere, Err(Error::InvalidCredential));
    // Read again because a minute has passed, which is no guess.
    world.clock.advance(Duration::seconds(31));
    assert_eq!(world.ocx("GET /perps/markets", &known, HOME).await, Ok(()));
    assert!(world.ocx("GET /perps/markets", &new, HOME).await.is_err());
    world.clock.advance(Duration::minutes(1));
    assert_eq!(world.ocx("GET /perps/markets", &new, HOME).await, Ok(()));
}

#[tokio::test]
async fn what_turned_out_to_be_dead_is_looked_up_within_the_limit() {
    let world = world();
    let expiring = |key: &mut ApiKey| key.expires_at = Some(NOW + Duration::seconds(10));
    let key = world.changed_key(Profile::Ocx, 1, "read", expiring).await;
    assert_eq!(world.ocx("GET /perps/markets", &key, HOME).await, Ok(()));
    world.clock.advance(Duration::seconds(61));
    for _ in 0..60 {
        let expired = world.ocx("GET /perps/markets", &key, HOME).await;
        assert_eq!(expired, Err(Error::ExpiredCredential));
    }
    let limited = world.ocx("GET /perps/markets", &key, HOME).await;
    assert!(matches!(limited, Err(Error::RateLimited(_))), "{limited:?}");
}

#[tokio::test]
async fn aura_counts_by_key_or_by_address_and_reads_apart_from_writes() {
    let world = world();
    let key = world.key(Profile::Aura, 1, "read write:tx").await;
    let with_own_limit = |key: &mut ApiKey| key.rate_limit_per_minute = Some(15);
    let own = world
        .changed_key(Profile::Aura, 2, "read write:tx", with_own_limit)
        .await;
    let small = |key: &mut ApiKey| key.rate_limit_per_minute = Some(5);
    let small = world
        .changed_key(Profile::Aura, 3, "read write:tx", small)
        .await;
    for (asked, presented, max) in [
        ("GET /v1/markets", &Presented::Nothing, 60),
        ("POST /v1/auth/challenge", &Presented::Nothing, 10),
        ("GET /v1/markets", &key, 600),
        ("POST /v1/tx/echo", &key, 60),
        ("GET /v1/markets", &own, 15),
        ("POST /v1/tx/echo", &own, 1),
        ("GET /v1/markets", &small, 5),
        ("POST /v1/tx/echo", &small, 1),
    ] {
        for left in (0..max).rev() {
            let decision = world.aura(asked, presented, HOME).await;
            let standing = decision.standing.unwrap();
            assert!(decision.verdict.is_ok(), "{asked}: {decision:?}");
            assert_eq!((standing.max, standing.remaining), (max, left), "{asked}");
        }
        let decision = world.aura(asked, presented, HOME).await;
        assert_eq!(decision.standing.unwrap().remaining, 0);
        assert!(
            matches!(decision.verdict, Err(Error::RateLimited(_))),
            "{asked}"
        );
    }
}

/// The table of `ocx-aura.md` A.7 and B.3: who may do what.
#[test]
fn the_tables_are_the_products_own() {
    let world = world();
    let scopes = |text: &str| ScopeSet::parse(text).unwrap();
    fn find<'a>(access: &'a Access, asked: &str) -> Option<&'a Rule> {
        let (method, path) = asked.split_once(' ').unwrap();
        let found = access.rules.find(method, CanonicalPath::new(path).unwrap());
        found.map(|(_, rule)| rule)
    }
    let check = |access: &Access, asked: &str, scopes: ScopeSet, expected: bool| {
        let rule = find(access, asked).unwrap_or_else(|| panic!("no rule: {asked}"));
        let passes = rule.admits.check(Held::ApiKey(scopes)).is_ok();
        assert_eq!(passes, expected, "{asked} with {scopes}");
    };
    for (asked, read, trade) in [
        ("GET /perps/markets", true, true),
        ("GET /markets/board", true, true),
        ("GET /perps/positions", true, true),
        ("GET /wallet/balance", true, true),
        ("POST /perps/orders", false, true),
        ("POST /orders", false, true),
        ("POST /quotes/bulk", false, true),
        ("POST /perps/orders/1/cancel", false, true),
        ("POST /wallet/withdraw", false, true),
        ("POST /wallet/transfer", false, true),
        ("GET /perps/me/api-keys", false, false),
        ("POST /perps/me/api-keys", false, false),
        ("DELETE /perps/me/api-keys/1", false, false),
    ] {
        check(&world.ocx, asked, scopes("read"), read);
        check(&world.ocx, asked, scopes("trade"), trade);
    }
    for (asked, read, write) in [
        ("GET /v1/markets", true, true),
        ("GET /v1/proposals/drafts", true, true),
        ("GET /v1/auth/keys", true, true),
        ("DELETE /v1/auth/keys/1", true, true),
        ("POST /v1/tx/markets/1/orders", false, true),
    ] {
        check(&world.aura, asked, scopes("read"), read);
        check(&world.aura, asked, scopes("write:tx"), write);
    }
    assert!(find(&world.ocx, "DELETE /perps/positions").is_none());
    assert!(find(&world.ocx, "GET /unknown").is_none());
    assert!(find(&world.aura, "POST /v1/unknown").is_none());
}
