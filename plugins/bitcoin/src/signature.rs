//! Which check a signature is for.

use crate::{address::Address, bip322, legacy, payment::Payment};

/// Checks that the signature is one of the message by the key of the address. What refuses is for the log.
pub(crate) fn check(
    address: &Address,
    message: &[u8],
    signature: &[u8],
    public_key: Option<&[u8]>,
) -> Result<(), &'static str> {
    let payment = &address.payment;
    if public_key.is_some_and(|sent| !payment.is_to(sent)) {
        return Err(OTHER_KEY);
    }
    match payment {
        Payment::P2tr(key) => bip322::check_taproot(key, message, signature),
        Payment::P2pkh(_) => legacy::check(payment, message, signature),
        Payment::P2sh(_) | Payment::P2wpkh(_) if legacy::is_one(signature) => {
            legacy::check(payment, message, signature)
        }
        Payment::P2sh(_) | Payment::P2wpkh(_) => bip322::check_segwit(payment, message, signature),
    }
}

pub(crate) const OTHER_KEY: &str = "the public key sent is not the one of the address";
pub(crate) const OTHER_ADDRESS: &str =
    "the key that signed is not the one of the address, or signed something else";
pub(crate) const HIGH_S: &str = "s of the signature is above half of the curve's order";
pub(crate) const MISMATCH: &str = "the signature is not of this message by this key";
