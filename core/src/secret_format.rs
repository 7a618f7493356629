//! How the secrets look that are made here: a prefix that says what they are, random characters, and a checksum.

use crate::random::{Random, base62, base62_digits};

/// CRC-32 in base62.
const CHECKSUM: usize = 6;

/// `prefix`, random base62 characters, and the CRC-32/ISO-HDLC of all that in base62. So a mistyped secret is seen
/// without a lookup, and scanners for leaked ones know ours.
pub(crate) struct Format {
    /// What the secret is.
    pub prefix: &'static str,
    /// How many characters are random.
    pub random: usize,
}

impl Format {
    /// A fresh secret.
    pub(crate) fn generate(&self, random: &dyn Random) -> String {
        let text = format!("{}{}", self.prefix, base62(random, self.random));
        let checksum = checksum(text.as_bytes()).map(char::from);
        text + &String::from_iter(checksum)
    }

    /// Whether a text has this form.
    pub(crate) fn fits(&self, text: &[u8]) -> bool {
        let Some((before, sum)) = text.split_at_checked(self.prefix.len() + self.random) else {
            return false;
        };
        let Some(random) = before.strip_prefix(self.prefix.as_bytes()) else {
            return false;
        };
        random.iter().all(u8::is_ascii_alphanumeric) && sum == checksum(before)
    }
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM] {
    base62_digits(crc32fast::hash(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRCs: 0xcbf43926 for `123456789`.
    #[test]
    fn the_checksum_is_the_published_one_in_base62() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        assert_eq!(&checksum(b"123456789"), b"3jZRME");
    }
}
