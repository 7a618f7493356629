//! Ethereum sign-in: [EIP-4361] messages signed with `personal_sign` ([EIP-191]) by keyed
//! accounts, whose address is their key.
//!
//! - [`Ethereum`]: the verifier, to be put into a [`ChainRegistry`](countersign_core::ChainRegistry).
//! - [`Wallet`]: a developer's wallet, to try it out with.
//!
//! A signature is 65 bytes `r | s | v`, with a low `s` and a `v` of 0, 1, 27 or 28. Contract accounts
//! (EIP-1271) are not served.
//!
//! ```
//! use countersign_core::{
//!     ChainVerifier, chain::ChainAddress,
//!     proof::{Proof, parse_hex}, verifier::VerifyError,
//! };
//! use countersign_ethereum::{Ethereum, Wallet};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let ethereum = Ethereum::new(&[1, 8453]);
//! let wallet = Wallet::from_hex(&"11".repeat(32))?;
//! let account = ChainAddress {
//!     chain: "eip155:8453".parse()?,
//!     address: ethereum.parse_address(&wallet.address()).await?,
//! };
//!
//! let signature = parse_hex(&wallet.sign(b"hello"))?;
//! let proof = Proof { signature, public_key: None, key_type: None };
//! assert!(ethereum.verify(&account, b"hello", &proof).await.is_ok());
//! let other = ethereum.verify(&account, b"hullo", &proof).await;
//! assert_eq!(other, Err(VerifyError::InvalidProof));
//! # Ok(())
//! # }
//! ```
//!
//! [EIP-4361]: https://eips.ethereum.org/EIPS/eip-4361
//! [EIP-191]: https://eips.ethereum.org/EIPS/eip-191
#![warn(missing_docs)]

mod address;
mod signature;
mod verifier;
mod wallet;

pub use verifier::Ethereum;
pub use wallet::{InvalidKey, Wallet};
