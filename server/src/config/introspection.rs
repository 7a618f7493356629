//! Services that may ask about tokens, as written.

use serde::Deserialize;

/// Who may ask what a token is good for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Introspection {
    /// The services that may, and no others.
    pub clients: Vec<IntrospectionClient>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionClient {
    /// Its name, 1 to 32 of a-z, 0-9 and `-`.
    pub name: String,
    /// The dialect whose tokens it may ask about: `ocx` or `aura`.
    pub profile: String,
    /// SHA-256 of its credential, as 64 lower-case hex digits.
    pub sha256: String,
}
