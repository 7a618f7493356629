//! What poem-openapi writes in a way that linters refuse or generators trip over.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Maps whose members are no schemas, whatever they are called.
const OPAQUE: [&str; 5] = ["example", "examples", "enum", "default", "mapping"];

pub(super) fn tidy(document: &mut Value) {
    document["openapi"] = json!("3.0.3");
    walk(document, &mut tidy_object);
    inline_constants(document);
    close_requests(document);
    describe_responses(document);
    let tags = tidy_operations(document);
    if let Some(listed) = document["tags"].as_array_mut() {
        let place = |tag: &Value| tags.iter().position(|used| tag["name"] == **used);
        listed.retain(|tag| place(tag).is_some());
        listed.sort_by_key(place);
    }
}

/// Calls `change` on every object that is not opaque, parents first.
pub(super) fn walk(value: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            let inner = object.iter_mut();
            let inner = inner.filter(|(name, _)| !OPAQUE.contains(&name.as_str()));
            inner.for_each(|(_, value)| walk(value, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
        _ => {}
    }
}

fn tidy_object(object: &mut Map<String, Value>) {
    // A media type is named without its charset.
    if let Some(json) = object.remove("application/json; charset=utf-8") {
        object.insert("application/json".into(), json);
    }
    // Beside a reference stands a branch that repeats the description; generators drop the whole model for it.
    if let Some(Value::Array(branches)) = object.get_mut("allOf") {
        branches.retain(|branch| branch.get("$ref").is_some() || branch.get("type").is_some());
    }
    tidy_integer(object);
    name_values(object);
}

/// Names for the values of an enumeration that are no identifiers in themselves: some generators would only drop what
/// they cannot use, and make `WRITETX` of `write:tx`.
fn name_values(object: &mut Map<String, Value>) {
    let values = object.get("enum").and_then(Value::as_array);
    let values: Vec<_> = values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_word = |text: &&str| {
        let is_one_case = text.to_lowercase() == **text || text.to_uppercase() == **text;
        is_one_case
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if values.len() > 1 && !values.iter().all(is_word) {
        let names: Vec<_> = values.into_iter().map(screaming_snake).collect();
        object.insert("x-enum-varnames".into(), json!(names));
    }
}

/// `WRITE_TX` of `write:tx`, `AUTH_ERROR` of `AuthError`.
fn screaming_snake(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(if letter.is_ascii_alphanumeric() {
            letter.to_ascii_uppercase()
        } else {
            '_'
        });
    }
    name
}

/// Larger whole numbers are not exact everywhere in JSON (RFC 8259, section 6).
const LARGEST_EXACT: i64 = (1 << 53) - 1;

/// OpenAPI knows signed formats only, bounds of whole numbers are whole, and `int64` is a type of its own in some
/// clients, which no number of ours needs.
fn tidy_integer(object: &mut Map<String, Value>) {
    let maximum = match object.get("format").and_then(Value::as_str) {
        Some("uint32") => i64::from(i32::MAX),
        Some("uint64") => LARGEST_EXACT,
        _ => 0,
    };
    if maximum > 0 {
        object.entry("minimum").or_insert(json!(0));
        object.entry("maximum").or_insert(json!(maximum));
        if maximum == LARGEST_EXACT {
            object.remove("format");
        } else {
            object.insert("format".into(), json!("int32"));
        }
    }
    if object.get("type") != Some(&json!("integer")) {
        return;
    }
    for bound in ["minimum", "maximum"] {
        if let Some(number) = object.get(bound).and_then(Value::as_f64) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "bounds are written as whole numbers"
            )]
            object.insert(bound.into(), json!(number as i64));
        }
    }
}

/// An enumeration of one value needs no name; generators would make a type of it.
fn inline_constants(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    let mut constants = Map::new();
    if let Some(schemas) = schemas {
        let is_constant =
            |schema: &Value| schema["enum"].as_array().is_some_and(|all| all.len() == 1);
        let names = schemas.iter().filter(|(_, schema)| is_constant(schema));
        let names: Vec<_> = names.map(|(name, _)| name.clone()).collect();
        for name in names {
            let schema = schemas.shift_remove(&name).unwrap_or_default();
            constants.insert(format!("#/components/schemas/{name}"), schema);
        }
    }
    walk(document, &mut |object| {
        let branches = object.get("allOf").map(|branches| &branches[0]["$ref"]);
        let target = branches.or(object.get("$ref")).and_then(Value::as_str);
        if let Some(constant) = target.and_then(|target| constants.get(target)) {
            object.remove("allOf");
            object.remove("$ref");
            object.insert("type".into(), constant["type"].clone());
            object.insert("enum".into(), constant["enum"].clone());
        }
    });
}

/// An answer without a description of its own is what its schema says.
fn describe_responses(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    each_operation(document, &mut |operation| {
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for response in responses
            .into_iter()
            .flat_map(|responses| responses.values_mut())
        {
            let name = response["content"]["application/json"]["schema"]["$ref"].as_str();
            let schema = name
                .and_then(|path| path.rsplit('/').next())
                .map(|name| &schemas[name]);
            if response["description"] == "" {
                response["description"] =
                    schema.map_or(Value::Null, |schema| schema["description"].clone());
            }
        }
    });
}

/// Requests take no field that is not listed, which poem-openapi checks and does not publish.
fn close_requests(document: &mut Value) {
    let mut names = BTreeSet::new();
    each_operation(document, &mut |operation| {
        let body = operation.get("requestBody");
        let schema =
            body.and_then(|body| body["content"]["application/json"]["schema"]["$ref"].as_str());
        names.extend(
            schema
                .and_then(|path| path.rsplit('/').next())
                .map(str::to_owned),
        );
    });
    for name in names {
        document["components"]["schemas"][&name]["additionalProperties"] = json!(false);
    }
}

/// Returns the tags that are used, in the order of their first use.
fn tidy_operations(document: &mut Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    each_operation(document, &mut |operation| {
        let used = operation
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for tag in used.filter_map(Value::as_str) {
            if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        // An operation that is public says so.
        operation.entry("security").or_insert(json!([]));
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            forget_defaults(parameter);
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for response in responses
            .into_iter()
            .flat_map(|responses| responses.values_mut())
        {
            tidy_headers(response);
        }
    });
    tags
}

/// Calls `change` on every operation.
pub(super) fn each_operation(
    document: &mut Value,
    change: &mut dyn FnMut(&mut Map<String, Value>),
) {
    let paths = document["paths"].as_object_mut();
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    for item in items.filter_map(Value::as_object_mut) {
        item.values_mut()
            .filter_map(Value::as_object_mut)
            .for_each(&mut *change);
    }
}

/// Headers in their usual spelling.
fn tidy_headers(response: &mut Value) {
    let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, mut header) in std::mem::take(headers) {
        header.as_object_mut().map(forget_defaults);
        headers.insert(usual_spelling(&name), header);
    }
}

fn usual_spelling(name: &str) -> String {
    const KNOWN: [&str; 7] = [
        "Cache-Control",
        "Set-Cookie",
        "WWW-Authenticate",
        "Retry-After",
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Reset",
    ];
    let known = KNOWN
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name));
    known.unwrap_or(name).to_owned()
}

/// Members that say what is so anyway.
fn forget_defaults(object: &mut Map<String, Value>) {
    if object.get("deprecated") == Some(&json!(false)) {
        object.remove("deprecated");
    }
    if object.get("explode") == Some(&json!(true)) {
        object.remove("explode");
    }
}
