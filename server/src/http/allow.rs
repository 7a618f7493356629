//! The methods of each path, from the documents' own paths.

use std::collections::BTreeMap;

use poem::http::HeaderValue;
use serde_json::Value;

/// Paths, with braces where any segment may stand and `{*}` where any number of them may; and their `Allow`.
#[derive(Debug, Default)]
pub(crate) struct AllowedMethods(BTreeMap<String, HeaderValue>);

impl AllowedMethods {
    /// Reads the paths of an OpenAPI document. GET brings HEAD with it.
    pub(crate) fn of(document: &str) -> Self {
        Self::default().and_of(document)
    }

    /// Adds the paths of another document.
    #[must_use]
    pub(crate) fn and_of(mut self, document: &str) -> Self {
        let document: Value =
            serde_json::from_str(document).expect("poem-openapi writes valid JSON");
        let paths = document["paths"].as_object().cloned().unwrap_or_default();
        let paths = paths.into_iter();
        self.0
            .extend(paths.map(|(path, operations)| (path, allow(&operations))));
        self
    }

    /// Adds a path that takes one method and is in no document.
    #[must_use]
    pub(crate) fn and(mut self, method: &str, path: &str) -> Self {
        let methods = serde_json::json!({ method.to_lowercase(): {} });
        self.0.insert(path.to_owned(), allow(&methods));
        self
    }

    /// The paths.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl IntoIterator for AllowedMethods {
    type Item = (String, HeaderValue);
    type IntoIter = std::collections::btree_map::IntoIter<String, HeaderValue>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
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
