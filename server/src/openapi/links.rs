//! Where an answer leads: operations that take what another has given. Tools that go from one operation to the next
//! follow these.

use serde_json::{Value, json};

use super::{Document, tidy::each_operation};

/// An operation and its success, and the operation that follows.
type Link = (&'static str, &'static str, &'static str, Value);

/// Writes the links of a document.
pub(super) fn add(document: &mut Value, which: Document) {
    let links = match which {
        Document::Ocx => ocx(),
        Document::Aura => aura(),
        Document::Platform => vec![],
    };
    each_operation(document, &mut |operation| {
        for (from, status, to, link) in &links {
            if operation["operationId"] == *from {
                operation["responses"][*status]["links"][*to] = link.clone();
            }
        }
    });
}

fn ocx() -> Vec<Link> {
    vec![
        (
            "issueChallenge",
            "200",
            "verifyChallenge",
            body(
                "verifyChallenge",
                json!({ "challengeId": "$response.body#/challengeId" }),
                "Signed, the challenge is answered by its id.",
            ),
        ),
        (
            "createApiKey",
            "201",
            "revokeApiKey",
            id(
                "revokeApiKey",
                "$response.body#/id",
                "The new key is revoked by its id.",
            ),
        ),
        (
            "listApiKeys",
            "200",
            "revokeApiKey",
            id(
                "revokeApiKey",
                "$response.body#/keys/0/id",
                "A listed key is revoked by its id.",
            ),
        ),
    ]
}

fn aura() -> Vec<Link> {
    let signed =
        json!({ "address": "$request.body#/address", "challenge": "$response.body#/challenge" });
    vec![
        (
            "issueChallenge",
            "200",
            "mintKey",
            body(
                "mintKey",
                signed,
                "Signed, the text is exchanged for a key.",
            ),
        ),
        (
            "mintKey",
            "200",
            "revokeKey",
            id(
                "revokeKey",
                "$response.body#/id",
                "The new key is revoked by its id.",
            ),
        ),
        (
            "listKeys",
            "200",
            "revokeKey",
            id(
                "revokeKey",
                "$response.body#/keys/0/id",
                "A listed key is revoked by its id.",
            ),
        ),
    ]
}

fn body(operation: &str, request: Value, description: &str) -> Value {
    json!({ "operationId": operation, "requestBody": request, "description": description })
}

fn id(operation: &str, from: &str, description: &str) -> Value {
    json!({ "operationId": operation, "parameters": { "id": from }, "description": description })
}
