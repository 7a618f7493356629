//! Every answer of every test must be one that the published documents tell of, and one that clients of the two
//! dialects' originals understand.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::Answer;

/// A document, with the validators of the schemas that were needed so far.
pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static PUBLISHED: LazyLock<[Contract; 3]> = LazyLock::new(|| {
    [
        include_str!("../../openapi/ocx.31.json"),
        include_str!("../../openapi/aura.31.json"),
        include_str!("../../openapi/platform.31.json"),
    ]
    .map(Contract::read)
});

/// The originals know addresses of one chain only, so those may be any text here.
static ORIGINALS: LazyLock<[Contract; 2]> = LazyLock::new(|| {
    [ORIGINAL_OCX, ORIGINAL_AURA].map(|text| {
        let mut contract = Contract::read(text);
        contract.document["components"]["schemas"]["Address"] = json!({ "type": "string" });
        contract
    })
});

/// What is known of the API that the OCX dialect is compatible with, as an OpenAPI document.
pub const ORIGINAL_OCX: &str = include_str!("../originals/ocx.json");
/// What is known of the API that the Aura dialect is compatible with, as an OpenAPI document.
pub const ORIGINAL_AURA: &str = include_str!("../originals/aura.json");

/// Where a server was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// Where clients ask.
    Main,
    /// Where operators ask, and the services of a platform. What is served there names a server of its own in its document.
    Internal,
}

/// Panics when an operation answered what its document does not have, or answered at all where it is not served.
pub(crate) fn assert_told(listener: Listener, method: &str, path: &str, answer: &Answer) {
    for contract in &*PUBLISHED {
        if contract
            .listener(path)
            .is_some_and(|of_path| of_path != listener)
        {
            // The host rule comes first.
            assert!(
                matches!(answer.status, 404 | 421),
                "{method} {path}: {answer:?}"
            );
        } else {
            contract.assert_told(method, path, answer);
        }
    }
    if listener == Listener::Internal {
        return;
    }
    for contract in &*ORIGINALS {
        contract.assert_understood(method, path, answer);
    }
}

impl Contract {
    /// Reads an OpenAPI 3.1 document.
    pub fn read(text: &str) -> Self {
        Self {
            document: serde_json::from_str(text).expect("the documents are JSON"),
            validators: Mutex::default(),
        }
    }

    /// Panics unless the answer is one that the document tells of: status, headers, body and code.
    fn assert_told(&self, method: &str, path: &str, answer: &Answer) {
        let Some((place, item)) = self.path(path) else {
            return;
        };
        if answer.status == 405 {
            assert_eq!(answer.header("allow"), methods(item), "{method} {path}");
            return;
        }
        let method = method.to_lowercase();
        // HEAD is GET without the body.
        let name = if method == "head" { "get" } else { &method };
        let Some(operation) = item.get(name) else {
            return;
        };
        let response = &operation["responses"][answer.status.to_string()];
        assert!(
            response.is_object(),
            "{method} {path} answered a status that its document does not tell of: {answer:?}"
        );
        assert_headers(response, answer);
        if method == "head" {
            return;
        }
        let pointer = format!("{place}/{name}/responses/{}", answer.status);
        self.assert_body(response, &pointer, answer);
        let examples = &response["content"]["application/json"]["examples"];
        if let Some(examples) = examples.as_object() {
            let code = code(answer);
            assert!(
                examples.contains_key(&code),
                "{method} {path} answered a code that its document does not tell of: {answer:?}"
            );
        }
    }

    /// Panics if a client of this document could not use the answer. The document need not know every status of
    /// ours: others are `default`. Returns the operation and the status that it was judged by.
    pub fn assert_understood(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        let (place, item) = self.path(path)?;
        let method = method.to_lowercase();
        let responses = item.get(&method)?.get("responses")?;
        let status = answer.status.to_string();
        let known = if responses.get(&status).is_some() {
            &status
        } else {
            "default"
        };
        let response = responses.get(known);
        let response = response.unwrap_or_else(|| panic!("{method} {path}: {answer:?}"));
        assert_headers(response, answer);
        self.assert_body(
            response,
            &format!("{place}/{method}/responses/{known}"),
            answer,
        );
        // Where a code is recorded, its status is.
        let code = code(answer);
        for (expected, response) in responses.as_object().into_iter().flatten() {
            let codes = response["x-codes"].as_array();
            if codes.is_some_and(|codes| codes.iter().any(|known| *known == code)) {
                assert_eq!(*expected, status, "{method} {path}: {answer:?}");
            }
        }
        Some(format!("{method} {place} {known}"))
    }

    /// Every operation with every status that it may answer, in the form of [`Contract::assert_understood`].
    pub fn all_answers(&self) -> Vec<String> {
        let paths = self.document["paths"].as_object();
        let mut all = Vec::new();
        for (template, item) in paths.into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let statuses = operation["responses"].as_object().into_iter().flatten();
                all.extend(
                    statuses.map(|(status, _)| {
                        format!("{method} {} {status}", pointer_of_path(template))
                    }),
                );
            }
        }
        all
    }

    fn assert_body(&self, response: &Value, pointer: &str, answer: &Answer) {
        let Some(content) = response.get("content") else {
            assert_eq!(answer.text, "", "a body where none is told: {answer:?}");
            return;
        };
        let (media_type, _) = content
            .as_object()
            .and_then(|map| map.iter().next())
            .expect("a media type");
        let sent = answer.header("content-type");
        let sent = sent.split(';').next().unwrap_or_default();
        assert_eq!(sent, media_type, "{answer:?}");
        let media_type = media_type.replace('/', "~1");
        let validator = self.validator(&format!("{pointer}/content/{media_type}/schema"));
        let body = answer.json();
        let faults: Vec<_> = validator.iter_errors(&body).collect();
        assert!(
            faults.is_empty(),
            "the body is not as {pointer} has it: {faults:?}, {answer:?}"
        );
    }

    fn validator(&self, pointer: &str) -> Arc<Validator> {
        let mut validators = (self.validators.lock()).unwrap_or_else(PoisonError::into_inner);
        let made = || {
            let schema = self.document.pointer(pointer);
            let mut schema = schema.expect("the pointer is into the document").clone();
            schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
            schema["components"]["schemas"] = self.document["components"]["schemas"].clone();
            let validator = jsonschema::options()
                .should_validate_formats(true)
                .build(&schema);
            Arc::new(validator.unwrap_or_else(|error| panic!("{pointer}: {error}")))
        };
        let known = validators.entry(pointer.to_owned());
        known.or_insert_with(made).clone()
    }

    /// Where a path is served; `None` if the document has no such path.
    fn listener(&self, path: &str) -> Option<Listener> {
        let (_, item) = self.path(path)?;
        let mut operations = item.as_object().into_iter().flatten();
        let is_elsewhere = operations.any(|(_, operation)| operation["servers"].is_array());
        Some(match is_elsewhere {
            true => Listener::Internal,
            false => Listener::Main,
        })
    }

    /// The JSON pointer of a path, and what is there.
    fn path(&self, path: &str) -> Option<(String, &Value)> {
        let path = path.split('?').next()?;
        let mut paths = self.document["paths"].as_object()?.iter();
        let (template, item) = paths.find(|(template, _)| fits(template, path))?;
        Some((pointer_of_path(template), item))
    }
}

fn pointer_of_path(template: &str) -> String {
    format!("/paths/{}", template.replace('/', "~1"))
}

fn assert_headers(response: &Value, answer: &Answer) {
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let is_there = answer.headers.contains_key(name);
        let is_required = header["required"] == true;
        assert!(is_there || !is_required, "without {name}: {answer:?}");
    }
}

/// What stands in a 405.
fn methods(item: &Value) -> String {
    let methods = item.as_object().into_iter().flatten();
    let methods = methods.map(|(method, _)| match method.as_str() {
        "get" => "GET, HEAD".to_owned(),
        other => other.to_uppercase(),
    });
    methods.collect::<Vec<_>>().join(", ")
}

/// The code of an error; empty in other answers.
fn code(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    let code = body["code"].as_str().or(body["error"]["code"].as_str());
    let code = code.or(body["error"].as_str());
    code.unwrap_or_default().to_owned()
}

fn fits(template: &str, path: &str) -> bool {
    // The path that Envoy asks about, with all its slashes.
    if let Some(folder) = template.strip_suffix("{path}") {
        return path.starts_with(folder);
    }
    let (template, path) = (template.split('/'), path.split('/'));
    let fits = |(expected, segment): (&str, &str)| expected.starts_with('{') || expected == segment;
    template.clone().count() == path.clone().count() && template.zip(path).all(fits)
}
