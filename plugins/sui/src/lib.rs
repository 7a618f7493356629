//! Sui as a chain plugin: wallets sign the sign-in text as a [personal message] with Ed25519, secp256k1 or secp256r1,
//! and an address is a hash of the public key and its scheme.
//!
//! - A signature is the [serialized one] that the feature `sui:signPersonalMessage` of a wallet gives, as bytes: one of
//!   flag, 64 of signature, then the public key. Wallets give it in Base64, clients of the server send it in hex.
//! - What is signed is the BLAKE2b-256 digest of the intent `3, 0, 0` and the text as a vector of bytes in BCS. Ed25519
//!   signs the digest, the two ECDSA schemes the SHA-256 of it.
//! - A proof needs no public key, because the signature has it; one that is sent has to be the same. It is taken with
//!   its flag, as accounts of WalletConnect and of Sui's dApp kit have it, and without, as those of the Sui Wallet
//!   do. So `plugin check` finds of a proof with a public key that its other form holds, too; no signature has two
//!   forms.
//! - Key types are the names of the schemes; one that is named has to be the signature's.
//! - Chain ids are the names that the Sui Wallet Standard and WalletConnect use, and for mainnet and testnet also the
//!   first four bytes of the genesis checkpoint's digest, as the [`sui` namespace of CAIP-2] has them. Devnet is
//!   reset from time to time, and its digest changes. There is no profile of CAIP-122 for Sui: the text is the
//!   server's, with `Sui` as the name of the chain and the reference as its chain id.
//! - A wallet is the same on every network, because nothing of a network is in its address.
//! - Not taken, each for a reason of its own: multisig, zkLogin, passkeys, BLS, and flags that Sui does not have.
//!
//! [personal message]: https://docs.sui.io/concepts/transactions/transaction-auth/intent-signing
//! [serialized one]: https://docs.sui.io/testnet/learn/cryptography/sui-signatures
//! [`sui` namespace of CAIP-2]: https://namespaces.chainagnostic.org/sui/caip2

mod address;
mod hash;
mod scheme;
mod self_tests;
mod signature;
mod sui;

countersign_plugin::export_chain_plugin!(sui::Sui);

#[cfg(test)]
mod tests;
