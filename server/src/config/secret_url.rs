//! A URL that may hold a password.

use std::fmt;

use serde::Deserialize;

/// A URL that may hold a password, as written. What is printed of it is its scheme.
///
/// ```
/// use countersign_server::config::SecretUrl;
///
/// let url = SecretUrl::from("postgres://user:password@host/database");
/// assert_eq!(format!("{url:?}"), "postgres://…");
/// assert!(url.expose().contains("password"));
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The whole text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is safe to show.
    pub fn scheme(&self) -> &str {
        self.0.split_once("://").map_or("", |(scheme, _)| scheme)
    }
}

impl From<&str> for SecretUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://…", self.scheme())
    }
}
