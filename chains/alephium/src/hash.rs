//! The two hash functions of the chain.

use blake2::{Blake2b, Digest, digest::consts::U32};

/// BLAKE2b with 32 bytes of output, unkeyed, of the parts joined. It is not BLAKE2b-512 cut short.
pub(crate) fn blake2b_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Blake2b::<U32>::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Bernstein's hash in unsigned 32-bit arithmetic: from 5381, times 33 plus the byte.
pub(crate) fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, byte| {
        hash.wrapping_mul(33).wrapping_add(u32::from(*byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of `b2sum -l 256` of nothing.
    #[test]
    fn the_length_of_the_digest_is_a_parameter_of_the_hash() {
        assert_eq!(
            hex::encode(blake2b_256(&[])),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
        );
        assert_eq!(blake2b_256(&[b"a", b"bc"]), blake2b_256(&[b"abc"]));
    }

    #[test]
    fn djb2_starts_at_5381_and_wraps() {
        assert_eq!(djb2(b""), 5381);
        assert_eq!(djb2(b"hello"), 0x0f92_3099);
    }
}
