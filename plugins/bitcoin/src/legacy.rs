//! Legacy signed messages: a header, r and s, from which the key is recovered (BIP-137, and Bitcoin Core's
//! `signmessage` before it).

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use crate::{
    hash::double_sha256,
    payment::Payment,
    signature::{HIGH_S, MISMATCH, OTHER_ADDRESS},
};

/// Whether the bytes are to be read as one. A witness stack never begins so: it has one item or two.
pub(crate) fn is_one(signature: &[u8]) -> bool {
    matches!(signature, [27..=42, ..])
}

/// Checks a signature of 65 bytes, of an address that has a hash.
pub(crate) fn check(
    payment: &Payment,
    message: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let (&header, rs) = signature.split_first().ok_or(LENGTH)?;
    let header = Header::read(header).ok_or(HEADER)?;
    if !header.is_for(payment) {
        return Err(HEADER);
    }
    let rs: &[u8; 64] = rs.try_into().map_err(|_| LENGTH)?;
    let signature = Signature::from_slice(rs).map_err(|_| MISMATCH)?;
    if signature.normalize_s() != signature {
        return Err(HIGH_S);
    }
    let key = VerifyingKey::recover_from_prehash(&digest(message), &signature, header.recovery_id)
        .map_err(|_| MISMATCH)?;
    let key = key.to_sec1_point(header.kind != Kind::Uncompressed);
    // Another message or another key: both come to another key here.
    if payment.is_to(key.as_bytes()) {
        Ok(())
    } else {
        Err(OTHER_ADDRESS)
    }
}

struct Header {
    kind: Kind,
    recovery_id: RecoveryId,
}

/// What the header says of the key or of the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Uncompressed,
    Compressed,
    P2sh,
    P2wpkh,
}

impl Header {
    fn read(byte: u8) -> Option<Self> {
        let (kind, first) = match byte {
            27..=30 => (Kind::Uncompressed, 27),
            31..=34 => (Kind::Compressed, 31),
            35..=38 => (Kind::P2sh, 35),
            39..=42 => (Kind::P2wpkh, 39),
            _ => return None,
        };
        let recovery_id = RecoveryId::from_byte(byte - first)?;
        Some(Self { kind, recovery_id })
    }

    /// Many wallets write the header of a compressed key for segwit addresses, too.
    fn is_for(&self, payment: &Payment) -> bool {
        match payment {
            Payment::P2pkh(_) => matches!(self.kind, Kind::Uncompressed | Kind::Compressed),
            Payment::P2sh(_) => matches!(self.kind, Kind::Compressed | Kind::P2sh),
            Payment::P2wpkh(_) => matches!(self.kind, Kind::Compressed | Kind::P2wpkh),
            Payment::P2tr(_) => false,
        }
    }
}

/// What is signed: the message after its length, both after a text that no transaction begins with.
fn digest(message: &[u8]) -> [u8; 32] {
    double_sha256(&[
        b"\x18Bitcoin Signed Message:\n",
        &compact_size(message.len()),
        message,
    ])
}

/// A length as transactions have it: one byte, or a mark and two, four or eight.
fn compact_size(length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ ..0xFD), _) => vec![length],
        (_, Ok(length)) => [&[0xFD][..], &length.to_le_bytes()].concat(),
        _ => match u32::try_from(length) {
            Ok(length) => [&[0xFE][..], &length.to_le_bytes()].concat(),
            Err(_) => [&[0xFF][..], &length.to_le_bytes()].concat(),
        },
    }
}

pub(crate) const LENGTH: &str = "the signature is not 65 bytes long, as a legacy signed message is";
pub(crate) const HEADER: &str =
    "the header of the legacy signed message is not one of this kind of address";
