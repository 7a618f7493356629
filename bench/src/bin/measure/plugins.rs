//! What chains cost that are plugins: a call by itself, and whole sign-ins while plugins are replaced.

use std::{
    fs,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use countersign_bench::plugin::{Place, Scheme, Subject, build_toy, pin};
use countersign_tests::{Client, Server, binary};
use futures_util::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    aims,
    measured::median,
    plan::Plan,
    process,
    report::{Section, table},
    servers::USUAL_LOG,
};

/// Clients that sign in while plugins are replaced.
const CLIENTS: usize = 4;
/// Callers at once, as on a server with something to do.
const MANY: usize = 8;

/// All that is measured of them.
pub(crate) struct Plugins {
    /// Calls.
    pub calls: Vec<Call>,
    /// Plugins replaced under load.
    pub reloads: Reloads,
}

/// A check, and what it takes of processors.
pub(crate) struct Call {
    /// What is checked, and where.
    pub name: String,
    /// Where.
    pub place: Place,
    /// Whether there was something to check.
    pub scheme: Scheme,
    /// How many asked at once.
    pub callers: usize,
    /// Of this process and the plugin's, for one call.
    pub cpu_us: f64,
    /// The median of its difference from the same check built in.
    pub more_us: f64,
}

/// Plugins replaced under load.
pub(crate) struct Reloads {
    /// How often.
    pub count: usize,
    /// Sign-ins meanwhile.
    pub sign_ins: usize,
    /// Those of them that failed.
    pub failed: usize,
    /// How long `countersign plugin reload` took, the median.
    pub took_ms: f64,
}

/// A check that has its turn in every round.
struct Turn {
    scheme: Scheme,
    place: Place,
    callers: usize,
    subject: Arc<Subject>,
}

/// Measures calls and reloads.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let plugins = Plugins {
        calls: calls(plan).await,
        reloads: reloads(plan).await,
    };
    let row = |call: &Call| {
        format!(
            "{} | {:.2} µs | {:.2} µs",
            call.name, call.cpu_us, call.more_us
        )
    };
    let calls = table(
        "a check, and where | CPU | more than built in",
        plugins.calls.iter().map(row),
    );
    Section {
        text: format!(
            "{calls}\nA reload under load, with another library each time, took {:.0} ms.\n",
            plugins.reloads.took_ms
        ),
        aims: aims::of_plugins(&plugins),
    }
}

/// Measures the calls, in interleaved rounds.
async fn calls(plan: &Plan) -> Vec<Call> {
    let mut turns = vec![];
    for scheme in Scheme::ALL {
        for place in Place::ALL {
            let subject = Arc::new(Subject::load(scheme, place).await);
            for callers in [1, MANY] {
                let subject = subject.clone();
                turns.push(Turn {
                    scheme,
                    place,
                    callers,
                    subject,
                });
            }
        }
    }
    let mut samples = vec![vec![]; turns.len()];
    for round in 1..=plan.rounds {
        for (turn, samples) in turns.iter().zip(&mut samples) {
            let cpu_us = turn.cpu_us(plan.calls).await;
            eprintln!("round {round}: {}: {cpu_us:.2} us", turn.name());
            samples.push(cpu_us);
        }
    }
    let summed_up = turns.iter().zip(&samples).enumerate();
    summed_up
        .map(|(at, (turn, of_it))| {
            // The first two of each scheme are built in, with one caller and with many.
            let built_in = &samples[at - at % (2 * Place::ALL.len()) + at % 2];
            let more = of_it
                .iter()
                .zip(built_in)
                .map(|(it, built_in)| it - built_in);
            Call {
                name: turn.name(),
                place: turn.place,
                scheme: turn.scheme,
                callers: turn.callers,
                cpu_us: median(of_it.iter().copied()),
                more_us: median(more),
            }
        })
        .collect()
}

impl Turn {
    fn name(&self) -> String {
        let (scheme, place) = (self.scheme.name(), self.place.name());
        match self.callers {
            1 => format!("{scheme}, {place}"),
            many => format!("{scheme}, {place}, {many} at once"),
        }
    }

    /// Processor time of a call, in microseconds.
    async fn cpu_us(&self, calls: usize) -> f64 {
        self.ask(calls / 10).await;
        let children = self.subject.processes();
        let used = || {
            let of_children = children.iter().map(|pid| process::cpu_time_exactly(*pid));
            of_children.sum::<Duration>() + own_cpu_time()
        };
        let before = used();
        self.ask(calls).await;
        (used() - before).as_secs_f64() * 1e6 / calls as f64
    }

    /// Asks on threads of the runtime, as the server's requests do.
    async fn ask(&self, calls: usize) {
        let callers = (0..self.callers).map(|_| {
            let (subject, calls) = (self.subject.clone(), calls / self.callers);
            tokio::spawn(async move {
                for _ in 0..calls {
                    subject.verify().await;
                }
            })
        });
        for caller in join_all(callers).await {
            caller.expect("no panic");
        }
    }
}

fn own_cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.cast_unsigned(),
        u32::try_from(time.tv_nsec).expect("below a second"),
    )
}

/// Replaces a plugin by another version of it, again and again, while clients sign in with it.
async fn reloads(plan: &Plan) -> Reloads {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let stanzas = ["1", "2"].map(|version| stanza(directory.path(), version));
    configure(directory.path(), &stanzas[0]);
    let server = Server::start_on(directory, &[USUAL_LOG]);
    let (stop, stopped) = watch::channel(false);
    let failed = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| tokio::spawn(one_client(server.client(), stopped.clone(), failed.clone())))
        .collect();
    let mut took = vec![];
    for number in 1..=plan.reloads {
        configure(server.directory(), &stanzas[number % 2]);
        took.push(reload(&server));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    eprintln!("{} reloads under load", plan.reloads);
    stop.send(true).expect("the clients listen");
    let mut sign_ins = 0;
    for client in clients {
        sign_ins += client.await.expect("no panic");
    }
    Reloads {
        count: plan.reloads,
        sign_ins,
        failed: failed.load(Ordering::Relaxed),
        took_ms: median(took.into_iter()),
    }
}

fn stanza(directory: &Path, version: &str) -> String {
    let plugins = directory.join("plugins");
    fs::create_dir_all(&plugins).expect("the directory is ours");
    let library = build_toy(&plugins, version);
    let file = library.file_name().and_then(|name| name.to_str());
    format!(
        "[[plugins.load]]\nname = \"toy\"\nfile = \"{}\"\nsha256 = \"{}\"\nnamespaces = [\"toy\"]\n",
        file.expect("a name"),
        pin(&library)
    )
}

fn configure(directory: &Path, stanza: &str) {
    let text = format!("limits.scale = 1000000\n{stanza}");
    fs::write(directory.join("countersign.toml"), text).expect("the directory is ours");
}

/// How long it took, in milliseconds. What is loaded is another library each time.
fn reload(server: &Server) -> f64 {
    let start = Instant::now();
    let output = Command::new(binary())
        .args(["plugin", "reload"])
        .current_dir(server.directory())
        .output()
        .expect("the binary runs");
    assert!(output.status.success(), "{output:?}");
    start.elapsed().as_secs_f64() * 1000.0
}

/// Signs in until it is told to stop; tells how often.
async fn one_client(
    client: Client,
    stopped: watch::Receiver<bool>,
    failed: Arc<AtomicUsize>,
) -> usize {
    let mut count = 0;
    while !*stopped.borrow() {
        count += 1;
        if !signs_in(&client).await {
            failed.fetch_add(1, Ordering::Relaxed);
        }
    }
    count
}

async fn signs_in(client: &Client) -> bool {
    let body = json!({ "chain": "toy:main", "address": "alice" });
    let challenge = client.post("/auth/challenge", &body).await;
    if challenge.status != 200 {
        return false;
    }
    let signature = sign("alice", &challenge.field("message"));
    let body = json!({ "challengeId": challenge.field("challengeId"), "signature": signature });
    client.post("/auth/verify", &body).await.status == 200
}

/// The toy's checksum, in hex.
fn sign(address: &str, message: &str) -> String {
    hex::encode(countersign_bench::plugin::checksum(address, message.as_bytes()).to_le_bytes())
}
