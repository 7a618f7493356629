//! What in a new OpenAPI document breaks a client that was generated from the old one.
//!
//! A request must go on to be accepted, an answer to be understood: every request that fits the old document fits
//! the new one, every answer that fits the new one fits the old. What is merely added breaks nothing.

mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use schema::Comparison;

/// The breaks between two documents, each a line that says where and what; empty if there is none.
pub fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let (before, after) = (operations(old), operations(new));
    let mut breaks = Breaks {
        old,
        new,
        found: Vec::new(),
    };
    for (name, operation) in before {
        match after.get(&name) {
            Some(changed) => breaks.in_operation(&name, operation, changed),
            None => breaks.found.push(format!("{name} was removed")),
        }
    }
    breaks.in_security_schemes();
    let mut told = BTreeSet::new();
    breaks.found.retain(|line| told.insert(line.clone()));
    breaks.found
}

/// Every operation by its method and path; parameters have no names there, because clients do not see them.
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let segments = path.split('/');
        let unnamed = segments.map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        });
        let path = unnamed.collect::<Vec<_>>().join("/");
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| {
            (format!("{} {path}", method.to_uppercase()), operation)
        })
    });
    all.collect()
}

struct Breaks<'a> {
    old: &'a Value,
    new: &'a Value,
    found: Vec<String>,
}

impl Breaks<'_> {
    fn in_operation(&mut self, name: &str, old: &Value, new: &Value) {
        if old["operationId"] != new["operationId"] {
            let (was, is) = (&old["operationId"], &new["operationId"]);
            self.found
                .push(format!("{name}: operationId {was} became {is}"));
        }
        self.in_security(name, old, new);
        self.in_parameters(name, &old["parameters"], &new["parameters"]);
        self.in_request_body(name, &old["requestBody"], &new["requestBody"]);
        for (status, response) in members(&old["responses"]) {
            let place = format!("{name} {status}");
            match new["responses"].get(status) {
                Some(changed) => self.in_response(&place, response, changed),
                None => self.found.push(format!("{place} was removed")),
            }
        }
    }

    /// Each way to show who calls goes on to be enough.
    fn in_security(&mut self, name: &str, old: &Value, new: &Value) {
        let accepted = items(&new["security"]);
        for way in items(&old["security"]) {
            // Where nothing is asked for, everything passes.
            if !accepted.is_empty() && !accepted.contains(way) {
                self.found
                    .push(format!("{name}: security {way} is no longer enough"));
            }
        }
        if items(&old["security"]).is_empty()
            && !accepted.is_empty()
            && !accepted.contains(&serde_json::json!({}))
        {
            self.found
                .push(format!("{name}: a credential is now required"));
        }
    }

    fn in_parameters(&mut self, name: &str, old: &Value, new: &Value) {
        let (old, new) = (items(old), items(new));
        // Those of the path are counted, not named.
        let same = |one: &Value, other: &Value| {
            one["in"] == other["in"] && (one["in"] == "path" || one["name"] == other["name"])
        };
        for parameter in old {
            let place = format!("{name} parameter {}", text(&parameter["name"]));
            match new.iter().find(|other| same(parameter, other)) {
                Some(changed) => self.in_request(&place, &parameter["schema"], &changed["schema"]),
                None => self.found.push(format!("{place} was removed")),
            }
        }
        for parameter in new.iter().filter(|parameter| parameter["required"] == true) {
            let was = old.iter().find(|other| same(parameter, other));
            if was.is_none_or(|was| was["required"] != true) {
                let parameter = text(&parameter["name"]);
                self.found
                    .push(format!("{name} parameter {parameter} is now required"));
            }
        }
    }

    fn in_request_body(&mut self, name: &str, old: &Value, new: &Value) {
        let place = format!("{name} request");
        if new["required"] == true && old["required"] != true {
            self.found.push(format!("{place} is now required"));
        }
        for (media_type, content) in members(&old["content"]) {
            match new["content"].get(media_type) {
                Some(changed) => self.in_request(&place, &content["schema"], &changed["schema"]),
                None => self
                    .found
                    .push(format!("{place}: {media_type} is no longer taken")),
            }
        }
    }

    fn in_response(&mut self, place: &str, old: &Value, new: &Value) {
        for (header, definition) in members(&old["headers"]) {
            let changed = &new["headers"][header];
            if changed.is_null() {
                self.found
                    .push(format!("{place} header {header} was removed"));
            } else if definition["required"] == true && changed["required"] != true {
                self.found
                    .push(format!("{place} header {header} may now be absent"));
            }
        }
        for (media_type, content) in members(&old["content"]) {
            let Some(changed) = new["content"].get(media_type) else {
                self.found
                    .push(format!("{place}: {media_type} was removed"));
                continue;
            };
            let comparison = Comparison::of_answers(self.old, self.new);
            self.found
                .extend(comparison.breaks(place, &content["schema"], &changed["schema"]));
        }
    }

    fn in_request(&mut self, place: &str, old: &Value, new: &Value) {
        let comparison = Comparison::of_requests(self.old, self.new);
        self.found.extend(comparison.breaks(place, old, new));
    }

    fn in_security_schemes(&mut self) {
        let new = &self.new["components"]["securitySchemes"];
        for (name, scheme) in members(&self.old["components"]["securitySchemes"]) {
            let is_same = ["type", "in", "name", "scheme"]
                .iter()
                .all(|member| scheme[member] == new[name][member]);
            if !is_same {
                self.found
                    .push(format!("security scheme {name} was changed"));
            }
        }
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests;
