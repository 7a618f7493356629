//! The Countersign server: configuration, storage, HTTP dialects and command line around
//! [`countersign_core`].
//!
//! Public are the command line, and what tests of storage need.

mod app;
mod aura;
pub mod cli;
mod config;
mod connections;
mod data_dir;
mod demo;
mod health;
mod http;
mod ocx;
mod openapi;
pub mod random;
mod server;
mod session_token;
mod settings;
mod site;
pub mod store;
mod telemetry;
