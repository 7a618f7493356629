//! What is counted of checks and limits.

use super::*;
use crate::service::Finding;

impl World {
    /// Every count of checks that is not zero.
    fn checks(&self) -> Vec<(Source, Finding, u64)> {
        let tally = self.ocx.credentials.tally();
        let count = |source, finding| (source, finding, tally.checks(source, finding));
        let of_source = |source| Finding::ALL.map(|finding| count(source, finding));
        let counts = Source::ALL.into_iter().flat_map(of_source);
        counts.filter(|(.., count)| *count > 0).collect()
    }
}

#[tokio::test]
async fn a_check_is_counted_by_what_it_asked_and_found() {
    use {Finding::*, Source::*};
    let world = world();
    let ask = async |presented: &Presented| world.ocx("GET /perps/markets", presented, HOME).await;
    let expiring = |key: &mut ApiKey| key.expires_at = Some(NOW + Duration::seconds(10));
    let key = world.changed_key(Profile::Ocx, 1, "read", expiring).await;
    let revoked = |key: &mut ApiKey| key.revoked_at = Some(NOW);
    let revoked = world.changed_key(Profile::Ocx, 2, "read", revoked).await;

    ask(&Presented::Nothing).await.unwrap();
    assert_eq!(world.checks(), []);
    for _ in 0..3 {
        ask(&key).await.unwrap();
    }
    assert_eq!(world.checks(), [(Memory, Good, 2), (Store, Good, 1)]);
    assert!(
        world
            .aura("GET /v1/markets", &key, HOME)
            .await
            .verdict
            .is_err()
    );
    world.clock.advance(Duration::seconds(10));
    ask(&key).await.unwrap_err();
    ask(&revoked).await.unwrap_err();
    ask(&Presented::Malformed(Transport::Header))
        .await
        .unwrap_err();
    for seed in 0..60 {
        ask(&unknown(seed, Transport::Header)).await.unwrap_err();
    }
    let expected = [
        (Nothing, Invalid, 1),
        (Nothing, HeldBack, 1),
        (Memory, Good, 2),
        (Memory, Invalid, 1),
        (Memory, Expired, 1),
        (Store, Good, 1),
        // One of them was held back: a revoked key is a failed lookup, too.
        (Store, Invalid, 59),
        (Store, Revoked, 1),
    ];
    assert_eq!(world.checks(), expected);
}

#[tokio::test]
async fn a_limit_counts_whom_it_holds_back() {
    let world = world();
    let limits = &world.ocx.limits;
    let hits = || Limit::ALL.map(|limit| limits.hits(limit));
    let client = ClientAddress::Known(HOME.into());
    for _ in 0..32 {
        let _admitted = limits.admit_sign_in(client, NOW).await;
    }
    assert_eq!(hits(), [2, 0, 0, 0, 0]);
    for seed in 0..63 {
        world
            .ocx(ORDER, &unknown(seed, Transport::Header), HOME)
            .await
            .unwrap_err();
    }
    assert_eq!(hits(), [2, 3, 0, 0, 0]);
    world.clock.advance(Duration::minutes(1));
    let trader = world.key(Profile::Ocx, 1, "trade").await;
    for _ in 0..124 {
        let _verdict = world.ocx(ORDER, &trader, HOME).await;
    }
    assert_eq!(hits(), [2, 3, 4, 0, 0]);
    for _ in 0..65 {
        world
            .aura("GET /v1/markets", &Presented::Nothing, HOME)
            .await;
    }
    assert_eq!(hits(), [2, 3, 4, 5, 0]);
    let writer = world.key(Profile::Aura, 2, "write:tx").await;
    for _ in 0..66 {
        world.aura("POST /v1/tx/echo", &writer, HOME).await;
    }
    assert_eq!(hits(), [2, 3, 4, 5, 6]);
}
