//! Who may do what on a platform, as written.

use serde::Deserialize;

/// Who may do what on a platform, for forward-auth, guards by rules and the stand-in routes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Where forward-auth sends browsers that nobody is signed in with: an https URL, or http on this machine.
    /// Absent: nowhere, they get 401.
    pub sign_in_url: Option<String>,
    /// The rules of OCX's platform, of which the first that fits decides; absent: the dialect's own.
    pub ocx: Option<Vec<Rule>>,
    /// The rules of Aura's platform; absent: the dialect's own.
    pub aura: Option<Vec<Rule>>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Methods in upper case; `GET` stands for `HEAD`, too.
    pub methods: Vec<String>,
    /// A path: a segment `*` is any one, a last segment `**` any number of them.
    pub path: String,
    /// What passes: `anonymous`, `session`, `key`, or `key:` and a scope, such as `key:read`.
    pub admits: Vec<String>,
    /// Whether OCX's limit on orders counts its requests.
    #[serde(default)]
    pub is_order: bool,
}
