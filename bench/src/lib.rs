//! Benchmarks. `benches/` measures parts of a request with criterion. `scripts/bench` runs the binary
//! `measure`, which loads a running server and compares its routes with a yardstick.

pub mod item;
pub mod listening;
pub mod plugin;
