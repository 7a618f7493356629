//! `countersign serve` itself: how soon it is ready, and how much memory it holds under load.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

use countersign_tests::Server;
use tempfile::TempDir;

use crate::{
    aims,
    credentials::Credentials,
    measured::median,
    plan::Plan,
    process,
    report::Section,
    servers::{NO_LIMIT, USUAL_LOG, insert_keys_into},
    wrk::{self, CONNECTIONS},
};

/// A route that keys with the scope `read` pass to.
const ROUTE: &str = "/perps/positions";

/// What was measured.
pub(crate) struct Serving {
    /// From the process's start to `listening on`, in an empty directory.
    pub fresh_start_ms: f64,
    /// The same after a kill, with the credentials in the database.
    pub restart_ms: f64,
    /// Keys that were used.
    pub keys: usize,
    /// Seconds of load.
    pub seconds: u32,
    /// Resident memory before the first request.
    pub idle_mib: f64,
    /// Resident memory after the load.
    pub loaded_mib: f64,
}

/// Measures the server's binary.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let serving = serve(plan).await;
    Section {
        text: format!(
            "Idle, before the first request, the server has {:.1} MiB resident.\n",
            serving.idle_mib
        ),
        aims: aims::of_serving(&serving),
    }
}

async fn serve(plan: &Plan) -> Serving {
    let fresh = || start(TempDir::new().expect("a temporary directory"));
    let fresh_start_ms = median((0..plan.starts).map(|_| start_ms(&fresh())));
    let idle_mib = process::resident_mib(fresh().pid());
    let (directory, credentials) = with_keys(plan.memory_keys).await;
    let mut server = start(directory);
    eprintln!("memory: {} s of load", plan.memory_seconds);
    let url = format!("{}{ROUTE}", server.url());
    wrk::load(&url, &credentials.keys(), plan.memory_seconds, CONNECTIONS);
    let loaded_mib = process::resident_mib(server.pid());
    let mut restarts = vec![];
    for _ in 0..plan.starts {
        server = server.kill_and_restart();
        restarts.push(start_ms(&server));
    }
    Serving {
        fresh_start_ms,
        restart_ms: median(restarts.into_iter()),
        keys: credentials.count(),
        seconds: plan.memory_seconds,
        idle_mib,
        loaded_mib,
    }
}

/// A directory as a server would have made it, with about so many keys in its database.
async fn with_keys(count: usize) -> (TempDir, Credentials) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data = directory.path().join("countersign-data");
    let created = DirBuilder::new().mode(0o700).create(&data);
    created.expect("the directory is ours");
    let secrets = insert_keys_into(&data.join("countersign.sqlite"), count).await;
    (directory, Credentials::of_keys(&secrets))
}

fn start(directory: TempDir) -> Server {
    Server::start_on(directory, &[NO_LIMIT, USUAL_LOG])
}

fn start_ms(server: &Server) -> f64 {
    server.ready_in().as_secs_f64() * 1000.0
}
