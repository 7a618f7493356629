//! The harness: starts the real binary on a free port and drives it only from outside.

mod answer;
mod client;
mod documents;
mod metrics;
pub mod secrets;
mod server;

pub use answer::Answer;
pub use client::{Client, Session, siwe_message};
pub use metrics::{Line, Metrics};
pub use server::{Server, binary, build};
