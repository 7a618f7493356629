//! From OpenAPI 3.0.3 to 3.1.0, which writes `null` as a type.

use serde_json::{Map, Value, json};

use super::tidy::walk;

pub(super) fn upgrade(document: &mut Value) {
    document["openapi"] = json!("3.1.0");
    walk(document, &mut upgrade_schema);
}

fn upgrade_schema(schema: &mut Map<String, Value>) {
    if schema.get("nullable") == Some(&json!(true)) {
        schema.remove("nullable");
        if let Some(Value::Array(mut branches)) = schema.remove("allOf") {
            branches.push(json!({ "type": "null" }));
            schema.remove("type");
            schema.insert("anyOf".into(), Value::Array(branches));
        } else if let Some(Value::String(kind)) = schema.get("type").cloned() {
            schema.insert("type".into(), json!([kind, "null"]));
        }
    }
    let is_schema = schema.contains_key("type") || schema.contains_key("allOf");
    if let Some(example) = schema.get("example").filter(|_| is_schema).cloned() {
        schema.remove("example");
        schema.insert("examples".into(), json!([example]));
    }
}
