//! Paths that have one reading: whoever compares them with rules and whoever serves them must agree on what was
//! asked for.

/// Whether a path has one reading. There is a slash in front; no segment is empty or made of dots; nothing is encoded
/// that need not be (RFC 3986 §2.3), or that would be a separator or a control character once decoded; there is no
/// `\`, `;`, `#` or `?`, and no byte that is not printable ASCII.
///
/// ```
/// use countersign_core::service::is_canonical_path;
///
/// assert!(is_canonical_path("/orders/7") && is_canonical_path("/caf%C3%A9"));
/// assert!(!is_canonical_path("/orders/../admin") && !is_canonical_path("/orders//7"));
/// assert!(!is_canonical_path("/%61dmin"), "another spelling of /admin");
/// ```
pub fn is_canonical_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
    (rest.is_empty() || rest.split('/').all(is_segment))
        && rest.bytes().all(is_plain)
        && has_one_spelling(rest)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'\\' | b';' | b'#' | b'?')
}

/// Whether what is encoded has to be.
fn has_one_spelling(text: &str) -> bool {
    let mut encoded = text.split('%').skip(1);
    encoded.all(|rest| {
        let digits = rest
            .as_bytes()
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let is_hex = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let byte = digits
            .filter(is_hex)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        byte.is_some_and(must_be_encoded)
    })
}

fn must_be_encoded(byte: u8) -> bool {
    let is_unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    !is_unreserved && !byte.is_ascii_control() && !matches!(byte, b'/' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_reading_or_is_refused() {
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
            assert!(is_canonical_path(path), "{path}");
        }
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
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/a%2",
            "*",
            "http://a/b",
        ] {
            assert!(!is_canonical_path(path), "{path}");
        }
    }
}
