//! Randomness, as an argument.

/// A cryptographically secure source of random bytes.
pub trait Random: Send + Sync {
    /// Overwrites `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// So many base62 characters are 130 bits, above the 128 that cannot be guessed.
pub const UNGUESSABLE: usize = 22;

/// `length` random characters of `0-9A-Za-z`, about 5.95 bits each.
pub fn base62(random: &dyn Random, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
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
