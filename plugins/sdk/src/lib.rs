//! Write a chain plugin for Countersign: implement [`ChainPlugin`], and export it with [`export_chain_plugin!`]. A
//! plugin reads the addresses of its chains and checks the signatures of their wallets, nothing else; the server
//! writes and parses messages, and judges domains, nonces and times.
//!
//! A chain whose addresses are ed25519 keys in hex:
//!
//! ```
//! #![forbid(unsafe_code)]
//!
//! use countersign_plugin::{
//!     AddressError, Chain, ChainId, ChainPlugin, Error, Logger, Proof, SelfTest, Verdict, hex,
//! };
//! use ed25519_dalek::{Signature, VerifyingKey};
//!
//! struct Hexed;
//!
//! impl ChainPlugin for Hexed {
//!     const NAME: &'static str = "hexed";
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
//!     const CHAINS: &'static [Chain] = &[Chain {
//!         chain_ids: &[ChainId::new("mainnet")],
//!         address_is_key: true,
//!         max_address_len: 64,
//!         max_signature_len: 64,
//!         // RFC 8032, section 7.1, test 2.
//!         self_tests: &[SelfTest {
//!             reference: "mainnet",
//!             address: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
//!             message: b"\x72",
//!             signature: &hex::<64>(
//!                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
//!                  085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
//!             ),
//!             public_key: None,
//!             key_type: None,
//!         }],
//!         ..Chain::new("hexed", "Hexed")
//!     }];
//!
//!     fn create(_config: &str, _log: Logger) -> Result<Self, Error> {
//!         Ok(Self)
//!     }
//!
//!     fn parse_address(&self, _: &'static Chain, text: &str) -> Result<String, AddressError> {
//!         Ok(::hex::encode(key(text)?))
//!     }
//!
//!     fn verify(&self, proof: &Proof<'_>) -> Result<Verdict, Error> {
//!         let key = VerifyingKey::from_bytes(&key(proof.address)?)
//!             .map_err(|_| Error::invalid_input("the address is no ed25519 key"))?;
//!         let signature = Signature::from_slice(proof.signature)
//!             .map_err(|_| Error::invalid_input("a signature has 64 bytes"))?;
//!         Ok(match key.verify_strict(proof.message, &signature) {
//!             Ok(()) => Verdict::valid(proof.address),
//!             Err(_) => Verdict::invalid("the signature does not verify"),
//!         })
//!     }
//! }
//!
//! fn key(text: &str) -> Result<[u8; 32], AddressError> {
//!     let mut key = [0; 32];
//!     let malformed = AddressError::Malformed { expected: "64 hex digits" };
//!     ::hex::decode_to_slice(text, &mut key).map_err(|_| malformed)?;
//!     Ok(key)
//! }
//!
//! countersign_plugin::export_chain_plugin!(Hexed);
//! # fn main() {}
//! ```
//!
//! with this in `Cargo.toml`:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//! ```
//!
//! **Panics** are contained: the call fails, the text goes to the server's log, and standard error stays untouched.
//! That needs unwinding, so `panic = "abort"` does not compile. A stack overflow, a panic while another unwinds, and
//! running out of memory end the process; they cannot be contained.
//!
//! **What the host sends is checked** before it is handed on: sizes, pointers, UTF-8, the limits, chain ids and key
//! types of the [`Chain`]. A request that breaks them never reaches the plugin.

mod chain;
mod error;
mod export;
#[doc(hidden)]
pub mod glue;
mod logger;
mod plugin;

pub use crate::{
    chain::{Chain, ChainId, SelfTest, hex},
    error::{AddressError, Error},
    logger::Logger,
    plugin::{ChainPlugin, Proof, Verdict},
};

#[cfg(panic = "abort")]
compile_error!(
    "a chain plugin has to be built with panic = \"unwind\", or a panic would end the process it runs in"
);
