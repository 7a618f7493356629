//! Loads a running server and prints the tables of `docs/performance.md`; progress goes to stderr.
//!
//! `measure [--quick]`: `COUNTERSIGN_BIN` names the server's binary, and `CRITERION_HOME` the results of
//! the benchmarks of parts, if they are to be in the tables. `wrk` must be installed. `scripts/bench`
//! sees to all of that.

mod aims;
mod credentials;
mod parts;
mod plan;
mod plugins;
mod process;
mod report;
mod rounds;
mod routes;
mod serving;
mod sign_ins;
mod wrk;

use std::{io::Write, time::Instant};

use plan::Plan;
use plugins::Plugins;
use process::Stolen;

/// Multiplies the limits, so that no request of the load meets one and every request is counted.
const NO_LIMIT: (&str, &str) = ("COUNTERSIGN__LIMITS__SCALE", "1000000");
/// As the server logs without configuration.
const USUAL_LOG: (&str, &str) = ("COUNTERSIGN__LOG__FILTER", "info");

#[tokio::main]
async fn main() {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let plan = if is_quick { Plan::QUICK } else { Plan::FULL };
    let (stolen, start) = (Stolen::now(), Instant::now());
    let routes = routes::measure(&plan).await;
    let serving = serving::measure(&plan).await;
    let plugins = Plugins {
        calls: plugins::calls(&plan).await,
        reloads: plugins::reloads(&plan).await,
    };
    let tables = report::write(&routes, &serving, &plugins, &parts::read());
    let stolen = stolen.percent_since(start);
    let report = format!(
        "{tables}\nOther machines on the same host took {stolen:.0} % of the processors meanwhile.\n"
    );
    let written = std::io::stdout().write_all(report.as_bytes());
    written.expect("stdout is open");
}
