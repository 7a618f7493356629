//! Alephium sign-in: EIP-4361 messages signed as [Alephium wallets] do, by keyed accounts.
//!
//! What is accepted is what the official library accepts, less its lax spellings: each key has
//! one address for a key type, and each address one text. Three more key types, which no wallet
//! signs messages with and the library does not verify, follow the rule by which the full node
//! checks transactions; they are off until [`Alephium`] is told otherwise.
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
