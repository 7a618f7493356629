//! The `countersign` binary.

use std::process::ExitCode;

/// Answers from memory take less of the processor with it than with the system's, and what is remembered less memory.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    countersign_server::cli::main()
}
