//! The operating system's randomness.

use countersign_core::Random;

/// `getrandom`: the operating system's generator. It panics where there is none, which no system that has
/// booted does.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the operating system"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes once it has booted");
    }
}
