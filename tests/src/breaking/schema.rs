//! Whether every value that fits one schema fits another.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The schemas of two documents, and whose values must fit whose.
pub(super) struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// What fitted the old schema must fit the new one.
    Request,
    /// What fits the new schema must have fitted the old one.
    Answer,
}

/// Constraints that a smaller number makes narrower, and those that a larger one does.
const UPPER: [&str; 4] = ["maxLength", "maxItems", "maximum", "maxProperties"];
const LOWER: [&str; 4] = ["minLength", "minItems", "minimum", "minProperties"];
/// Constraints that can only be compared for being the same.
const EXACT: [&str; 4] = ["pattern", "format", "multipleOf", "uniqueItems"];
/// References within references are followed so far; no document of ours goes deeper.
const DEPTH: usize = 32;

impl<'a> Comparison<'a> {
    pub(super) fn of_requests(old: &'a Value, new: &'a Value) -> Self {
        let direction = Direction::Request;
        Self {
            old,
            new,
            direction,
        }
    }

    pub(super) fn of_answers(old: &'a Value, new: &'a Value) -> Self {
        let direction = Direction::Answer;
        Self {
            old,
            new,
            direction,
        }
    }

    /// Where values that must fit no longer do.
    pub(super) fn breaks(&self, place: &str, old: &Value, new: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(place, old, new, DEPTH, &mut found);
        found
    }

    fn compare(
        &self,
        place: &str,
        old: &Value,
        new: &Value,
        depth: usize,
        found: &mut Vec<String>,
    ) {
        assert!(depth > 0, "{place}: the schema refers to itself");
        // What many operations share is told once, under its own name.
        let named = reference(old).zip(reference(new)).map(|(was, is)| {
            // In many clients the name is a type's.
            if was != is {
                found.push(format!("the schema {} became {}", name(was), name(is)));
            }
            self.named(was)
        });
        let place = named.as_deref().unwrap_or(place);
        let (old, new) = (plain(self.old, old), plain(self.new, new));
        for keyword in ["type", "enum"]
            .into_iter()
            .chain(UPPER)
            .chain(LOWER)
            .chain(EXACT)
        {
            let (was, is) = (old.get(keyword), new.get(keyword));
            let (inner, outer) = self.ordered(was, is);
            if !implies(keyword, inner, outer) {
                let shown =
                    |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
                found.push(format!(
                    "{place}: {keyword} {} became {}",
                    shown(was),
                    shown(is)
                ));
            }
        }
        self.compare_fields(place, &old, &new, depth, found);
        let nothing = json!({});
        let inner = |schema: &'_ Map<String, Value>, keyword: &str| schema.get(keyword).cloned();
        if let (Some(was), Some(is)) = match (inner(&old, "items"), inner(&new, "items")) {
            (None, None) => (None, None),
            (was, is) => (was.or(Some(nothing.clone())), is.or(Some(nothing))),
        } {
            self.compare(&format!("{place} []"), &was, &is, depth - 1, found);
        }
    }

    fn compare_fields(
        &self,
        place: &str,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
        depth: usize,
        found: &mut Vec<String>,
    ) {
        let (before, after) = (fields(old), fields(new));
        for (name, was) in &before {
            let place = format!("{place} /{name}");
            match after.get(name) {
                Some(is) => self.compare(&place, was, is, depth - 1, found),
                None => found.push(format!("{place} was removed")),
            }
        }
        let (needed_before, needed_after) = (required(old), required(new));
        match self.direction {
            Direction::Request => {
                for name in needed_after.difference(&needed_before) {
                    found.push(format!("{place} /{name} is now required"));
                }
                if is_closed(new) && !is_closed(old) {
                    found.push(format!("{place}: other fields are no longer taken"));
                }
            }
            Direction::Answer => {
                let absent = needed_before.difference(&needed_after);
                for name in absent.filter(|name| after.contains_key(**name)) {
                    found.push(format!("{place} /{name} may now be absent"));
                }
                if is_closed(old) {
                    for name in after.keys().filter(|name| !before.contains_key(*name)) {
                        found.push(format!("{place} /{name} is new where no field was to come"));
                    }
                }
            }
        }
    }

    fn named(&self, reference: &str) -> String {
        let name = name(reference);
        match self.direction {
            Direction::Request => format!("{name} in requests"),
            Direction::Answer => format!("{name} in answers"),
        }
    }

    /// First the schema whose values must fit.
    fn ordered<T>(&self, old: T, new: T) -> (T, T) {
        match self.direction {
            Direction::Request => (old, new),
            Direction::Answer => (new, old),
        }
    }
}

/// Whether what obeys the inner constraint obeys the outer one.
fn implies(keyword: &str, inner: Option<&Value>, outer: Option<&Value>) -> bool {
    let Some(outer) = outer else {
        return true;
    };
    let Some(inner) = inner else {
        return false;
    };
    if UPPER.contains(&keyword) {
        return inner.as_f64() <= outer.as_f64();
    }
    if LOWER.contains(&keyword) {
        return inner.as_f64() >= outer.as_f64();
    }
    if EXACT.contains(&keyword) {
        return inner == outer;
    }
    let (inner, outer) = (as_list(inner), as_list(outer));
    let fits = |value: &Value| {
        outer.contains(value) || (*value == "integer" && outer.contains(&json!("number")))
    };
    inner.iter().all(fits)
}

/// A schema without references, `allOf`, `anyOf` with `null`, `const` and `nullable`: each is written in another way.
fn plain(document: &Value, schema: &Value) -> Map<String, Value> {
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    if let Some(Value::String(reference)) = schema.remove("$ref") {
        let target = document.pointer(reference.trim_start_matches('#'));
        let target = target.unwrap_or_else(|| panic!("{reference} leads nowhere"));
        merge(&mut schema, plain(document, target));
    }
    for branch in take_list(&mut schema, "allOf") {
        merge(&mut schema, plain(document, &branch));
    }
    let mut is_nullable = schema.remove("nullable") == Some(json!(true));
    let (null, branches): (Vec<_>, Vec<_>) = take_list(&mut schema, "anyOf")
        .into_iter()
        .partition(|branch| *branch == json!({ "type": "null" }));
    is_nullable |= !null.is_empty();
    assert!(
        branches.len() <= 1,
        "the comparison knows of no other anyOf than one with null"
    );
    for branch in branches {
        merge(&mut schema, plain(document, &branch));
    }
    assert!(
        !schema.contains_key("oneOf"),
        "the comparison knows of no oneOf"
    );
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".into(), json!([value]));
    }
    if let (true, Some(kind)) = (is_nullable, schema.get_mut("type")) {
        let mut kinds = as_list(kind);
        kinds.push(json!("null"));
        *kind = Value::Array(kinds);
    }
    schema
}

fn name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// The schema that stands in for this one, possibly with a description or `null` beside it.
fn reference(schema: &Value) -> Option<&str> {
    let branch = |keyword: &str| schema[keyword][0]["$ref"].as_str();
    let direct = schema["$ref"].as_str();
    direct
        .or_else(|| branch("allOf"))
        .or_else(|| branch("anyOf"))
}

/// What is written in both stands for what holds of both.
fn merge(schema: &mut Map<String, Value>, other: Map<String, Value>) {
    for (keyword, value) in other {
        match (schema.get_mut(&keyword), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more),
            (Some(Value::Array(known)), Value::Array(more)) if keyword == "required" => {
                known.extend(more)
            }
            (Some(_), _) => {}
            (None, value) => {
                schema.insert(keyword, value);
            }
        }
    }
}

fn take_list(schema: &mut Map<String, Value>, keyword: &str) -> Vec<Value> {
    match schema.remove(keyword) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    }
}

fn as_list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
}

fn fields(schema: &Map<String, Value>) -> Map<String, Value> {
    let fields = schema.get("properties").and_then(Value::as_object);
    fields.cloned().unwrap_or_default()
}

fn required(schema: &Map<String, Value>) -> BTreeSet<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn is_closed(schema: &Map<String, Value>) -> bool {
    schema.get("additionalProperties") == Some(&json!(false))
}
