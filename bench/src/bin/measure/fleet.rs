//! How soon a key that was revoked on one server is refused by another one on the same database.

use std::time::{Duration, Instant};

use countersign_ethereum::Wallet;
use countersign_server::random::SystemRandom;
use countersign_tests::Client;
use reqwest::Method;
use serde_json::json;

use crate::{
    aims,
    plan::Plan,
    report::{Section, milliseconds, table},
    servers::{Database, Kind},
};

const KEYS: &str = "/perps/me/api-keys";
/// A route that keys with the scope `read` pass to.
const ROUTE: &str = "/perps/positions";
/// After so long nobody waits for the refusal any more; it counts as so much.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was measured, in microseconds.
pub(crate) struct Revocations {
    /// How many.
    pub count: usize,
    pub p50_us: f64,
    pub p99_us: f64,
    pub max_us: f64,
}

/// Revokes keys on one server that another one remembers.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let database = Database::create(Kind::Postgres);
    let (here, there) = (database.serve_binary().await, database.serve_binary().await);
    let session = here
        .client()
        .sign_in(&Wallet::generate(&SystemRandom))
        .await;
    let owner = here.client().with_bearer(&session.token);
    let mut took = vec![];
    for _ in 0..plan.revocations {
        took.push(revoke_one(&owner, &there.client()).await);
    }
    // Otherwise there was nothing to be told.
    let metrics = there.metrics().await;
    let from_memory = metrics.value("credential_checks_total", "source=memory");
    assert!(
        from_memory >= took.len() as f64 * 0.9,
        "{from_memory} of {} keys were in memory",
        took.len()
    );
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e6;
    let revocations = Revocations {
        count: took.len(),
        p50_us: at(50),
        p99_us: at(99),
        max_us: at(100),
    };
    let row = format!(
        "{} | {} | {} | {}",
        revocations.count,
        milliseconds(revocations.p50_us),
        milliseconds(revocations.p99_us),
        milliseconds(revocations.max_us),
    );
    Section {
        text: table(
            "keys revoked on one server, until another refuses them | p50 | p99 | max",
            [row].into_iter(),
        ),
        aims: aims::of_fleet(&revocations),
    }
}

/// From the answer to the revocation to the first refusal by the other server, which has the key in memory.
async fn revoke_one(owner: &Client, there: &Client) -> Duration {
    let asked = json!({ "name": "revoked", "scope": "read", "expiresInDays": 1 });
    let key = owner.post(KEYS, &asked).await;
    assert_eq!(key.status, 201, "{key:?}");
    let holder = there.with("x-api-key", &key.field("secret"));
    // The first is answered by the database, the second from memory.
    for _ in 0..2 {
        assert_eq!(holder.get(ROUTE).await.status, 200);
    }
    let revoke = owner.request(Method::DELETE, &format!("{KEYS}/{}", key.field("id")));
    let revoked = owner.send(revoke).await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    let answered = Instant::now();
    while holder.get(ROUTE).await.status == 200 && answered.elapsed() < PATIENCE {}
    answered.elapsed()
}
