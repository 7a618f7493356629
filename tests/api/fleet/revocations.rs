//! Revocations while nothing fails.

use super::*;

/// Long enough for a slow machine, and far below the bound.
const SOON: Duration = Duration::from_millis(1000);
/// After so long a backend of Postgres that is idle has reported its last commits (`PGSTAT_IDLE_INTERVAL`, 10 s):
/// those of a start, which are many, would count as those of checks.
const REPORTED: Duration = Duration::from_secs(11);

#[tokio::test(flavor = "multi_thread")]
async fn a_key_revoked_at_one_node_is_refused_by_the_others() {
    let fleet = Fleet::on(Cluster::shared());
    let (first, second, third) = (fleet.node(), fleet.node(), fleet.node());
    let owner = Owner::on(&first).await;
    for node in [&second, &third] {
        until_lease_is(node, true).await;
    }
    let mut delays = vec![];
    for round in 0..200 {
        let key = owner.key().await;
        for node in [&first, &second, &third] {
            assert_eq!(check(node, &key).await, 200);
        }
        let (revoker, others) = match round % 2 {
            0 => (&first, [&second, &third]),
            _ => (&third, [&first, &second]),
        };
        owner.revoke(revoker, &key).await;
        assert_eq!(
            check(revoker, &key).await,
            401,
            "at once where it was revoked"
        );
        for other in others {
            delays.push(until(other, &key, 401, SOON).await);
        }
    }
    delays.sort();
    eprintln!(
        "of {} delays the median is {:?}, the longest {:?}",
        delays.len(),
        delays[delays.len() / 2],
        delays.last()
    );
    // They came by notification: nobody had to ask the database whether the keys still hold.
    let heard = second
        .metrics()
        .await
        .value("fleet_revocations_heard_total", "");
    assert_eq!(heard, 200.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ended_at_one_node_is_refused_by_the_others() {
    let fleet = Fleet::on(Cluster::shared());
    let (first, second) = (fleet.node(), fleet.node());
    until_lease_is(&second, true).await;
    let session = first.client().sign_in(&wallet()).await;
    let at_second = second.client().with_bearer(&session.token);
    assert_eq!(at_second.get("/perps/positions").await.status, 200);
    let at_first = first.client().with_bearer(&session.token);
    let logout = at_first.request(reqwest::Method::POST, "/auth/logout");
    let logout = at_first.send(logout).await;
    assert_eq!(logout.status, 204, "{logout:?}");
    let start = Instant::now();
    while at_second.get("/perps/positions").await.status == 200 {
        assert!(start.elapsed() < SOON, "{}", second.log());
    }
    let refused = at_second.get("/perps/positions").await;
    refused.assert_error(401, "REVOKED_CREDENTIAL");
}

/// A warm check asks no database: what the nodes commit is their beats, and lookups by those that lack a beat.
#[tokio::test(flavor = "multi_thread")]
async fn warm_checks_leave_the_database_alone() {
    let cluster = Cluster::start();
    let fleet = Fleet::on(&cluster);
    let (first, second) = (fleet.node(), fleet.node());
    let owner = Owner::on(&first).await;
    let key = owner.key().await;
    for node in [&first, &second] {
        until_lease_is(node, true).await;
        assert_eq!(check(node, &key).await, 200);
    }
    let name = fleet.url.rsplit('/').next().expect("a database");
    let commits = || {
        let asked = format!("SELECT xact_commit FROM pg_stat_database WHERE datname = '{name}'");
        let commits: f64 = cluster.sql("postgres", &asked).parse().expect("a number");
        commits
    };
    let lookups = async || lookups(&first).await + lookups(&second).await;
    for _ in 0..20 {
        tokio::time::sleep(REPORTED).await;
        let (commits_before, lookups_before) = (commits(), lookups().await);
        let start = Instant::now();
        let mut checks = 0.0;
        while start.elapsed() < Duration::from_secs(4) {
            for node in [&first, &second] {
                assert_eq!(check(node, &key).await, 200);
                checks += 1.0;
            }
        }
        tokio::time::sleep(REPORTED).await;
        let seconds = start.elapsed().as_secs_f64();
        let committed = commits() - commits_before;
        // On a machine that has too much to do a beat may come too late, and checks ask the database, as they must.
        let looked_up = lookups().await - lookups_before;
        eprintln!("{checks} checks, {looked_up} lookups, {committed} commits in {seconds:.1} s");
        // Two beats a second by each node, one write of last uses and one sweep by each, and what is under way.
        let allowed = 2.0 * (2.0 * (seconds + 2.0) + 6.0);
        assert!(committed <= allowed + looked_up, "{committed} commits");
        if checks > 3.0 * (allowed + looked_up) {
            return;
        }
    }
    panic!("too many of the checks were lookups in each of twenty rounds");
}
