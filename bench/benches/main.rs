//! What the parts of a request cost by themselves: `cargo bench --package countersign-bench`.

mod credential;
mod parse;
mod plugin;
mod signature;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    // Short enough for all of them to take a minute; `--measurement-time` has more of it.
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    parse::benchmarks(&mut criterion);
    signature::benchmarks(&mut criterion);
    credential::benchmarks(&mut criterion);
    plugin::benchmarks(&mut criterion);
    criterion.final_summary();
}
