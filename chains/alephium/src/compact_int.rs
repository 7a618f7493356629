//! Counts inside an address and lengths inside a witness: the node's compact signed integers, of which a count needs two forms.
//! 0 to 31 is one byte, up to 8191 two bytes `0x40 | high, low`. The longer forms start at a
//! text of 350,000 characters or a witness longer than is read, and the negative ones are no counts.

/// Reads a count in its shortest form; with it, the bytes after it.
pub(crate) fn read(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [low @ 0..=31, rest @ ..] => Some((u16::from(*low), rest)),
        [high @ 0x40..=0x5f, low, rest @ ..] => {
            let value = u16::from_be_bytes([high & 0x1f, *low]);
            (value > 31).then_some((value, rest))
        }
        _ => None,
    }
}

/// Writes a count of at most 8191.
pub(crate) fn write(value: u16) -> Vec<u8> {
    match value.to_be_bytes() {
        [0, low @ 0..=31] => vec![low],
        [high, low] => vec![0x40 | high, low],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_byte_starts_at_32() {
        for (value, bytes) in [
            (0, vec![0]),
            (31, vec![31]),
            (32, vec![0x40, 32]),
            (255, vec![0x40, 255]),
            (256, vec![0x41, 0]),
            (8191, vec![0x5f, 255]),
        ] {
            assert_eq!(write(value), bytes);
            assert_eq!(read(&bytes), Some((value, [].as_slice())));
        }
    }

    #[test]
    fn long_spellings_negative_numbers_and_larger_forms_are_no_counts() {
        for bytes in [
            [].as_slice(),
            &[0x40, 31],
            &[0x40],
            &[0x20],
            &[0x3f],
            &[0x60, 32],
            &[0x80, 0, 0x20, 0],
            &[0xc0, 0x20, 0, 0, 0],
        ] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }
}
