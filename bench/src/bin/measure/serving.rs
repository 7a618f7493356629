//! `countersign serve` itself: how soon it is ready, and how much memory it holds under load.

use countersign_tests::Server;

use crate::{
    NO_LIMIT, USUAL_LOG, credentials::Credentials, plan::Plan, process, routes::median, wrk,
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
pub(crate) async fn measure(plan: &Plan) -> Serving {
    let starts = (0..plan.starts).map(|_| start_ms(&start()));
    let fresh_start_ms = median(starts);
    let mut server = start();
    let idle_mib = process::resident_mib(server.pid());
    let credentials = Credentials::obtain(&server.client(), plan.accounts, 1).await;
    eprintln!("memory: {} s of load", plan.memory_seconds);
    let url = format!("{}{ROUTE}", server.url());
    wrk::load(&url, &credentials.keys(), plan.memory_seconds);
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

fn start() -> Server {
    Server::start_with(&[NO_LIMIT, USUAL_LOG])
}

fn start_ms(server: &Server) -> f64 {
    server.ready_in().as_secs_f64() * 1000.0
}
