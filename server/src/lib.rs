//! The Countersign server: configuration, storage, HTTP dialects and command line around
//! [`countersign_core`].
//!
//! The binary `countersign` is [`cli::main`]. An application of its own mounts [`Countersign`]
//! instead: `examples/embedded` does.

mod app;
mod aura;
pub mod cli;
pub mod config;
mod connections;
mod countersign;
mod data_dir;
mod demo;
mod docs;
mod guard;
mod health;
mod http;
mod internal;
mod metrics;
mod ocx;
mod openapi;
pub mod random;
mod server;
mod session_token;
pub mod settings;
mod site;
mod storage;
pub mod store;
mod telemetry;
mod upkeep;

pub use app::App;
pub use countersign::Countersign;
pub use data_dir::DataDirError;
pub use guard::{Guard, Guarded};
pub use session_token::InvalidSigningKey;
pub use storage::StorageError;
