//! A list of rules, of which the first that fits decides.

use super::{CanonicalPath, PathPattern, Rule, tables};
use crate::profile::Profile;

/// Rules in their order.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
    /// Methods, with the places of the rules that list them.
    by_method: Vec<(String, Vec<usize>)>,
    /// Whether a pattern holds something encoded.
    has_encoded: bool,
}

impl Rules {
    /// Those of a dialect: of its own operations, then of its platform. Without `platform` these are the rules of the
    /// product that the dialect is known from.
    pub fn of(profile: Profile, platform: Option<Vec<Rule>>) -> Self {
        let mut rules = tables::own(profile);
        rules.extend(platform.unwrap_or_else(|| tables::platform(profile)));
        Self::only(rules)
    }

    /// These and no others.
    pub fn only(rules: Vec<Rule>) -> Self {
        let mut by_method: Vec<(String, Vec<usize>)> = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            for method in &rule.methods {
                match by_method.iter_mut().find(|(known, _)| known == method) {
                    Some((_, places)) => places.push(place),
                    None => by_method.push((method.clone(), vec![place])),
                }
            }
        }
        Self {
            has_encoded: rules.iter().any(|rule| rule.path.has_encoded()),
            by_method,
            rules,
        }
    }

    /// The rule about a request of this method, in upper case, to this path; and its place, from 0. A path fits none
    /// if another rule would apply once it is decoded (`%3A` in place of `:`), because whoever serves the request
    /// may decode it.
    pub fn find(&self, method: &str, path: CanonicalPath<'_>) -> Option<(usize, &Rule)> {
        let path = path.as_str();
        let method = if method == "HEAD" { "GET" } else { method };
        let (_, places) = self.by_method.iter().find(|(known, _)| known == method)?;
        let first = |fits: fn(&PathPattern, &str) -> bool| {
            let mut places = places.iter().copied();
            places.find(|place| fits(&self.rules[*place].path, path))
        };
        let place = first(PathPattern::fits)?;
        let may_differ = self.has_encoded || path.contains('%');
        let is_decoded_alike = || first(PathPattern::fits_decoded) == Some(place);
        (!may_differ || is_decoded_alike()).then(|| (place, &self.rules[place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Admits;

    /// A rule that keeps something back must not be missed by another spelling of what it is about.
    #[test]
    fn a_path_that_another_rule_is_about_once_it_is_decoded_fits_none() {
        let rule = |path, admits| Rule {
            path: PathPattern::new(path),
            ..Rule::for_all_paths(admits)
        };
        let rules = Rules::only(vec![
            rule("/things/7:delete", Admits::SESSION),
            rule("/caf%C3%A9/**", Admits::SESSION),
            rule("/**", Admits::EVERYBODY),
        ]);
        for (path, place) in [
            ("/things/7:delete", Some(0)),
            ("/things/7%3Adelete", None),
            ("/things/7%3adelete", None),
            ("/things/7%3Aopen", Some(2)),
            ("/caf%C3%A9/menu", Some(1)),
            ("/caf%c3%a9/menu", None),
            ("/caf%C3%A8/menu", Some(2)),
            ("/wallets/eip155%3A1", Some(2)),
            ("/wallets/a%20b|c", Some(2)),
        ] {
            let path = CanonicalPath::new(path).unwrap();
            let found = rules.find("GET", path).map(|(place, _)| place);
            assert_eq!(found, place, "{path:?}");
        }
    }
}
