//! Cosmos as a chain plugin: wallets sign the sign-in text within a document of [ADR-36], with secp256k1.
//!
//! - The document is made here from the text and the address, byte for byte as wallets make it: Keplr's and Leap's
//!   `signArbitrary`, and `signAmino` of CosmJS. Nothing that a client sends is part of it but those two.
//! - A proof needs its public key, 33 bytes, because ADR-36 has none in the signature. Signature and key come as bytes,
//!   in hex: what wallets give in Base64 has to be decoded. The one key type is `secp256k1`.
//! - The text writes a chain as its [CAIP-2] reference, which is the chain's own id: `cosmoshub-4`. There is no profile
//!   of CAIP-122 for the namespace.
//! - Which Bech32 prefix a chain has is a setting, on top of those that are known here: see `settings.rs`.
//! - Not taken, and told so: chains whose keys are `eth_secp256k1` (Evmos, Injective and others, by their prefixes), and
//!   addresses of 32 bytes (contracts, interchain accounts). Multisig accounts cannot be told by their addresses; no key
//!   is theirs.
//!
//! [ADR-36]: https://docs.cosmos.network/main/build/architecture/adr-036-arbitrary-signature
//! [CAIP-2]: https://namespaces.chainagnostic.org/cosmos/caip2

mod address;
mod cosmos;
mod self_tests;
mod settings;
mod sign_doc;
mod signature;

countersign_plugin::export_chain_plugin!(cosmos::Cosmos);

#[cfg(test)]
mod tests;
