//! The `Allow` header of 405, from the documents' own paths.

use std::collections::BTreeMap;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use serde_json::Value;

/// The methods of each path.
#[derive(Debug, Default)]
pub struct AllowedMethods(BTreeMap<String, String>);

impl AllowedMethods {
    /// Reads the paths of an OpenAPI document. GET brings HEAD with it.
    pub fn of(document: &str) -> Self {
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
    pub fn and_get(mut self, path: &str) -> Self {
        self.0.insert(path.to_owned(), "GET, HEAD".to_owned());
        self
    }

    /// Sets the header on a 405.
    pub fn complete(&self, path: &str, response: &mut Response) {
        let methods = self
            .0
            .get(path)
            .and_then(|methods| HeaderValue::from_str(methods).ok());
        if let (StatusCode::METHOD_NOT_ALLOWED, Some(methods)) = (response.status(), methods) {
            response.headers_mut().insert(header::ALLOW, methods);
        }
    }
}

fn allow(operations: &Value) -> String {
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
    with_head.collect::<Vec<_>>().join(", ")
}
