//! What fails between nodes and their database: nothing revoked is accepted after the bound, nobody waits for ever, and
//! everything recovers by itself.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign_tests::{Carriage, TcpProxy};

use super::*;

/// Revokes a key at one node, and sees that another one accepts it no longer than the bound.
async fn assert_obeyed(owner: &Owner, at: &Server, by: &Server, key: &Key) {
    owner.revoke(at, key).await;
    let start = Instant::now();
    while start.elapsed() < BOUND + Duration::from_millis(500) {
        let asked = start.elapsed();
        let status = check(by, key).await;
        assert!(
            status != 200 || asked < BOUND,
            "accepted after {asked:?}\n{}",
            by.log()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(check(by, key).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_hear_asks_the_database_until_it_hears_again() {
    let cluster = Cluster::shared();
    let (fleet, proxy) = (Fleet::on(cluster), TcpProxy::start(cluster.address()).await);
    let first = fleet.node();
    let deaf = fleet.node_that_listens_at(&proxy.in_front_of(&fleet.url));
    let owner = Owner::on(&first).await;
    for carriage in [
        Carriage::Cut,
        Carriage::Stalled,
        Carriage::Late(Duration::from_secs(3)),
        Carriage::Late(Duration::from_secs(10)),
    ] {
        until_lease_is(&deaf, true).await;
        let keys = [owner.key().await, owner.key().await, owner.key().await];
        for key in &keys {
            assert_eq!(check(&deaf, key).await, 200);
        }
        let [first_key, second_key, kept] = keys;
        proxy.carry(carriage);
        assert_obeyed(&owner, &first, &deaf, &first_key).await;
        until_lease_is(&deaf, false).await;
        let before = lookups(&deaf).await;
        for _ in 0..3 {
            assert_eq!(check(&deaf, &kept).await, 200, "{carriage:?}");
        }
        assert_eq!(lookups(&deaf).await - before, 3.0, "{carriage:?}");
        assert_obeyed(&owner, &first, &deaf, &second_key).await;
        assert_eq!(deaf.client().get("/health/ready").await.status, 200);
        proxy.carry(Carriage::Prompt);
        until_lease_is(&deaf, true).await;
        assert_eq!(check(&deaf, &kept).await, 200);
        let before = lookups(&deaf).await;
        assert_eq!(check(&deaf, &kept).await, 200);
        assert_eq!(
            lookups(&deaf).await,
            before,
            "{carriage:?}: from memory again"
        );
    }
    assert!(
        deaf.log()
            .contains("revocations by other servers are not heard")
    );
    assert!(
        deaf.log()
            .contains("revocations by other servers are heard again")
    );
}

/// What was missed while nobody listened is not believed afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_was_missed_is_obeyed_after_the_break() {
    let cluster = Cluster::shared();
    let (fleet, proxy) = (Fleet::on(cluster), TcpProxy::start(cluster.address()).await);
    let first = fleet.node();
    let deaf = fleet.node_that_listens_at(&proxy.in_front_of(&fleet.url));
    let owner = Owner::on(&first).await;
    until_lease_is(&deaf, true).await;
    let key = owner.key().await;
    assert_eq!(check(&deaf, &key).await, 200);
    proxy.carry(Carriage::Cut);
    until_lease_is(&deaf, false).await;
    owner.revoke(&first, &key).await;
    proxy.carry(Carriage::Prompt);
    until_lease_is(&deaf, true).await;
    assert_eq!(check(&deaf, &key).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_a_node_believes_its_memory_for_a_moment_and_then_nobody() {
    let cluster = Cluster::start();
    let fleet = Fleet::on(&cluster);
    let (first, second) = (fleet.node(), fleet.node());
    let owner = Owner::on(&first).await;
    let (key, unseen) = (owner.key().await, owner.key().await);
    for round in 0..2 {
        until_lease_is(&second, true).await;
        assert_eq!(check(&second, &key).await, 200);
        cluster.freeze();
        let start = Instant::now();
        assert_eq!(
            check(&second, &key).await,
            200,
            "round {round}: from memory"
        );
        if round == 0 {
            assert_eq!(check(&second, &unseen).await, 503);
        }
        while start.elapsed() < BOUND + Duration::from_secs(3) {
            let asked = start.elapsed();
            let status = check(&second, &key).await;
            assert!(
                status == 503 || (status == 200 && asked < BOUND),
                "{status} after {asked:?}"
            );
        }
        assert_eq!(second.client().get("/health/ready").await.status, 503);
        cluster.thaw();
        until(&second, &key, 200, RECOVERY).await;
    }
    assert_eq!(check(&second, &unseen).await, 200);
}

/// Clients that check keys at a node all the time.
struct Load {
    is_over: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<usize>>,
}

/// A key, and since when it is revoked.
type Watched = Arc<(Key, std::sync::OnceLock<Instant>)>;

impl Load {
    fn on(server: &Arc<Server>, keys: &[Watched]) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let client = |key: &Watched| {
            let (server, key, is_over) = (server.clone(), key.clone(), is_over.clone());
            tokio::spawn(async move {
                let mut checks = 0;
                while !is_over.load(Ordering::SeqCst) {
                    let asked = Instant::now();
                    let status = check(&server, &key.0).await;
                    assert!(matches!(status, 200 | 401 | 503), "{status}");
                    let revoked = key.1.get().filter(|at| asked > **at + BOUND);
                    assert!(
                        status != 200 || revoked.is_none(),
                        "accepted {:?} late",
                        revoked.map(|at| asked - *at)
                    );
                    checks += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                checks
            })
        };
        Self {
            clients: keys.iter().map(client).collect(),
            is_over,
        }
    }

    async fn end(self) -> usize {
        self.is_over.store(true, Ordering::SeqCst);
        let mut checks = 0;
        for client in self.clients {
            checks += client.await.expect("every check was right");
        }
        checks
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_under_load_loses_no_revocation() {
    let cluster = Cluster::start();
    let fleet = Fleet::on(&cluster);
    let (first, second) = (fleet.node(), Arc::new(fleet.node()));
    let owner = Owner::on(&first).await;
    let mut keys = vec![];
    for _ in 0..16 {
        keys.push(Watched::new((owner.key().await, Default::default())));
    }
    let load = Load::on(&second, &keys);
    for (place, key) in keys[1..].iter().enumerate() {
        if place % 5 == 2 {
            cluster.restart();
        }
        let revoked = Instant::now();
        loop {
            let client = first.client().with_bearer(&owner.token);
            let path = format!("/perps/me/api-keys/{}", key.0.id);
            let answer = client
                .send(client.request(reqwest::Method::DELETE, &path))
                .await;
            // After a failure nobody knows whether it was done; asking again tells.
            if matches!(answer.status, 204 | 409 | 404) {
                break;
            }
            assert!(matches!(answer.status, 500..), "{answer:?}");
            assert!(revoked.elapsed() < RECOVERY, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        key.1.set(Instant::now()).expect("revoked once");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(BOUND + Duration::from_millis(500)).await;
    let checks = load.end().await;
    eprintln!("{checks} checks");
    until_lease_is(&second, true).await;
    for key in &keys[1..] {
        assert_eq!(check(&second, &key.0).await, 401);
    }
    until(&second, &keys[0].0, 200, RECOVERY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_takes_nothing_with_it() {
    let fleet = Fleet::on(Cluster::shared());
    let (doomed, second, third) = (fleet.node(), fleet.node(), Arc::new(fleet.node()));
    let owner = Owner::on(&second).await;
    let keys = [owner.key().await, owner.key().await];
    let keys = keys.map(|key| Watched::new((key, Default::default())));
    until_lease_is(&third, true).await;
    let load = Load::on(&third, &keys);
    // Revocations that are under way at the one that dies.
    let dying: Vec<_> = (0..8)
        .map(|_| {
            let client = doomed.client().with_bearer(&owner.token);
            let path = format!("/perps/me/api-keys/{}", keys[0].0.id);
            tokio::spawn(async move {
                let request = client.request(reqwest::Method::DELETE, &path);
                client.try_send(request).await.map(|answer| answer.status)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(2)).await;
    drop(doomed);
    let mut was_answered = false;
    for revocation in dying {
        was_answered |= matches!(revocation.await.expect("no client panics"), Ok(204));
    }
    if !was_answered {
        let client = second.client().with_bearer(&owner.token);
        let path = format!("/perps/me/api-keys/{}", keys[0].0.id);
        let again = client
            .send(client.request(reqwest::Method::DELETE, &path))
            .await;
        assert!(matches!(again.status, 204 | 404 | 409), "{again:?}");
    }
    keys[0].1.set(Instant::now()).expect("revoked once");
    owner.revoke(&second, &keys[1].0).await;
    keys[1].1.set(Instant::now()).expect("revoked once");
    tokio::time::sleep(BOUND + Duration::from_millis(500)).await;
    load.end().await;
    for key in &keys {
        assert_eq!(check(&third, &key.0).await, 401);
    }
    assert_eq!(third.client().get("/health/ready").await.status, 200);
}

/// A copy says what was true when it was made, and takes what is written to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_gets_no_more_writes_is_not_believed() {
    let (cluster, other) = (Cluster::start(), Cluster::start());
    let (fleet, proxy) = (
        Fleet::on(&cluster),
        TcpProxy::start(cluster.address()).await,
    );
    let url = proxy.in_front_of(&fleet.url);
    let (first, misled) = (
        fleet.node(),
        fleet.node_with(&[("COUNTERSIGN__DATABASE__URL", &url)]),
    );
    let owner = Owner::on(&first).await;
    until_lease_is(&misled, true).await;
    let keys = [owner.key().await, owner.key().await, owner.key().await];
    for key in &keys {
        assert_eq!(check(&misled, key).await, 200);
    }
    let [before, after, kept] = keys;
    other.copy_from(&cluster, &fleet.url);
    // Beats go on, so that the copy is behind.
    tokio::time::sleep(BOUND).await;
    owner.revoke(&first, &before).await;
    until(&misled, &before, 401, BOUND).await;
    proxy.lead_to(other.address());
    let start = Instant::now();
    while start.elapsed() < BOUND {
        let status = check(&misled, &before).await;
        assert_ne!(status, 200, "the copy says that it holds");
    }
    owner.revoke(&first, &after).await;
    for (key, status) in [(&before, 503), (&after, 503), (&kept, 503)] {
        until(&misled, key, status, BOUND).await;
    }
    assert_eq!(misled.client().get("/health/ready").await.status, 503);
    // Nor is anything written to it: a revocation there would be lost.
    let at_copy = misled.client().with_bearer(&owner.token);
    let path = format!("/perps/me/api-keys/{}", kept.id);
    let lost = at_copy
        .send(at_copy.request(reqwest::Method::DELETE, &path))
        .await;
    assert_eq!(lost.status, 503, "{lost:?}");
    assert!(
        misled.log().contains("the database has lost"),
        "{}",
        misled.log()
    );
    proxy.lead_to(cluster.address());
    until(&misled, &kept, 200, RECOVERY).await;
    until_lease_is(&misled, true).await;
    for key in [&before, &after] {
        assert_eq!(check(&misled, key).await, 401);
    }
}
