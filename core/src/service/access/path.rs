//! Paths that have one reading: whoever compares them with rules and whoever serves them must agree on what was
//! asked for.

use super::rule::segments;

/// A path that has one reading. There is a slash in front; no segment is empty or made of dots; nothing is encoded
/// that need not be (RFC 3986 §2.3); there is no `\`, `;`, `#` or `?`, and no byte that is not printable ASCII; and what
/// is encoded is UTF-8, and none of these, no slash and no control character either once it is decoded.
///
/// ```
/// use countersign_core::service::CanonicalPath;
///
/// let is_canonical = |path| CanonicalPath::new(path).is_some();
/// assert!(is_canonical("/orders/7") && is_canonical("/caf%C3%A9"));
/// assert!(!is_canonical("/orders/../admin") && !is_canonical("/orders//7"));
/// assert!(!is_canonical("/%61dmin"), "another spelling of /admin");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanonicalPath<'a>(&'a str);

impl<'a> CanonicalPath<'a> {
    /// The path as it was sent, without the query; `None` for one that has two readings.
    pub fn new(path: &'a str) -> Option<Self> {
        is_canonical(path).then_some(Self(path))
    }

    /// The path as it was sent.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

fn is_canonical(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let is_segment = |segment: &[u8]| !matches!(segment, b"" | b"." | b"..");
    (rest.is_empty() || segments(rest.as_bytes()).all(is_segment))
        && rest.bytes().all(is_plain)
        && (!rest.contains('%') || has_one_spelling(rest))
}

fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

/// By byte, whether it may stand in a path: each of a path is looked up.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        plain[byte as usize] = byte.is_ascii_graphic() && !is_separator(byte);
        byte += 1;
    }
    plain
};

/// What some servers take a path apart at, besides the slash.
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'\\' | b';' | b'#' | b'?')
}

/// Whether what is encoded has to be, and comes to text.
fn has_one_spelling(text: &str) -> bool {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let Some((byte, rest)) = encoded(part).filter(|(byte, _)| must_be_encoded(*byte)) else {
            return false;
        };
        decoded.push(byte);
        decoded.extend_from_slice(rest.as_bytes());
    }
    std::str::from_utf8(&decoded).is_ok()
}

/// The byte of two hex digits, and what follows.
fn encoded(part: &str) -> Option<(u8, &str)> {
    let (digits, rest) = part.split_at_checked(2)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let byte = u8::from_str_radix(digits, 16).ok()?;
    is_hex.then_some((byte, rest))
}

fn must_be_encoded(byte: u8) -> bool {
    let is_unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    !is_unreserved && !byte.is_ascii_control() && byte != b'/' && !is_separator(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_has_one_reading_is_canonical() {
        for path in [
            "/",
            "/a",
            "/a/b",
            "/a-b_c.d~e",
            "/a:b@c!$&'()*+,=",
            "/%C3%A9",
            "/%c3%a9",
            "/a%20b",
            "/%25",
            "/...",
            "/a..b",
            "/%7C",
        ] {
            assert!(is_canonical(path), "{path}");
        }
    }

    #[test]
    fn a_path_that_has_two_readings_is_not() {
        for path in [
            "",
            "a",
            "//",
            "/a/",
            "/a//b",
            "/.",
            "/..",
            "/a/./b",
            "/a/../b",
            "/%2e",
            "/a%2Fb",
            "/a%5cb",
            "/%41",
            "/%7e",
            "/%2d",
            "/%30",
            "/a\\b",
            "/a;b",
            "/a#b",
            "/a?b",
            "/a b",
            "/a\tb",
            "/é",
            "/a\u{7f}",
            "/%00",
            "/%0a",
            "/%7F",
            // Some take these apart once they are decoded: `/public/..;/secret`.
            "/public/..%3B/secret",
            "/admin%3bx",
            "/a%23b",
            "/a%3Fb",
            // A lax decoder sees dots and a slash.
            "/%C0%AE%C0%AE/a",
            "/a%c0%afb",
            "/%E2%82",
            "/%FF",
            "/%ED%A0%80",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/a%2",
            "*",
            "http://a/b",
        ] {
            assert!(!is_canonical(path), "{path}");
        }
    }
}
