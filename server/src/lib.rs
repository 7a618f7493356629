//! The Countersign server: configuration, storage, HTTP dialects and command line around
//! [`countersign_core`].
//!
//! The binary `countersign` is [`cli::main`]. An application of its own mounts [`Countersign`]
//! instead:
//!
//! - [`Config::load`](config::Config::load) reads what was written,
//!   [`Settings::parse`](settings::Settings::parse) says what it means.
//! - [`Countersign::open`] opens the data directory and the database.
//! - [`Countersign::app`] is everything the server answers; [`App::with_routes`] adds routes to it.
//! - [`Countersign::guard`] makes a [`Guard`], which lets in whom a rule admits, and
//!   [`Countersign::guard_by_rules`] one that goes by the rules of the configuration; a handler behind either takes a
//!   [`Principal`].
//! - With the feature `tower`, `Guard::layer` makes the same a layer for applications of another framework, such as axum.
//! - [`store::SqliteStore`] and [`store::PostgresStore`] are the storage alone, for whoever builds other flows on it.
//!
//! `examples/embedded` is a whole application in 60 lines, `examples/axum` one of axum. The HTTP side is described by the documents in
//! `openapi/`, the insides by ARCHITECTURE.md.

mod app;
mod aura;
mod authz;
mod chains;
pub mod cli;
pub mod config;
mod connections;
mod control;
mod countersign;
mod data_dir;
mod demo;
mod denial;
mod docs;
mod fleet;
mod guard;
mod http;
mod internal;
mod introspection;
mod metrics;
mod ocx;
mod openapi;
mod platform;
mod principal;
pub mod random;
mod server;
mod session_token;
pub mod settings;
mod shared_permits;
mod signing_keys;
mod site;
mod storage;
pub mod store;
mod telemetry;
#[cfg(feature = "tower")]
pub mod tower;
mod upkeep;

pub use app::App;
pub use countersign::{Countersign, OpenError};
pub use countersign_plugin_host::{ChildProgram, LoadError, child_main as plugin_host};
pub use data_dir::DataDirError;
pub use guard::{Guard, Guarded};
pub use principal::Principal;
pub use signing_keys::SigningKeyError;
pub use storage::StorageError;
