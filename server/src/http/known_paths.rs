//! The paths that something is served at: by what methods, and where that is counted.

use std::{collections::BTreeMap, sync::Arc};

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};

use super::allow::AllowedMethods;
use crate::metrics::{Metrics, Route};

/// All of them.
#[derive(Debug)]
pub(crate) struct KnownPaths {
    exact: BTreeMap<String, KnownPath>,
    /// Those with a segment in braces, which stands for any.
    patterns: Vec<KnownPath>,
}

/// A path that something is served at.
#[derive(Debug)]
pub(crate) struct KnownPath {
    /// With braces where any segment may stand, and `{*}` where any number of them may.
    pub pattern: String,
    /// Where its answers are counted.
    pub counted: Arc<Route>,
    allow: HeaderValue,
}

impl KnownPath {
    /// Sets `Allow` on a 405.
    pub(crate) fn complete(&self, response: &mut Response) {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let headers = response.headers_mut();
            headers.insert(header::ALLOW, self.allow.clone());
        }
    }
}

impl KnownPaths {
    /// These paths, counted there.
    pub(crate) fn new(allowed: AllowedMethods, metrics: &Metrics) -> Self {
        let known = allowed.into_iter().map(|(pattern, allow)| KnownPath {
            counted: metrics.route(&pattern),
            pattern,
            allow,
        });
        let (patterns, exact): (Vec<_>, Vec<_>) =
            known.partition(|known| known.pattern.contains('{'));
        let exact = exact.into_iter();
        Self {
            exact: exact.map(|known| (known.pattern.clone(), known)).collect(),
            patterns,
        }
    }

    /// What is known of a path.
    pub(crate) fn find(&self, path: &str) -> Option<&KnownPath> {
        let fitting = || {
            self.patterns
                .iter()
                .find(|known| fits(&known.pattern, path))
        };
        self.exact.get(path).or_else(fitting)
    }
}

/// Stops at the first difference: a path may be long, and is compared with every pattern.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some("{*}"), Some(_)) => return true,
            (Some(any), Some(_)) if any.starts_with('{') => {}
            (Some(expected), Some(segment)) if expected == segment => {}
            _ => return false,
        }
    }
}
