//! The domain of Countersign: who signed which text, and what that gives access to.
//!
//! This crate holds types, traits (ports) and flows. It knows no HTTP, no SQL, no network
//! and no particular chain: a chain is a [`ChainVerifier`], storage is the traits of
//! [`store`], and time and randomness are the arguments [`Clock`] and [`Random`].
//!
//! # Begin with
//!
//! - [`service`]: the flows, of which [`SignIn`](service::SignIn) turns a signature into a session, and
//!   [`Access`](service::Access) says whether a request may pass.
//! - [`SignInMessage`](message::SignInMessage): the text that wallets sign, CAIP-122 and EIP-4361.
//! - [`ChainVerifier`]: what a chain crate implements.
//! - [`store`]: what a store implements.
//! - [`Error`]: everything that can go wrong, as facts.
//!
//! With the feature `test-support` there are a store in memory, a clock to set and repeatable randomness
//! (`memory`), the suite of every store (`store_suite!`), and the kit that judges a chain by vectors
//! (`conformance`). `countersign-server` puts HTTP and SQLite around all this; ARCHITECTURE.md has the map.
//!
//! # A sign-in
//!
//! A wallet asks for a text, signs it, and hands the signature in. Here everything is a test double, the
//! chain, too; [`ChainVerifier`] shows how one is written.
//!
//! ```
//! use std::sync::Arc;
//!
//! use countersign_core::{
//!     ChainRegistry, ChainVerifier, Error,
//!     challenge::Purpose,
//!     expected::TimeRules,
//!     freshness::OneProcess,
//!     memory::{ManualClock, MemoryStore, PlainTokens, SeededRandom},
//!     origin::Origin,
//!     profile::Profile,
//!     proof::Proof,
//!     service::{ChallengePolicy, Challenges, Credentials, Ports, SignIn},
//! };
//! use time::{Duration, macros::datetime};
//! # use countersign_core::{chain::*, verifier::*};
//! # struct Toy(ChainInfo);
//! # #[async_trait::async_trait]
//! # impl ChainVerifier for Toy {
//! #     fn info(&self) -> &ChainInfo {
//! #         &self.0
//! #     }
//! #     async fn parse_address(&self, text: &str) -> Result<Address, AddressError> {
//! #         Address::new(text).map_err(|error| AddressError::malformed(error.expected))
//! #     }
//! #     async fn verify(
//! #         &self,
//! #         account: &ChainAddress,
//! #         message: &[u8],
//! #         proof: &Proof,
//! #     ) -> Result<ProvenAccount, VerifyError> {
//! #         if proof.signature != toy_signature("alice", message) {
//! #             return Err(VerifyError::InvalidProof);
//! #         }
//! #         Ok(ProvenAccount { account: account.clone(), control: Control::Key })
//! #     }
//! # }
//! # fn toy() -> Toy {
//! #     Toy(ChainInfo {
//! #         namespace: Namespace::new("toy").unwrap(),
//! #         name: "Toy".into(),
//! #         chain_ids: vec!["toy:main".parse().unwrap()],
//! #         key_types: vec![],
//! #         needs_public_key: false,
//! #         address_is_key: true,
//! #         source: Source::Builtin,
//! #     })
//! # }
//! # fn toy_signature(address: &str, message: &[u8]) -> Vec<u8> {
//! #     [address.as_bytes(), message].concat()
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Arc::new(MemoryStore::new(1000));
//! let clock = Arc::new(ManualClock::at(datetime!(2026-03-01 12:00 UTC)));
//! let ports = Ports {
//!     store: store.clone(),
//!     registry: Arc::new(ChainRegistry::new([Arc::new(toy()) as Arc<dyn ChainVerifier>])),
//!     clock: clock.clone(),
//!     random: Arc::new(SeededRandom::new(1)),
//! };
//! let origin: Origin = "https://example.com".parse()?;
//! let policy = ChallengePolicy {
//!     profile: Profile::Ocx,
//!     origin: origin.clone(),
//!     accepted_origins: vec![origin],
//!     accepted_uris: vec![],
//!     times: TimeRules {
//!         clock_skew: Duration::minutes(2),
//!         max_age: Duration::minutes(15),
//!         requires_expiration: false,
//!         max_validity: Duration::MAX,
//!     },
//!     ttl: Duration::minutes(5),
//! };
//! let challenges = Arc::new(Challenges::new(ports, policy));
//! let credentials = Arc::new(Credentials::new(store, clock, Arc::new(OneProcess), 1000));
//! let tokens = Arc::new(PlainTokens);
//! let sign_in = SignIn::new(challenges.clone(), credentials, tokens, Duration::days(7));
//!
//! let challenge = challenges.issue(Purpose::SignIn, &"toy:main".parse()?, "alice").await?;
//! assert!(challenge.message.starts_with("example.com wants you to sign in with your Toy account:\nalice\n"));
//!
//! let signature = toy_signature("alice", challenge.message.as_bytes());
//! let proof = Proof { signature, public_key: None, key_type: None };
//! let signed_in = sign_in.verify_challenge(challenge.id, &proof).await?;
//! assert_eq!(signed_in.wallet.to_string(), "toy:main:alice");
//!
//! let again = sign_in.verify_challenge(challenge.id, &proof).await;
//! assert_eq!(again.unwrap_err(), Error::ChallengeNotLive, "a challenge is consumed once");
//! # Ok(())
//! # }
//! ```
#![warn(missing_docs)]

pub mod account;
pub mod allowlist;
pub mod answer;
pub mod api_key;
pub mod chain;
pub mod challenge;
pub mod claim;
pub mod client_address;
pub mod clock;
pub mod error;
pub mod expected;
pub mod freshness;
mod id;
pub mod instant;
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
mod secret_format;
pub mod service;
pub mod service_credential;
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
