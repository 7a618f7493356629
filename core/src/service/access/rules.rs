//! A list of rules, of which the first that fits decides.

use super::{Rule, is_canonical_path, tables};
use crate::profile::Profile;

/// Rules in their order.
#[derive(Debug, Clone)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Those of a dialect: of its own operations, then of its platform. Without `platform` these are the rules of the
    /// product that the dialect is known from.
    pub fn of(profile: Profile, platform: Option<Vec<Rule>>) -> Self {
        let mut rules = tables::own(profile);
        rules.extend(platform.unwrap_or_else(|| tables::platform(profile)));
        Self(rules)
    }

    /// These and no others.
    pub fn only(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// The rule about a request of this method, in upper case, to this path, without the query; and its place,
    /// from 0. A path that has two readings fits none.
    pub fn find(&self, method: &str, path: &str) -> Option<(usize, &Rule)> {
        let mut rules = self.0.iter().enumerate();
        rules
            .find(|(_, rule)| rule.fits(method, path))
            .filter(|_| is_canonical_path(path))
    }
}
