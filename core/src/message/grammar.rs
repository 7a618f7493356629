//! What each field may hold. One predicate a production of EIP-4361.

use fluent_uri::Uri;

/// RFC 3986 `scheme`.
pub(super) fn is_scheme(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// RFC 3986 `authority` with a host that is not empty.
pub(super) fn is_authority(text: &str) -> bool {
    let uri = format!("x://{text}");
    let Ok(uri) = Uri::parse(uri.as_str()) else {
        return false;
    };
    uri.authority()
        .is_some_and(|authority| authority.as_str() == text && !authority.host().is_empty())
}

/// Whether a text is a `URI` of RFC 3986 §3: with a scheme, and perhaps a fragment.
pub fn is_uri(text: &str) -> bool {
    Uri::parse(text).is_ok()
}

/// A chain's display name: 1 to 32 letters, digits, spaces or hyphens, a letter or digit at both ends.
pub fn is_chain_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-');
    (1..=32).contains(&text.len())
        && text.bytes().all(fits)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// The framing of a chain id; its spelling is the chain's business. 1 to 78 letters, digits, `-` or `_`.
pub(super) fn is_chain_id(text: &str) -> bool {
    (1..=78).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `*( reserved / unreserved / " " )`: may be empty.
pub(super) fn is_statement(text: &str) -> bool {
    text.bytes()
        .all(|b| b == b' ' || is_unreserved(b) || is_reserved(b))
}

/// `*pchar`: may be empty.
pub(super) fn is_request_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        at += match bytes[at] {
            b'%' if is_percent_encoded(&bytes[at..]) => 3,
            b if is_unreserved(b) || is_sub_delimiter(b) || matches!(b, b':' | b'@') => 1,
            _ => return false,
        };
    }
    true
}

fn is_percent_encoded(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && bytes[1].is_ascii_hexdigit() && bytes[2].is_ascii_hexdigit()
}

fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')
}

fn is_reserved(b: u8) -> bool {
    is_sub_delimiter(b) || matches!(b, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@')
}

fn is_sub_delimiter(b: u8) -> bool {
    matches!(
        b,
        b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
    )
}
