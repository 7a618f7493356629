//! The same check built in, in a plugin in this process, and in a plugin in a process of its own.

use std::time::Instant;

use countersign_bench::plugin::{Place, Scheme, Subject};
use criterion::Criterion;

pub(crate) fn benchmarks(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for scheme in Scheme::ALL {
        for place in Place::ALL {
            let name = format!("verify/{}, {}", scheme.name(), place.name());
            let subject = runtime.block_on(Subject::load(scheme, place));
            criterion.bench_function(&name, |bench| {
                bench.iter_custom(|times| {
                    let start = Instant::now();
                    runtime.block_on(async {
                        for _ in 0..times {
                            subject.verify().await;
                        }
                    });
                    start.elapsed()
                });
            });
        }
    }
}
