//! Solana as a chain plugin: wallets sign the bytes of the sign-in text with Ed25519, and an address is the Base58 of
//! the public key.

mod address;
mod signature;

pub use address::{InvalidAddress, parse};
pub use signature::{Refusal, verify};
