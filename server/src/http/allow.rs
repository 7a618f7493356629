//! The `Allow` header of 405, from the documents' own paths.

use std::collections::BTreeMap;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::Value;

/// The methods of each path.
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

    /// Adds a path that takes GET and is in no document.
    #[must_use]
    pub(crate) fn and_get(mut self, path: &str) -> Self {
        self.0
            .insert(path.to_owned(), HeaderValue::from_static("GET, HEAD"));
        self
    }

    /// Sets the header on a 405.
    pub(crate) fn complete(&self, path: &str, response: &mut Response) {
        if response.status() != StatusCode::METHOD_NOT_ALLOWED {
            return;
        }
        if let Some(methods) = self.0.get(path) {
            response
                .headers_mut()
                .insert(header::ALLOW, methods.clone());
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
