//! One rule: which requests it is about, and who may make them.

use std::fmt;

use crate::{
    Error,
    scope::{Scope, ScopeSet},
    service::LiveCredential,
};

/// Who may make requests of these methods to these paths.
///
/// ```
/// use countersign_core::{scope::Scope, service::{Admits, CanonicalPath, PathPattern, Rule, Rules}};
///
/// let withdrawals = Rule {
///     methods: vec!["GET".into(), "POST".into()],
///     path: PathPattern::new("/funds/*/withdrawals/**"),
///     admits: Admits::with(Scope::Trade),
///     is_order_path: false,
/// };
/// let rules = Rules::only(vec![withdrawals]);
/// let is_about = |method, path| rules.find(method, CanonicalPath::new(path).unwrap()).is_some();
/// assert!(is_about("POST", "/funds/usd/withdrawals"));
/// assert!(is_about("HEAD", "/funds/usd/withdrawals/7"), "HEAD is a GET without a body");
/// assert!(!is_about("DELETE", "/funds/usd/withdrawals/7"));
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    /// Methods, in upper case; `GET` stands for `HEAD`, too.
    pub methods: Vec<String>,
    /// Paths, as they are sent.
    pub path: PathPattern,
    /// Who may.
    pub admits: Admits,
    /// Whether the limit on an account's orders counts them; OCX only.
    pub is_order_path: bool,
}

/// Which callers pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admits {
    /// Callers without a credential.
    pub anonymous: bool,
    /// Sessions.
    pub session: bool,
    /// API keys.
    pub key: KeyAdmission,
    /// Whether credentials are looked at at all. They are not where the body itself proves who calls.
    pub reads_credentials: bool,
}

/// Which API keys pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAdmission {
    /// None.
    Never,
    /// All.
    Any,
    /// Those with this scope, by itself or as part of another.
    With(Scope),
}

/// What a caller holds, as far as rules can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// No credential.
    Nothing,
    /// A session.
    Session,
    /// An API key with these scopes.
    ApiKey(ScopeSet),
}

impl Held {
    /// What this caller holds; `None` stands for anybody.
    pub fn by(credential: Option<&LiveCredential>) -> Self {
        match credential.map(LiveCredential::given_scopes) {
            None => Self::Nothing,
            Some(None) => Self::Session,
            Some(Some(scopes)) => Self::ApiKey(scopes),
        }
    }
}

impl Admits {
    /// Everybody, but not with a bad credential: absent is anonymous, present and wrong is refused.
    pub const EVERYBODY: Self = Self {
        anonymous: true,
        session: true,
        key: KeyAdmission::Any,
        reads_credentials: true,
    };
    /// Everybody, and no credential is looked at.
    pub const BY_BODY: Self = Self {
        reads_credentials: false,
        ..Self::EVERYBODY
    };
    /// Sessions only.
    pub const SESSION: Self = Self {
        anonymous: false,
        session: true,
        key: KeyAdmission::Never,
        reads_credentials: true,
    };
    /// Sessions and all keys.
    pub const KNOWN: Self = Self {
        key: KeyAdmission::Any,
        ..Self::SESSION
    };

    /// Sessions, and keys with this scope.
    pub const fn with(scope: Scope) -> Self {
        Self {
            key: KeyAdmission::With(scope),
            ..Self::SESSION
        }
    }

    /// Whether whoever holds this passes.
    ///
    /// # Errors
    /// [`Error::MissingCredential`], [`Error::SessionRequired`] or [`Error::InsufficientScope`].
    pub fn check(&self, held: Held) -> Result<(), Error> {
        match (held, self.key) {
            (Held::Nothing, _) if self.anonymous => Ok(()),
            (Held::Nothing, _) => Err(Error::MissingCredential),
            (Held::Session, _) if self.session => Ok(()),
            (Held::Session, _) => Err(Error::InsufficientScope { needed: None }),
            (Held::ApiKey(_), KeyAdmission::Any) => Ok(()),
            (Held::ApiKey(_), KeyAdmission::Never) => Err(Error::SessionRequired),
            (Held::ApiKey(scopes), KeyAdmission::With(scope)) if scopes.allows(scope) => Ok(()),
            (Held::ApiKey(_), KeyAdmission::With(scope)) => Err(Error::InsufficientScope {
                needed: Some(scope),
            }),
        }
    }
}

/// As in configuration: `session, key:trade`.
impl fmt::Display for Admits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = match self.key {
            KeyAdmission::Never => None,
            KeyAdmission::Any => Some("key".to_owned()),
            KeyAdmission::With(scope) => Some(format!("key:{scope}")),
        };
        let named = [(self.anonymous, "anonymous"), (self.session, "session")];
        let named = named.into_iter().filter(|(is_admitted, _)| *is_admitted);
        let all: Vec<_> = named.map(|(_, name)| name.to_owned()).chain(key).collect();
        f.write_str(&if all.is_empty() {
            "nobody".to_owned()
        } else {
            all.join(", ")
        })
    }
}

impl Rule {
    /// The same for all paths, and for `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` and `OPTIONS`.
    pub fn for_all_paths(admits: Admits) -> Self {
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        Self {
            methods: methods.map(str::to_owned).into(),
            path: PathPattern::new("/**"),
            admits,
            is_order_path: false,
        }
    }
}

/// Whether a method changes nothing (RFC 9110 §9.2.1).
pub(super) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// A path in which a segment `*` stands for any one segment, and a last segment `**` for any
/// number of them, none included. A `*` within a segment is an ordinary character.
///
/// ```
/// use countersign_core::service::PathPattern;
///
/// let orders = PathPattern::new("/orders/**");
/// assert!(orders.fits("/orders") && orders.fits("/orders/7/cancel"));
/// assert!(!orders.fits("/Orders") && !orders.fits("/orders-of-others"));
///
/// let cancel = PathPattern::new("/orders/*/cancel");
/// assert!(cancel.fits("/orders/7/cancel"));
/// assert!(!cancel.fits("/orders/7/8/cancel") && !cancel.fits("/orders/7/cancel/"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    /// How much of the text stands in front of the first segment that is a wildcard, without a slash before `**`.
    literal: usize,
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PathPattern {
    /// A pattern, which begins with a slash. It is not checked: a `**` that is not last ends the pattern there.
    pub fn new(text: &str) -> Self {
        let mut literal = 0_usize;
        for segment in text.split_inclusive('/') {
            match segment.trim_end_matches('/') {
                "**" => {
                    literal = literal.saturating_sub(1);
                    break;
                }
                "*" => break,
                _ => literal += segment.len(),
            }
        }
        Self {
            text: text.to_owned(),
            literal,
        }
    }

    /// Whether a path fits. Letter case counts, and so does a slash at the end.
    pub fn fits(&self, path: &str) -> bool {
        // Most rules are about other paths, which costs one comparison.
        let (literal, wild) = self.text.as_bytes().split_at(self.literal);
        let path = path.as_bytes();
        if wild.is_empty() {
            return path == literal;
        }
        let rest = path.strip_prefix(literal);
        rest.is_some_and(|rest| fits_by(wild, rest, |expected, segment| expected == segment))
    }

    /// The same, with what is encoded taken for what it stands for.
    pub(super) fn fits_decoded(&self, path: &str) -> bool {
        fits_by(
            self.text.as_bytes(),
            path.as_bytes(),
            |expected, segment| decoded(expected).eq(decoded(segment)),
        )
    }

    /// Whether something in it is encoded.
    pub(super) fn has_encoded(&self) -> bool {
        self.text.contains('%')
    }
}

/// Whether the segments of a path, or of the end of one, are those of a pattern.
fn fits_by(pattern: &[u8], path: &[u8], is_same: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    let (mut expected, mut segments) = (segments(pattern), segments(path));
    loop {
        match (expected.next(), segments.next()) {
            (Some(b"**"), _) | (None, None) => return true,
            (Some(b"*"), Some(segment)) if !segment.is_empty() => {}
            (Some(expected), Some(segment)) if is_same(expected, segment) => {}
            _ => return false,
        }
    }
}

/// What stands between slashes. By byte: a search for a character is made for longer texts.
pub(super) fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/')
}

/// The bytes that a segment stands for (RFC 3986 §2.1). What is no encoding stands for itself.
fn decoded(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        let digits = after.get(..2).filter(|_| *first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if byte.is_some() { &after[2..] } else { after };
        Some(byte.unwrap_or(*first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_segments() {
        for (pattern, path, expected) in [
            ("/perps/orders", "/perps/orders", true),
            ("/perps/orders", "/perps/orders/", false),
            ("/perps/orders", "/perps/Orders", false),
            ("/perps/orders", "/perps/orders2", false),
            ("/perps/orders/*", "/perps/orders/1", true),
            ("/perps/orders/*", "/perps/orders", false),
            ("/perps/orders/*", "/perps/orders/", false),
            ("/perps/orders/*", "/perps/orders/1/2", false),
            ("/orders/*/cancel", "/orders/1/cancel", true),
            ("/orders/*/cancel", "/orders/1/modify", false),
            ("/markets/**", "/markets", true),
            ("/markets/**", "/markets/a/b", true),
            ("/markets/**", "/market", false),
        ] {
            assert_eq!(
                PathPattern::new(pattern).fits(path),
                expected,
                "{pattern} {path}"
            );
        }
    }
}
