//! Solana as a chain plugin: wallets sign the bytes of the [sign-in text] with Ed25519, and an address is the Base58 of
//! the public key.
//!
//! - The server's text is one of Sign-In With Solana, with `mainnet`, `devnet` or `testnet` as its chain id. What the
//!   feature `signMessage` of a wallet signs is taken; so is what `signIn` signs, if the wallet writes the same text.
//! - A proof needs no public key; one that is sent has to be the address's. The one key type is `ed25519`.
//! - A wallet is the same on every cluster, because its address is its key.
//! - Addresses that no wallet holds the key of are refused as addresses: see `address.rs`.
//! - Not taken: signatures of off-chain envelopes, which hardware wallets make. They are of another text.
//!
//! [sign-in text]: https://github.com/phantom/sign-in-with-solana

mod address;
mod self_tests;
mod signature;
mod solana;

countersign_plugin::export_chain_plugin!(solana::Solana);

#[cfg(test)]
mod tests;
