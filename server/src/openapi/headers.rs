//! The headers that are set around the operations, not by them.

use serde_json::{Value, json};

use super::{Document, tidy::each_operation};

/// Tells of the headers of every answer, and of those of errors.
pub(super) fn add(document: &mut Value, dialect: Document) {
    each_operation(document, &mut |operation| {
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            if status.starts_with(['4', '5']) {
                response["headers"]["X-Request-Id"] = request_id();
            }
            if dialect == Document::Aura {
                for (name, header) in limits() {
                    response["headers"][name] = header;
                }
            }
        }
    });
}

fn request_id() -> Value {
    json!({
        "description": "Names the request in the server's log. A client's own is sent back if it is 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`.",
        "required": true,
        "schema": { "type": "string" },
    })
}

fn limits() -> [(&'static str, Value); 3] {
    let header = |description: &str| {
        json!({
            "description": description,
            "required": true,
            "schema": { "type": "integer", "format": "int64", "minimum": 0 },
        })
    };
    [
        ("RateLimit-Limit", header("Requests in a window.")),
        (
            "RateLimit-Remaining",
            header("Requests left in this window."),
        ),
        ("RateLimit-Reset", header("Seconds until the window ends.")),
    ]
}
