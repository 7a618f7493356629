//! Settings that hold a password.

use std::fmt;

use serde::Deserialize;

/// A setting that must not be shown: `Debug` is redacted, and there is no `Display`.
///
/// ```
/// use countersign_server::config::Confidential;
///
/// let url = Confidential::from("redis://:password@localhost");
/// assert_eq!(format!("{url:?}"), "Confidential(…)");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Confidential(String);

impl Confidential {
    /// What was written.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Confidential {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Confidential(…)")
    }
}
