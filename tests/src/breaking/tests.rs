use serde_json::json;

use super::*;

const NONCE: &str = "/paths/~1auth~1nonce/post";
const CREATE: &str = "/paths/~1perps~1me~1api-keys/post";
const REVOKE: &str = "/paths/~1perps~1me~1api-keys~1{id}/delete";
const NONCE_REQUEST: &str = "/components/schemas/NonceRequest";
const NEW_KEY: &str = "/components/schemas/NewApiKey";
const KEY: &str = "/components/schemas/ApiKey";

/// A change of a document: what is put where; nothing there takes it away.
type Change<'a> = (&'a str, Value);

fn document() -> Value {
    serde_json::from_str(include_str!("../../../openapi/ocx.31.json")).expect("JSON")
}

fn changed(changes: &[Change<'_>]) -> Value {
    let mut document = document();
    for (pointer, value) in changes {
        let (parent, member) = pointer.rsplit_once('/').expect("a JSON pointer");
        let member = member.replace("~1", "/");
        let parent = document.pointer_mut(parent).expect(parent);
        let parent = parent.as_object_mut().expect("an object");
        if value.is_null() {
            parent.remove(&member).expect("it was there");
        } else {
            parent.insert(member, value.clone());
        }
    }
    document
}

fn check(changes: &[Change<'_>], expected: &[&str]) {
    let found = breaking_changes(&document(), &changed(changes));
    assert_eq!(found, expected, "{changes:?}");
}

#[test]
fn a_document_does_not_break_itself_in_either_version() {
    for text in [
        include_str!("../../../openapi/ocx.json"),
        include_str!("../../../openapi/ocx.31.json"),
        include_str!("../../../openapi/aura.json"),
        include_str!("../../../openapi/aura.31.json"),
        include_str!("../../../openapi/platform.31.json"),
    ] {
        let document = serde_json::from_str(text).expect("JSON");
        assert_eq!(breaking_changes(&document, &document), [""; 0]);
    }
}

#[test]
fn both_versions_say_the_same() {
    let v30 = serde_json::from_str(include_str!("../../../openapi/ocx.json")).expect("JSON");
    assert_eq!(breaking_changes(&v30, &document()), [""; 0]);
    assert_eq!(breaking_changes(&document(), &v30), [""; 0]);
}

#[test]
fn what_is_removed_is_found() {
    check(
        &[("/paths/~1auth~1nonce", Value::Null)],
        &["POST /auth/nonce was removed"],
    );
    check(
        &[(REVOKE, Value::Null)],
        &["DELETE /perps/me/api-keys/{} was removed"],
    );
    let status = format!("{NONCE}/responses/415");
    check(
        &[(&status, Value::Null)],
        &["POST /auth/nonce 415 was removed"],
    );
    let header = format!("{NONCE}/responses/429/headers/Retry-After");
    check(
        &[(&header, Value::Null)],
        &["POST /auth/nonce 429 header Retry-After was removed"],
    );
    let parameter = format!("{REVOKE}/parameters");
    check(
        &[(&parameter, json!([]))],
        &["DELETE /perps/me/api-keys/{} parameter id was removed"],
    );
    let field = format!("{NEW_KEY}/properties/allowedIps");
    check(
        &[(&field, Value::Null)],
        &["NewApiKey in requests /allowedIps was removed"],
    );
    let field = format!("{KEY}/properties/status");
    check(
        &[(&field, Value::Null)],
        &["ApiKey in answers /status was removed"],
    );
}

#[test]
fn a_renamed_field_is_found_on_both_sides() {
    let field = format!("{NONCE_REQUEST}/properties/walletAddress");
    let other = format!("{NONCE_REQUEST}/properties/wallet");
    let required = format!("{NONCE_REQUEST}/required");
    let rename: [Change<'_>; 3] = [
        (&field, Value::Null),
        (&other, json!({ "type": "string" })),
        (&required, json!(["wallet"])),
    ];
    check(
        &rename,
        &[
            "NonceRequest in requests /walletAddress was removed",
            "NonceRequest in requests /wallet is now required",
        ],
    );
}

#[test]
fn requests_that_are_taken_no_longer_are_found() {
    let place = "NewApiKey in requests";
    let at = |rest: &str| format!("{NEW_KEY}/{rest}");
    for (pointer, value, expected) in [
        (
            "required",
            json!(["name", "scope", "allowedIps"]),
            "/allowedIps is now required",
        ),
        (
            "properties/name/maxLength",
            json!(40),
            "/name: maxLength 80 became 40",
        ),
        (
            "properties/name/minLength",
            json!(2),
            "/name: minLength 1 became 2",
        ),
        (
            "properties/name/format",
            json!("uuid"),
            "/name: format nothing became \"uuid\"",
        ),
        (
            "properties/expiresInDays/type",
            json!("string"),
            "/expiresInDays: type \"integer\" became \"string\"",
        ),
        (
            "properties/allowedIps/items/maxLength",
            json!(9),
            "/allowedIps []: maxLength nothing became 9",
        ),
    ] {
        check(&[(&at(pointer), value)], &[&format!("{place} {expected}")]);
    }
    let scopes = "/components/schemas/Scope/enum";
    check(
        &[(scopes, json!(["read"]))],
        &["Scope in requests: enum [\"read\",\"trade\"] became [\"read\"]"],
    );
    let open = format!("{CREATE}/security");
    check(
        &[(&open, json!([{ "sessionCookie": [] }]))],
        &["POST /perps/me/api-keys: security {\"bearerAuth\":[]} is no longer enough"],
    );
    let public = format!("{NONCE}/security");
    check(
        &[(&public, json!([{ "bearerAuth": [] }]))],
        &["POST /auth/nonce: a credential is now required"],
    );
}

#[test]
fn answers_that_say_more_than_they_did_are_found() {
    let place = "ApiKey in answers";
    let at = |rest: &str| format!("{KEY}/{rest}");
    check(
        &[(&at("properties/createdAt/type"), json!(["string", "null"]))],
        &[&format!(
            "{place} /createdAt: type \"string\" became [\"string\",\"null\"]"
        )],
    );
    check(
        &[(&at("properties/createdAt/format"), Value::Null)],
        &[&format!(
            "{place} /createdAt: format \"date-time\" became nothing"
        )],
    );
    check(
        &[("/components/schemas/Nonce/required", json!(["nonce"]))],
        &["Nonce in answers /expiresAt may now be absent"],
    );
    let grown = breaking_changes(
        &document(),
        &changed(&[(
            "/components/schemas/ChainSource/enum",
            json!(["builtin", "plugin", "remote"]),
        )]),
    );
    assert_eq!(
        grown,
        [
            "ChainSource in answers: enum [\"builtin\",\"plugin\"] became [\"builtin\",\"plugin\",\"remote\"]"
        ]
    );
}

#[test]
fn names_that_clients_call_by_are_part_of_the_contract() {
    check(
        &[(&format!("{NONCE}/operationId"), json!("newNonce"))],
        &["POST /auth/nonce: operationId \"issueNonce\" became \"newNonce\""],
    );
    let renamed = document().to_string().replace("/Nonce\"", "/OneTime\"");
    let renamed = renamed.replace("\"Nonce\":", "\"OneTime\":");
    let renamed = serde_json::from_str(&renamed).expect("JSON");
    assert_eq!(
        breaking_changes(&document(), &renamed),
        ["the schema Nonce became OneTime"]
    );
    check(
        &[("/components/securitySchemes/apiKey/name", json!("X-Key"))],
        &["security scheme apiKey was changed"],
    );
}

#[test]
fn what_is_added_or_loosened_for_callers_breaks_nothing() {
    let at = |rest: &str| format!("{NEW_KEY}/{rest}");
    check(
        &[("/paths/~1auth~1new", json!({ "get": { "responses": {} } }))],
        &[],
    );
    check(
        &[(
            &format!("{NONCE}/responses/418"),
            json!({ "description": "A teapot." }),
        )],
        &[],
    );
    check(
        &[(
            "/components/schemas/Nonce/properties/hint",
            json!({ "type": "string" }),
        )],
        &[],
    );
    check(
        &[(&at("properties/note"), json!({ "type": "string" }))],
        &[],
    );
    check(&[(&at("properties/name/maxLength"), json!(200))], &[]);
    check(&[(&at("required"), json!(["name"]))], &[]);
    let parameter =
        json!([{ "name": "key", "in": "path", "required": true, "schema": { "type": "string" } }]);
    check(&[(&format!("{REVOKE}/parameters"), parameter)], &[]);
}
