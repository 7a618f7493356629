//! Ethereum sign-in: [EIP-4361] messages signed with `personal_sign` ([EIP-191]) by keyed
//! accounts, whose address is their key.
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
