//! The headers that are set around the operations, not by them.

use serde_json::{Value, json};

use super::{Document, tidy::each_operation};
use crate::authz;

/// Tells of the headers of every answer, and of the one that any request may have.
pub(super) fn add(document: &mut Value, dialect: Document) {
    each_operation(document, &mut |operation| {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let has_limits = dialect == Document::Aura || authz::is_of_aura(id);
        // In the dialects it would be one more argument of every method of a client, for what few look at.
        if dialect == Document::Platform {
            let parameters = operation.entry("parameters").or_insert(json!([]));
            parameters
                .as_array_mut()
                .into_iter()
                .for_each(|all| all.push(named_by_client()));
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for (status, response) in responses.into_iter().flatten() {
            let is_error = status.starts_with(['4', '5']);
            response["headers"]["X-Request-Id"] = request_id(is_error);
            if has_limits {
                for (name, header) in limits() {
                    response["headers"][name] = header;
                }
            }
        }
    });
}

fn named_by_client() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "description": "Names the request in the server's log, and is sent back, if it is 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`.",
        "schema": { "type": "string" },
    })
}

/// On errors it always is; on other answers when the client named the request.
fn request_id(is_always_there: bool) -> Value {
    let mut header = json!({
        "description": "Names the request in the server's log. A client's own is sent back if it is 1 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`.",
    });
    if is_always_there {
        header["required"] = json!(true);
    }
    header["schema"] = json!({ "type": "string" });
    header
}

fn limits() -> [(&'static str, Value); 3] {
    let header = |description: &str| {
        json!({
            "description": description,
            "required": true,
            "schema": { "type": "integer", "format": "int32", "minimum": 0 },
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
