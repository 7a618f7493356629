//! The two virtual transactions of BIP-322, and what a key signs of the second.
//!
//! `to_spend` pays nothing to the script of the address and holds the message's hash; `to_sign` spends that. All their
//! other fields are zero, so that what follows is nearly all constant.

use crate::hash::{double_sha256, sha256, tagged};

/// The transaction that a signature spends.
pub(crate) struct ToSign<'a> {
    /// Of the output that is spent.
    script: &'a [u8],
    /// Hash and index of that output.
    outpoint: [u8; 36],
}

impl<'a> ToSign<'a> {
    /// `script` has less than 253 bytes.
    pub(crate) fn new(script: &'a [u8], message: &[u8]) -> Self {
        let message_hash = tagged("BIP0322-signed-message", &[message]);
        let length = u8::try_from(script.len()).expect("the script of an address");
        let to_spend = double_sha256(&[
            &VERSION,
            // One input, of no transaction's last output, with 34 bytes of script: the empty string and the hash.
            &[1],
            &[0; 32],
            &[0xFF; 4],
            &[34, 0, 32],
            &message_hash,
            &SEQUENCE,
            // One output.
            &[1],
            &VALUE,
            &[length],
            script,
            &LOCK_TIME,
        ]);
        let mut outpoint = [0; 36];
        outpoint[..32].copy_from_slice(&to_spend);
        Self { script, outpoint }
    }

    /// What ECDSA signs for an output to a key's hash (BIP-143), all of the transaction.
    pub(crate) fn segwit_digest(&self, key_hash: &[u8; 20]) -> [u8; 32] {
        double_sha256(&[
            &VERSION,
            &double_sha256(&[&self.outpoint]),
            &double_sha256(&[&SEQUENCE]),
            &self.outpoint,
            // 25 bytes: the script of P2PKH.
            &[25, 0x76, 0xA9, 20],
            key_hash,
            &[0x88, 0xAC],
            &VALUE,
            &SEQUENCE,
            &double_sha256(&[&OUTPUT]),
            &LOCK_TIME,
            &u32::from(SIGHASH_ALL).to_le_bytes(),
        ])
    }

    /// What BIP-340 signs by the key path (BIP-341).
    pub(crate) fn taproot_digest(&self, hash_type: u8) -> [u8; 32] {
        let length = u8::try_from(self.script.len()).expect("the script of an address");
        tagged(
            "TapSighash",
            &[
                // The epoch.
                &[0, hash_type],
                &VERSION,
                &LOCK_TIME,
                &sha256(&[&self.outpoint]),
                &sha256(&[&VALUE]),
                &sha256(&[&[length], self.script]),
                &sha256(&[&SEQUENCE]),
                &sha256(&[&OUTPUT]),
                // The key path without an annex, of the first input.
                &[0; 5],
            ],
        )
    }
}

/// The signature is of all inputs and outputs.
pub(crate) const SIGHASH_ALL: u8 = 1;
/// The same, where Taproot leaves the byte out.
pub(crate) const SIGHASH_DEFAULT: u8 = 0;

const VERSION: [u8; 4] = [0; 4];
const SEQUENCE: [u8; 4] = [0; 4];
const VALUE: [u8; 8] = [0; 8];
const LOCK_TIME: [u8; 4] = [0; 4];
/// The one output of `to_sign`: of no value, to `OP_RETURN`.
const OUTPUT: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0x6A];
