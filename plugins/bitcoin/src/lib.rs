//! Bitcoin as a chain plugin: wallets sign the [sign-in text] with the key of an address.
//!
//! | address | signature |
//! |---|---|
//! | P2WPKH (`bc1q…`), nested P2SH-P2WPKH (`3…`) | [BIP-322] simple, or a legacy signed message |
//! | P2TR (`bc1p…`), by the key path | BIP-322 simple |
//! | P2PKH (`1…`), of a compressed or an uncompressed key | a legacy signed message |
//!
//! - A signature comes as bytes, in hex: what wallets give in Base64 has to be decoded. BIP-322 simple is the witness
//!   stack of the virtual transaction; a legacy signed message is a header and 64 bytes.
//! - The header of a legacy signed message is what [BIP-137] says, or that of a compressed key (31 to 34), which
//!   Electrum, UniSat and others write for segwit addresses, too. So such an address has two forms of one signature,
//!   because wallets really make both.
//! - A proof needs no public key. One that is sent has to be the address's; for P2TR the internal key, as wallets give
//!   it (compressed, or its x alone), or the output key, which is in the address.
//! - The text writes a chain as its [CAIP-2] reference: the first 32 hex digits of the genesis block's hash. There is
//!   no profile of CAIP-122 for the namespace.
//! - Not taken: addresses of scripts (P2WSH, and P2SH of anything but P2WPKH), the script path of P2TR, BIP-322 full
//!   and proofs of funds, `SIGHASH` types other than `ALL` (and `DEFAULT` of Taproot, which means the same).
//!
//! [sign-in text]: https://chainagnostic.org/CAIPs/caip-122
//! [BIP-137]: https://github.com/bitcoin/bips/blob/master/bip-0137.mediawiki
//! [BIP-322]: https://github.com/bitcoin/bips/blob/master/bip-0322.mediawiki
//! [CAIP-2]: https://namespaces.chainagnostic.org/bip122/caip2

mod address;
mod bip322;
mod bitcoin;
mod hash;
mod legacy;
mod payment;
mod self_tests;
mod signature;
mod transaction;

countersign_plugin::export_chain_plugin!(bitcoin::Bitcoin);

#[cfg(test)]
mod tests;
