//! What a wallet hands over to prove itself.

/// A signature as submitted, with the public key where the chain needs one. The message it
/// signs travels beside it, as the exact bytes received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The signature's bytes, in the form the chain's crate names. Empty where nothing could be read.
    pub signature: Vec<u8>,
    /// The signer's public key, if one was sent. A chain says whether it
    /// [needs](crate::verifier::ChainInfo::needs_public_key) one.
    pub public_key: Option<Vec<u8>>,
    /// The kind of key, if one was named; must then be one of the chain's
    /// [`key_types`](crate::verifier::ChainInfo::key_types), letter by letter.
    pub key_type: Option<String>,
}

/// A text that is no hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an even number of hex digits, with or without 0x")]
pub struct NotHex;

/// Reads hex with or without one `0x`, in either case, with no other character. An empty text is no bytes.
///
/// ```
/// use countersign_core::proof::{NotHex, parse_hex};
///
/// assert_eq!(parse_hex("0xC0ffee"), Ok(vec![0xc0, 0xff, 0xee]));
/// assert_eq!(parse_hex("c0ffee"), parse_hex("0xC0FFEE"));
/// assert_eq!(parse_hex("0xc0ffe"), Err(NotHex));
/// ```
///
/// # Errors
/// [`NotHex`] for an odd number of digits or any other character.
pub fn parse_hex(text: &str) -> Result<Vec<u8>, NotHex> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))
        .unwrap_or(text);
    if !digits.len().is_multiple_of(2) {
        return Err(NotHex);
    }
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
            .ok_or(NotHex)
    };
    digits
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| Ok(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_with_and_without_prefix_in_either_case() {
        for text in ["0xabCD", "0XABcd", "abcd"] {
            assert_eq!(parse_hex(text), Ok(vec![0xab, 0xcd]), "{text}");
        }
        assert_eq!(parse_hex("0x"), Ok(vec![]));
    }

    #[test]
    fn anything_else_is_not_hex() {
        for text in ["0xa", "0x0x", "0xg0", " 0xab", "0xab\n", "0xé0", "\"0xab\""] {
            assert_eq!(parse_hex(text), Err(NotHex), "{text}");
        }
    }
}
