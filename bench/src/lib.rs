//! Benchmarks. `benches/` measures parts of a request with criterion. `scripts/bench` runs the binary
//! `measure`, which loads a running server and compares its routes with a yardstick.

pub mod issued;
pub mod item;
pub mod listening;
pub mod plugin;

/// The environment variable that says to `bench-server` how many credentials it remembers at most.
pub const REMEMBERED: &str = "BENCH_REMEMBERED";
