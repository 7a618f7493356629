//! The `Allow` header of 405, from the documents' own paths.

use std::{collections::BTreeMap, sync::Arc};

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::Value;

use crate::metrics::{self, Metrics};

/// The methods of each path.
#[derive(Debug, Default)]
pub(crate) struct AllowedMethods {
    exact: BTreeMap<String, KnownPath>,
    /// Those with a segment in braces, which stands for any.
    patterns: Vec<KnownPath>,
}

/// A path that something is served at.
#[derive(Debug, Clone)]
pub(crate) struct KnownPath {
    /// With braces where any segment may stand, and `{*}` where any number of them may.
    pub pattern: String,
    methods: HeaderValue,
    counted: Option<Arc<metrics::Route>>,
}

impl KnownPath {
    /// Sets the header on a 405.
    pub(crate) fn complete(&self, response: &mut Response) {
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let headers = response.headers_mut();
            headers.insert(header::ALLOW, self.methods.clone());
        }
    }

    /// Where its answers are counted.
    pub(crate) fn counted(&self) -> Option<&metrics::Route> {
        self.counted.as_deref()
    }
}

impl AllowedMethods {
    /// Reads the paths of an OpenAPI document. GET brings HEAD with it.
    pub(crate) fn of(document: &str) -> Self {
        Self::default().and_of(document)
    }

    /// Adds the paths of another document.
    #[must_use]
    pub(crate) fn and_of(self, document: &str) -> Self {
        let document: Value =
            serde_json::from_str(document).expect("poem-openapi writes valid JSON");
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        let paths = paths.into_iter();
        paths.fold(self, |known, (path, operations)| {
            known.with(path, allow(&operations))
        })
    }

    /// Adds a path that takes one method and is in no document.
    #[must_use]
    pub(crate) fn and(self, method: &str, path: &str) -> Self {
        let methods = serde_json::json!({ method.to_lowercase(): {} });
        self.with(path.to_owned(), allow(&methods))
    }

    /// The same, with their answers counted there, so that nobody looks for the place again.
    #[must_use]
    pub(crate) fn counted_in(mut self, metrics: &Metrics) -> Self {
        for known in self.exact.values_mut().chain(&mut self.patterns) {
            known.counted = metrics.route(&known.pattern);
        }
        self
    }

    fn with(mut self, pattern: String, methods: HeaderValue) -> Self {
        let known = KnownPath {
            pattern,
            methods,
            counted: None,
        };
        if known.pattern.contains('{') {
            self.patterns.push(known);
        } else {
            self.exact.insert(known.pattern.clone(), known);
        }
        self
    }

    /// The paths, with braces where any segment may stand.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        let all = self.exact.values().chain(&self.patterns);
        all.map(|known| known.pattern.as_str())
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

fn allow(operations: &Value) -> HeaderValue {
    let methods = operations
        .as_object()
        .into_iter()
        .flat_map(|operations| operations.keys());
    let with_head = methods.map(|method| {
        if method == "get" {
            "GET, HEAD".to_owned()
        } else {
            method.to_uppercase()
        }
    });
    HeaderValue::try_from(with_head.collect::<Vec<_>>().join(", ")).expect("methods are ASCII")
}
