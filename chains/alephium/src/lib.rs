//! Alephium sign-in: EIP-4361 messages signed as [Alephium wallets] do, by keyed accounts.
//!
//! What is accepted is what the official library accepts, less its lax spellings: each key has
//! one address for a key type, and each address one text. Three more key types, which no wallet
//! signs messages with and the library does not verify, follow the rule by which the full node
//! checks transactions; they are off until [`Alephium`] is told otherwise.
//!
//! - [`Alephium`]: the verifier, to be put into a [`ChainRegistry`](countersign_core::ChainRegistry).
//! - [`KeyType`]: how keys sign, and which address each gives a key.
//! - [`Wallet`]: a developer's wallet, to try it out with.
//!
//! An Alephium signature does not give the public key away, so a proof must carry it.
//!
//! ```
//! use countersign_alephium::{Alephium, KeyType, Wallet};
//! use countersign_core::{
//!     ChainVerifier, chain::ChainAddress,
//!     proof::{Proof, parse_hex}, verifier::VerifyError,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let alephium = Alephium::new(&["mainnet"])?;
//! let wallet = Wallet::from_hex(&"11".repeat(32), KeyType::GlSecp256k1)?;
//! let account = ChainAddress {
//!     chain: "alephium:mainnet".parse()?,
//!     address: alephium.parse_address(&format!("{}:2", wallet.address())).await?,
//! };
//! assert_eq!(account.address.as_str(), wallet.address(), "the group is no part of an identity");
//!
//! let proof = Proof {
//!     signature: parse_hex(&wallet.sign(b"hello"))?,
//!     public_key: Some(parse_hex(&wallet.public_key())?),
//!     key_type: None,
//! };
//! assert!(alephium.verify(&account, b"hello", &proof).await.is_ok());
//! let other = alephium.verify(&account, b"hullo", &proof).await;
//! assert_eq!(other, Err(VerifyError::InvalidProof));
//! # Ok(())
//! # }
//! ```
//!
//! [Alephium wallets]: https://github.com/alephium/alephium-web3
#![warn(missing_docs)]

mod address;
mod compact_int;
mod hash;
mod key_type;
mod public_key;
mod reason;
mod signature;
mod verifier;
mod wallet;
mod webauthn;

pub use address::group_of;
pub use key_type::{KeyType, UnknownKeyType};
pub use verifier::Alephium;
pub use wallet::{InvalidKey, Wallet};
pub use webauthn::RelyingParty;
