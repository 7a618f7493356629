//! The domain of Countersign: who signed which text, and what that gives access to.
//!
//! This crate holds types, traits (ports) and flows. It knows no HTTP, no SQL, no network
//! and no particular chain: a chain is a [`ChainVerifier`], storage is the traits of
//! [`store`], and time and randomness are the arguments [`Clock`] and [`Random`].
//!
//! Start reading at [`service::SignIn`], the flow that turns a signature into a session.
#![warn(missing_docs)]

pub mod account;
pub mod allowlist;
pub mod api_key;
pub mod chain;
pub mod challenge;
pub mod claim;
pub mod client_address;
pub mod clock;
pub mod error;
pub mod expected;
mod id;
pub mod message;
pub mod nonce;
pub mod origin;
pub mod principal;
pub mod profile;
pub mod proof;
pub mod random;
pub mod rate_limit;
pub mod registry;
pub mod scope;
pub mod secret;
pub mod service;
pub mod session;
pub mod store;
pub mod verifier;
pub mod wallet;

#[cfg(feature = "test-support")]
pub mod conformance;
#[cfg(feature = "test-support")]
pub mod memory;
#[cfg(feature = "test-support")]
pub mod store_suite;

pub use clock::Clock;
pub use error::Error;
pub use random::Random;
pub use registry::ChainRegistry;
pub use verifier::ChainVerifier;
