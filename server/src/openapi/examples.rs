//! What each operation takes and answers, by example. Failures are the server's own, so a status or
//! code that no example has cannot be answered, and one that has is told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::tidy::each_operation;

/// One operation by example.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    /// The body of a request, where it has one.
    pub request: Option<Value>,
    /// The body of its success, where it has one.
    pub success: Option<Value>,
    /// How it fails, first the likeliest of each status.
    pub failures: Vec<Failure>,
}

/// A failure by example.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// What clients match on.
    pub code: String,
    /// The body.
    pub body: Value,
}

/// Writes the examples into a document, and leaves only the statuses that have one.
pub(super) fn add(document: &mut Value, of: fn(operation_id: &str) -> Examples) {
    each_operation(document, &mut |operation| {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let examples = of(id);
        if let Some(request) = examples.request {
            let content = operation["requestBody"]["content"].as_object_mut();
            for (_, body) in content.into_iter().flatten() {
                body["example"] = request.clone();
            }
        }
        if let Some(responses) = operation["responses"].as_object_mut() {
            responses.retain(|status, _| {
                !is_error(status) || examples.failures.iter().any(|f| f.is_of(status))
            });
            for (status, response) in responses {
                if is_error(status) {
                    let failures = by_code(&examples.failures, status);
                    response["content"]["application/json"]["examples"] = failures;
                } else if let Some(success) = &examples.success {
                    response["content"]["application/json"]["example"] = success.clone();
                }
            }
        }
    });
}

/// Codes that are answered outside of operations: at other paths, and to other methods.
const ELSEWHERE: [&str; 4] = [
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "not_found",
    "method_not_allowed",
];

/// Leaves only the codes of failures that the document tells of, in each envelope by itself: `ApiError` has `ErrorCode`,
/// and what stands in front of one name stands in front of the other.
pub(super) fn narrow_codes(document: &mut Value) {
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    each_operation(document, &mut |operation| {
        let responses = operation["responses"].as_object().into_iter().flatten();
        for (_, response) in responses {
            let content = &response["content"]["application/json"];
            let schema = content["schema"]["$ref"].as_str();
            let schema = schema.and_then(|path| path.rsplit('/').next());
            if let Some(envelope) = schema.and_then(|name| name.strip_suffix("ApiError")) {
                let codes = content["examples"].as_object().into_iter().flatten();
                let elsewhere = || ELSEWHERE.map(str::to_owned).into();
                let told = told.entry(envelope.to_owned()).or_insert_with(elsewhere);
                told.extend(codes.map(|(code, _)| code.clone()));
            }
        }
    });
    for (envelope, told) in told {
        let codes = &mut document["components"]["schemas"][format!("{envelope}ErrorCode")]["enum"];
        if let Some(codes) = codes.as_array_mut() {
            codes.retain(|code| code.as_str().is_some_and(|code| told.contains(code)));
        }
    }
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

impl Failure {
    fn is_of(&self, status: &str) -> bool {
        self.status.to_string() == status
    }
}

/// One example a code; several sentences may share one.
fn by_code(failures: &[Failure], status: &str) -> Value {
    let mut examples = Map::new();
    for failure in failures.iter().filter(|failure| failure.is_of(status)) {
        let name = failure.code.clone();
        let example = || json!({ "value": failure.body });
        examples.entry(name).or_insert_with(example);
    }
    Value::Object(examples)
}
