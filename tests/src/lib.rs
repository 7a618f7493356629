//! The harness: starts the real binary on a free port and drives it only from outside.
//!
//! - [`Server::start`] starts a server with a data directory of its own; dropping it ends both.
//! - [`Client`] speaks to it, and refuses an answer that its OpenAPI document does not tell.
//! - [`Answer`] is what came back: status, code, headers, JSON.
//!
//! The tests themselves are in `tests/api`.

mod answer;
mod breaking;
mod client;
mod documents;
mod metrics;
pub mod proxy;
mod redis;
pub mod secrets;
mod server;
mod tcp_proxy;

pub use answer::Answer;
pub use breaking::breaking_changes;
pub use client::{Client, Session, siwe_message};
pub use documents::{Contract, ORIGINAL_AURA, ORIGINAL_OCX};
pub use metrics::{Line, Metrics};
pub use redis::Redis;
pub use server::{Server, binary, build};
pub use tcp_proxy::{Carriage, TcpProxy};
