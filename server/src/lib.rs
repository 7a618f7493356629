//! The Countersign server: configuration, storage, HTTP dialects and command line around
//! [`countersign_core`].

pub mod app;
pub mod cli;
pub mod config;
pub mod data_dir;
pub mod health;
pub mod http;
pub mod ocx;
pub mod random;
pub mod server;
pub mod session_token;
pub mod settings;
pub mod site;
pub mod store;
pub mod telemetry;
