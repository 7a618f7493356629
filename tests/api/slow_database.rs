//! A database that does not answer, because another process holds it. Whoever is not known from memory is told so, in
//! time; whoever is, passes.

use std::{
    fs::File,
    time::{Duration, Instant},
};

use countersign_core::profile::Profile;
use countersign_tests::{Answer, Client, Server, build};
use futures_util::future::join_all;
use nix::{
    fcntl::{FcntlArg, fcntl},
    libc::{F_WRLCK, SEEK_SET, c_short, flock},
};
use serde_json::json;

use crate::{
    access::history::{GOOD, History},
    authz::{self, FAMILIES},
    introspection::{self, Platform, unknown_key},
    wallet,
};

/// The two seconds that a check may take, and what the machine takes.
const IN_TIME: Duration = Duration::from_millis(2500);
/// What no wait fits into.
const AT_ONCE: Duration = Duration::from_millis(1000);
const PROXIES: (&str, &str) = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");

/// Holds every lock of the index of a database's log (bytes 120 to 127, as SQLite documents) until it is dropped.
struct Held {
    _index: File,
}

fn hold(server: &Server) -> Held {
    let index = server
        .directory()
        .join("countersign-data/countersign.sqlite-shm");
    let index = File::options().read(true).write(true).open(index);
    let index = index.expect("the server has the database open");
    let locks = flock {
        l_type: c_short::try_from(F_WRLCK).expect("small"),
        l_whence: c_short::try_from(SEEK_SET).expect("small"),
        l_start: 120,
        l_len: 8,
        l_pid: 0,
    };
    let began = Instant::now();
    // The server's own take microseconds.
    while let Err(error) = fcntl(&index, FcntlArg::F_OFD_SETLK(&locks)) {
        assert!(began.elapsed() < IN_TIME, "{error}");
        std::thread::yield_now();
    }
    Held { _index: index }
}

/// The answer, and how long it took.
async fn timed(asking: impl Future<Output = Answer>) -> (Answer, Duration) {
    let began = Instant::now();
    (asking.await, began.elapsed())
}

/// A session and a key of each dialect.
struct Credentials {
    session: String,
    key: String,
    aura: String,
}

impl Credentials {
    async fn new(history: &mut History) -> Self {
        Self {
            session: history.session(Profile::Ocx, GOOD).await,
            key: history.key(Profile::Ocx, "trade", "", GOOD).await,
            aura: history.key(Profile::Aura, "read", "", GOOD).await,
        }
    }

    /// Checked in every way at once: by proxies, by operations, and by services.
    async fn check(&self, platform: &Platform) -> Checks {
        let client = platform.server.client();
        let session = client.with_bearer(&self.session);
        let key = client.with("x-api-key", &self.key);
        let aura = client.with_bearer(&self.aura);
        let ask = |client: &Client, dialect, family, path| {
            let client = client.clone();
            timed(async move { authz::ask(&client, dialect, family, "GET", path).await })
        };
        let get = |client: &Client, path| {
            let client = client.clone();
            timed(async move { client.get(path).await })
        };
        let of_ocx = FAMILIES.iter().flat_map(|family| {
            [&session, &key].map(|client| ask(client, "ocx", family, "/perps/positions"))
        });
        let of_aura = FAMILIES
            .iter()
            .map(|family| ask(&aura, "aura", family, "/v1/markets"));
        let paths = ["/perps/positions", "/auth/me"];
        let operations = paths
            .iter()
            .flat_map(|path| [get(&session, path), get(&key, path)]);
        let services = [
            (platform.ocx(), &self.session),
            (platform.ocx(), &self.key),
            (platform.aura(), &self.aura),
        ];
        let services = services.into_iter().map(|(service, token)| {
            timed(async move { introspection::ask(&service, token, "").await })
        });
        let (ocx, aura_routes, operations, aura_operation, services) = tokio::join!(
            join_all(of_ocx),
            join_all(of_aura),
            join_all(operations),
            get(&aura, "/v1/markets"),
            join_all(services),
        );
        Checks {
            ocx: ocx.into_iter().chain(operations).collect(),
            aura: aura_routes.into_iter().chain([aura_operation]).collect(),
            services,
        }
    }
}

/// Answers with how long they took, by the form of their errors.
struct Checks {
    ocx: Vec<(Answer, Duration)>,
    aura: Vec<(Answer, Duration)>,
    services: Vec<(Answer, Duration)>,
}

impl Checks {
    #[track_caller]
    fn assert_unavailable(&self) {
        for (answer, took) in &self.ocx {
            answer.assert_error(503, "SERVICE_UNAVAILABLE");
            assert!(*took < IN_TIME, "{took:?}: {answer:?}");
        }
        for (answer, took) in &self.aura {
            answer.assert_aura_error(503, "unavailable");
            assert!(*took < IN_TIME, "{took:?}: {answer:?}");
        }
        for (answer, took) in &self.services {
            answer.assert_oauth_error(503, "temporarily_unavailable");
            assert!(*took < IN_TIME, "{took:?}: {answer:?}");
        }
    }

    #[track_caller]
    fn assert_pass(&self, within: Duration) {
        let all = [&self.ocx, &self.aura, &self.services];
        for (answer, took) in all.into_iter().flatten() {
            assert_eq!(answer.status, 200, "{answer:?}");
            assert!(*took < within, "{took:?}: {answer:?}");
        }
        for (answer, _) in &self.services {
            assert_eq!(answer.json()["active"], true, "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_needs_the_database_is_503_in_time_and_others_pass() {
    let mut history = History::begin().await;
    let remembered = Credentials::new(&mut history).await;
    let mut cold = vec![];
    for _ in 0..3 {
        cold.push(Credentials::new(&mut history).await);
    }
    let platform = Platform::serve(history, &[PROXIES]).await;
    remembered.check(&platform).await.assert_pass(IN_TIME);

    let held = hold(&platform.server);
    // More at once than there are connections, and again.
    for _ in 0..2 {
        let (unavailable, passed) = tokio::join!(
            join_all(cold.iter().map(|credentials| credentials.check(&platform))),
            remembered.check(&platform),
        );
        unavailable.iter().for_each(Checks::assert_unavailable);
        passed.assert_pass(AT_ONCE);
    }
    let (ready, took) = timed(platform.server.client().get("/health/ready")).await;
    ready.assert_error(503, "SERVICE_UNAVAILABLE");
    assert!(took < IN_TIME, "{took:?}");

    drop(held);
    let passed = join_all(cold.iter().map(|credentials| credentials.check(&platform))).await;
    passed.iter().for_each(|checks| checks.assert_pass(IN_TIME));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guarded_route_is_503_in_time_and_admits_whom_it_remembers() {
    let server = Server::start_program(&build("embedded", "embedded"), &[]);
    let client = server.client();
    let signed_in = client.with_bearer(&client.sign_in(&wallet()).await.token);
    let stranger = client.with("x-api-key", &unknown_key(Profile::Ocx));
    let order = json!({ "size": 3 });
    assert_eq!(signed_in.post("/orders", &order).await.status, 200);

    let held = hold(&server);
    let (by_itself, by_rules, remembered) = tokio::join!(
        timed(stranger.post("/orders", &order)),
        timed(stranger.get("/wallet/balance")),
        timed(signed_in.post("/orders", &order)),
    );
    for (answer, took) in [by_itself, by_rules] {
        answer.assert_error(503, "SERVICE_UNAVAILABLE");
        assert!(took < IN_TIME, "{took:?}");
    }
    let (passed, took) = remembered;
    assert_eq!(passed.status, 200, "{passed:?}");
    assert!(took < AT_ONCE, "{took:?}");

    drop(held);
    let refused = stranger.post("/orders", &order).await;
    refused.assert_error(401, "INVALID_CREDENTIAL");
}
