//! Black-box tests of the server, in one binary.

mod access;
mod aura;
mod authz;
mod axum;
mod bad_input;
mod cli;
mod cold_lookups;
mod deployment;
mod docs;
mod doctor;
mod embedded;
mod fleet;
mod health;
mod introspection;
mod jwks;
mod kills;
mod logs;
mod metrics;
mod ocx;
mod openapi;
mod originals;
mod plugins;
mod postgres;
mod races;
mod readme;
mod shared_limits;
mod shell;
mod signing_keys;
mod slow_database;
mod structure;

use countersign_ethereum::Wallet;
use countersign_server::random::SystemRandom;

/// A wallet with a fresh random key.
fn wallet() -> Wallet {
    Wallet::generate(&SystemRandom)
}
