//! Limits of two servers that share permits, each with credentials of its own.

use super::*;
use crate::{
    memory::MemoryPermits,
    rate_limit::{Nodes, Standing},
};

/// Two servers at the same time, and what they share.
fn servers() -> ([World; 2], Arc<MemoryPermits>) {
    let clock = Arc::new(ManualClock::at(NOW));
    let permits = Arc::new(MemoryPermits::new(clock.clone()));
    let nodes = Nodes::Sharing(permits.clone());
    let server = || world_of(clock.clone(), &nodes);
    ([server(), server()], permits)
}

fn remaining(standing: Option<Standing>) -> u32 {
    standing.expect("Aura tells it").remaining
}

#[tokio::test]
async fn every_limit_is_that_of_all_servers() {
    let (servers, _permits) = servers();
    let client = ClientAddress::Known(HOME.into());
    let mut signed_in = 0;
    for call in 0..90 {
        let limits = &servers[call % 2].ocx.limits;
        signed_in += usize::from(limits.admit_sign_in(client, NOW).await.is_ok());
    }
    assert_eq!(signed_in, 30);
    let [one, other] = &servers;
    let orders = [
        one.key(Profile::Ocx, 1, "trade").await,
        other.key(Profile::Ocx, 1, "trade").await,
    ];
    let reads = [
        one.key(Profile::Aura, 2, "read").await,
        other.key(Profile::Aura, 2, "read").await,
    ];
    let (mut ordered, mut read, mut read_without) = (0, 0, 0);
    for call in 0..1500 {
        let (server, at) = (&servers[call % 2], call % 2);
        ordered += usize::from(server.ocx(ORDER, &orders[at], HOME).await.is_ok());
        let markets = async |presented| server.aura("GET /v1/markets", presented, HOME).await;
        read += usize::from(markets(&reads[at]).await.verdict.is_ok());
        read_without += usize::from(markets(&Presented::Nothing).await.verdict.is_ok());
    }
    assert_eq!((ordered, read, read_without), (120, 600, 60));
}

#[tokio::test]
async fn failed_lookups_of_all_servers_are_held_back() {
    let ([one, other], _permits) = servers();
    for seed in 0..60 {
        let unknown = unknown(seed, Transport::Header);
        let refused = one.ocx("GET /perps/markets", &unknown, HOME).await;
        assert!(
            matches!(refused, Err(Error::InvalidCredential)),
            "{refused:?}"
        );
    }
    for (server, seed) in [(&one, 60), (&other, 61)] {
        let unknown = unknown(seed, Transport::Header);
        let refused = server.ocx("GET /perps/markets", &unknown, HOME).await;
        assert!(matches!(refused, Err(Error::RateLimited(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn who_may_not_pass_is_told_how_it_stands_with_all_servers() {
    let ([one, other], permits) = servers();
    let keys = [
        one.key(Profile::Aura, 1, "read").await,
        other.key(Profile::Aura, 1, "read").await,
    ];
    let read = one.aura("GET /v1/markets", &keys[0], HOME).await;
    assert_eq!(remaining(read.standing), 599);
    let asked = permits.asked();
    let refused = other.aura("GET /v1/markets", &keys[1], AWAY).await;
    assert!(matches!(refused.verdict, Err(Error::AddressNotAllowed)));
    assert_eq!(remaining(refused.standing), 599);
    // Once about lookups that failed, once about the key.
    assert_eq!(permits.asked(), asked + 2);
}
