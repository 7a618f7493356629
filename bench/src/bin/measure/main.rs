//! Loads running servers and prints the tables of `docs/performance.md`; progress goes to stderr.
//!
//! `measure [--quick] [SECTION...]`: without sections, all of them. `COUNTERSIGN_BIN` names the server's binary, and
//! `CRITERION_HOME` the results of the benchmarks of parts, if they are to be in the tables. `wrk`, nginx and
//! PostgreSQL must be installed. `scripts/bench` sees to all of that.

mod aims;
mod credentials;
mod databases;
mod fleet;
mod many_keys;
mod measured;
mod parts;
mod plan;
mod plugins;
mod process;
mod proxied;
mod report;
mod rounds;
mod routes;
mod servers;
mod serving;
mod sign_ins;
mod wrk;

use std::{io::Write, time::Instant};

use plan::Plan;
use process::Stolen;
use report::Section;

/// What is measured, in the order of the report.
const SECTIONS: [&str; 8] = [
    "routes",
    "proxied",
    "databases",
    "keys",
    "serving",
    "fleet",
    "plugins",
    "parts",
];

#[tokio::main]
async fn main() {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    arguments.retain(|argument| argument != "--quick");
    let unknown = arguments
        .iter()
        .find(|name| !SECTIONS.contains(&name.as_str()));
    if let Some(unknown) = unknown {
        eprintln!("no section {unknown:?}: there are {}", SECTIONS.join(", "));
        std::process::exit(2);
    }
    let plan = if is_quick { Plan::QUICK } else { Plan::FULL };
    let (stolen, start) = (Stolen::now(), Instant::now());
    let mut sections = vec![];
    for name in SECTIONS {
        if arguments.is_empty() || arguments.iter().any(|argument| argument == name) {
            eprintln!("{name}, after {:.0} s", start.elapsed().as_secs_f64());
            let section = measure(name, &plan).await;
            // What was measured is not lost if another section fails.
            eprintln!("{}", report::write(std::slice::from_ref(&section)));
            sections.push(section);
        }
    }
    let stolen = stolen.percent_since(start);
    let report = format!(
        "{}\nOther machines on the same host took {stolen:.0} % of the processors meanwhile.\n",
        report::write(&sections)
    );
    let written = std::io::stdout().write_all(report.as_bytes());
    written.expect("stdout is open");
}

async fn measure(section: &str, plan: &Plan) -> Section {
    match section {
        "routes" => routes::measure(plan).await,
        "proxied" => proxied::measure(plan).await,
        "databases" => databases::measure(plan).await,
        "keys" => many_keys::measure(plan).await,
        "serving" => serving::measure(plan).await,
        "fleet" => fleet::measure(plan).await,
        "plugins" => plugins::measure(plan).await,
        _ => parts::read(),
    }
}
