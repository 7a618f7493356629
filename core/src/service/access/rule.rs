//! One rule: which requests it is about, and who may make them.

use crate::{
    Error,
    principal::{Credential, Principal},
    scope::Scope,
};

/// Who may make requests of these methods to these paths.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Methods; `GET` stands for `HEAD`, too.
    pub methods: Vec<String>,
    /// Paths.
    pub path: PathPattern,
    /// Who may.
    pub admits: Admits,
    /// Whether the account's limit on orders counts them.
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
    /// Those with this scope.
    With(Scope),
}

impl Admits {
    /// Everybody, but not with a bad credential.
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

    /// Whether this caller passes.
    ///
    /// # Errors
    /// [`Error::MissingCredential`], [`Error::SessionRequired`] or [`Error::InsufficientScope`].
    pub(super) fn check(&self, principal: Option<&Principal>) -> Result<(), Error> {
        let Some(principal) = principal else {
            return if self.anonymous {
                Ok(())
            } else {
                Err(Error::MissingCredential)
            };
        };
        match (&principal.credential, self.key) {
            (Credential::Session(_), _) if self.session => Ok(()),
            (Credential::Session(_), _) => Err(Error::InsufficientScope { needed: None }),
            (Credential::ApiKey { .. }, KeyAdmission::Any) => Ok(()),
            (Credential::ApiKey { .. }, KeyAdmission::Never) => Err(Error::SessionRequired),
            (Credential::ApiKey { scopes, .. }, KeyAdmission::With(scope)) => {
                if scopes.allows(scope) {
                    Ok(())
                } else {
                    Err(Error::InsufficientScope {
                        needed: Some(scope),
                    })
                }
            }
        }
    }
}

impl Rule {
    /// The same for all paths and all usual methods.
    pub fn for_all_paths(admits: Admits) -> Self {
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        Self {
            methods: methods.map(str::to_owned).into(),
            path: PathPattern::new("/**"),
            admits,
            is_order_path: false,
        }
    }

    /// Whether the rule is about this request.
    pub fn fits(&self, method: &str, path: &str) -> bool {
        let method = if method == "HEAD" { "GET" } else { method };
        self.methods.iter().any(|listed| listed == method) && self.path.fits(path)
    }
}

/// Whether a path has one reading: no empty or dot segments, nothing that hides one. What rules are
/// compared with must be what is asked for in the end.
pub(super) fn is_canonical(path: &str) -> bool {
    let hides = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["%2e", "%2f", "%5c", "\\", ";"]
            .iter()
            .any(|hidden| text.contains(hidden))
    };
    let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
    let rest = path.strip_prefix('/');
    rest.is_some_and(|rest| rest.is_empty() || rest.split('/').all(is_segment)) && !hides(path)
}

/// Whether a method changes nothing (RFC 9110 §9.2.1).
pub(super) fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// A path in which a segment `*` stands for any one segment, and a last segment `**` for any
/// number of them, none included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// A pattern.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether a path fits. Letter case counts, and so does a slash at the end.
    pub fn fits(&self, path: &str) -> bool {
        let (mut segments, mut rest) = (path.split('/'), self.0.split('/'));
        loop {
            match (rest.next(), segments.next()) {
                (Some("**"), _) | (None, None) => return true,
                (Some("*"), Some(segment)) if !segment.is_empty() => {}
                (Some(expected), Some(segment)) if expected == segment => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_second_reading_fits_no_rule() {
        assert!(is_canonical("/") && is_canonical("/perps/markets/ETH%20USD"));
        for path in [
            "perps",
            "//",
            "/perps//orders",
            "/perps/orders/",
            "/perps/markets/../positions",
            "/perps/./orders",
            "/perps/%2E%2e/orders",
            "/perps%2Forders",
            "/perps\\orders",
            "/perps%5corders",
            "/perps;x/orders",
        ] {
            assert!(!is_canonical(path), "{path}");
        }
    }

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
