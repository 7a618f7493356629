//! The `Allow` header of 405, from the documents' own paths.

use std::collections::BTreeMap;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::Value;

/// The methods of each path. A segment in braces stands for any.
#[derive(Debug, Default)]
pub(crate) struct AllowedMethods(BTreeMap<String, HeaderValue>);

impl AllowedMethods {
    /// Reads the paths of an OpenAPI document. GET brings HEAD with it.
    pub(crate) fn of(document: &str) -> Self {
        let document: Value =
            serde_json::from_str(document).expect("poem-openapi writes valid JSON");
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        Self(
            paths
                .into_iter()
                .map(|(path, operations)| (path, allow(&operations)))
                .collect(),
        )
    }

    /// Adds the paths of another document.
    #[must_use]
    pub(crate) fn and_of(mut self, document: &str) -> Self {
        self.0.extend(Self::of(document).0);
        self
    }

    /// Adds a path that takes one method and is in no document.
    #[must_use]
    pub(crate) fn and(mut self, method: &str, path: &str) -> Self {
        let methods = serde_json::json!({ method.to_lowercase(): {} });
        self.0.insert(path.to_owned(), allow(&methods));
        self
    }

    /// The paths, with braces where any segment may stand.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The pattern that a path fits.
    pub(crate) fn pattern(&self, path: &str) -> Option<&str> {
        self.find(path).map(|(pattern, _)| pattern.as_str())
    }

    /// Sets the header on a 405.
    pub(crate) fn complete(&self, path: &str, response: &mut Response) {
        if response.status() != StatusCode::METHOD_NOT_ALLOWED {
            return;
        }
        if let Some((_, methods)) = self.find(path) {
            response
                .headers_mut()
                .insert(header::ALLOW, methods.clone());
        }
    }

    fn find(&self, path: &str) -> Option<(&String, &HeaderValue)> {
        let fitting = || self.0.iter().find(|(pattern, _)| fits(pattern, path));
        self.0.get_key_value(path).or_else(fitting)
    }
}

/// Stops at the first difference: a path may be long, and is compared with every pattern.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
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
