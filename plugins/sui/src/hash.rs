//! What is hashed: addresses, and messages that wallets sign.

use blake2::{Blake2b, Digest, digest::consts::U32};

/// BLAKE2b with 32 bytes of output, unkeyed, of the parts joined.
pub(crate) fn blake2b_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Blake2b::<U32>::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// What wallets sign when they are given a personal message: the digest of the intent, and of the message as a
/// `vector<u8>` in BCS.
pub(crate) fn signed_digest(message: &[u8]) -> [u8; 32] {
    blake2b_256(&[&PERSONAL_MESSAGE, &uleb128(message.len()), message])
}

/// Scope `PersonalMessage`, version 0, app id of Sui. It keeps a signed text from being a transaction, whose scope is
/// 0.
const PERSONAL_MESSAGE: [u8; 3] = [3, 0, 0];

/// The length of a vector in BCS: seven bits a byte, the lowest first, the highest bit set in all but the last.
fn uleb128(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while length >= 0x80 {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_a_byte_more_at_each_seventh_bit() {
        for (length, bytes) in [
            (0, &[0][..]),
            (1, &[1]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (16_383, &[0xff, 0x7f]),
            (16_384, &[0x80, 0x80, 1]),
        ] {
            assert_eq!(uleb128(length), bytes, "{length}");
        }
    }

    /// The value of `b2sum -l 256` of nothing.
    #[test]
    fn the_length_of_the_digest_is_a_parameter_of_the_hash() {
        assert_eq!(
            hex::encode(blake2b_256(&[])),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
        );
        assert_eq!(blake2b_256(&[b"a", b"bc"]), blake2b_256(&[b"abc"]));
    }
}
