//! The HTTP dialects, as names.

/// A dialect. What one profile issues is invalid in every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// SIWE, session cookie, `ocx_sk_` keys.
    Ocx,
    /// Signed challenge, `aura_live_` keys.
    Aura,
}

impl Profile {
    /// The name used in storage and as the audience of session tokens: `ocx` or `aura`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ocx => "ocx",
            Self::Aura => "aura",
        }
    }

    /// Reads the name; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ocx, Self::Aura]
            .into_iter()
            .find(|profile| profile.as_str() == text)
    }
}
