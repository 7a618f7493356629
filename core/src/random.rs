//! Randomness, as an argument.

/// A cryptographically secure source of random bytes.
pub trait Random: Send + Sync {
    /// Overwrites `bytes` with random ones, all of them. It cannot fail: a source that has none must panic,
    /// because ids, nonces and secrets are made of them.
    fn fill(&self, bytes: &mut [u8]);
}

/// In the order of their codes, so that numbers of one length sort as text.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many base62 characters are 130 bits, above the 128 that cannot be guessed.
pub(crate) const UNGUESSABLE: usize = 22;

/// `length` random characters of `0-9A-Za-z`, each as likely as any other: about 5.95 bits each, so 22 of
/// them cannot be guessed.
pub fn base62(random: &dyn Random, length: usize) -> String {
    // 248 is the largest multiple of 62 in a byte: what lies above would favour some letters.
    const UNBIASED: u8 = 248;
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 32];
    while text.len() < length {
        random.fill(&mut bytes);
        let letters = bytes
            .iter()
            .filter(|b| **b < UNBIASED)
            .map(|b| char::from(ALPHABET[usize::from(b % 62)]));
        text.extend(letters.take(length - text.len()));
    }
    text
}

/// A number in base62, padded with zeros on the left; its last digits if it has more.
pub(crate) fn base62_digits<const LENGTH: usize>(mut number: u64) -> [u8; LENGTH] {
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(number % 62).expect("less than 62")];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_padded_and_cut_on_the_left() {
        for (number, text) in [
            (0, b"000"),
            (61, b"00z"),
            (62, b"010"),
            (62 * 62 * 62 - 1, b"zzz"),
            (62 * 62 * 62, b"000"),
        ] {
            assert_eq!(&base62_digits(number), text);
        }
    }
}
