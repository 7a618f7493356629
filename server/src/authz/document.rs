//! What proxies ask, as operations of the document for platforms. They are no operations of poem-openapi, which would
//! cost each question more than its answer.

use std::collections::BTreeSet;

use countersign_core::profile::Profile;
use poem::http::header;
use serde_json::{Map, Value, json};

use super::{Family, answer, examples};
use crate::{aura, http::dialects::AUTHZ, ocx, openapi::Examples};

/// The methods that Envoy's questions are listed with. Any other is judged the same way.
const METHODS: [&str; 2] = ["get", "post"];
const DIALECTS: [Profile; 2] = [Profile::Ocx, Profile::Aura];
const SCHEMAS: &str = "#/components/schemas/";

/// One question, as it is documented.
#[derive(Debug, Clone, Copy)]
struct Question {
    dialect: Profile,
    family: Family,
    method: &'static str,
}

impl Question {
    fn all() -> impl Iterator<Item = Self> {
        let of = |dialect| {
            let once = |family| Self {
                dialect,
                family,
                method: "get",
            };
            let by_envoy = METHODS.map(|method| Self {
                dialect,
                family: Family::ExtAuthz,
                method,
            });
            let others = [Family::ForwardAuth, Family::AuthRequest].map(once);
            others.into_iter().chain(by_envoy)
        };
        DIALECTS.into_iter().flat_map(of)
    }

    fn id(self) -> String {
        let dialect = name(self.dialect);
        match self.family {
            Family::ForwardAuth => format!("judge{dialect}ForwardAuth"),
            Family::AuthRequest => format!("judge{dialect}AuthRequest"),
            Family::ExtAuthz => format!("judge{dialect}ExtAuthz{}", capitalized(self.method)),
        }
    }

    fn path(self) -> String {
        let name = match self.family {
            Family::ForwardAuth => "forward-auth",
            Family::AuthRequest => "auth-request",
            Family::ExtAuthz => "ext-authz/{path}",
        };
        format!("{AUTHZ}{}/{name}", self.dialect.as_str())
    }

    fn operation(self) -> Value {
        let (summary, description) = self.words();
        json!({
            "tags": ["Forward-auth"],
            "summary": summary,
            "description": description,
            "operationId": self.id(),
            "parameters": self.parameters(),
            "responses": self.responses(),
        })
    }

    fn words(self) -> (String, String) {
        let (dialect, credentials) = match self.dialect {
            Profile::Ocx => ("OCX", "`Authorization`, `x-api-key` or `Cookie`"),
            Profile::Aura => ("Aura", "`Authorization`"),
        };
        let about = format!(
            "The client's own credential goes along in {credentials}, and so do `Origin`, `Sec-Fetch-*` and `Accept`.\n\
             Proxies in `server.trusted_proxies` may ask; see docs/forward-auth.md."
        );
        match self.family {
            Family::ForwardAuth => (
                format!("May this request pass? ({dialect}, for Traefik, Caddy and HAProxy)"),
                format!(
                    "The request that is asked about stands in `X-Forwarded-*`, each exactly once. {about}"
                ),
            ),
            Family::AuthRequest => (
                format!("May this request pass? ({dialect}, for nginx)"),
                format!(
                    "The request that is asked about stands in `X-Original-*`, each exactly once: either its URL or its\n\
                     URI. nginx knows no refusal but 401 and 403, so the status that is meant is in `X-Auth-Status`. {about}"
                ),
            ),
            Family::ExtAuthz => (
                format!(
                    "May this {} request pass? ({dialect}, for Envoy)",
                    self.method.to_uppercase()
                ),
                format!(
                    "The method is that of the request that is asked about, and what follows `ext-authz` is its path and\n\
                     query. A method that is not listed is judged the same way. {about}"
                ),
            ),
        }
    }

    fn parameters(self) -> Value {
        let client = header_parameter(
            "X-Forwarded-For",
            "The address of the client, at the end: none of `server.trusted_proxies`.",
            true,
            json!({ "type": "string" }),
        );
        let method = json!({ "type": "string", "pattern": "^[A-Z-]+$" });
        let uri = json!({ "type": "string", "pattern": "^/[!-\"$-~]*$" });
        let text = || json!({ "type": "string" });
        let header = header_parameter;
        match self.family {
            Family::ForwardAuth => json!([
                header("X-Forwarded-Method", "The method.", true, method),
                header(
                    "X-Forwarded-Uri",
                    "The path and query, as they were sent.",
                    true,
                    uri
                ),
                client,
                header(
                    "X-Forwarded-Proto",
                    "The scheme; without it no browser is sent to sign in.",
                    false,
                    text()
                ),
                header(
                    "X-Forwarded-Host",
                    "The host; without it no browser is sent to sign in.",
                    false,
                    text()
                ),
            ]),
            Family::AuthRequest => json!([
                header("X-Original-Method", "The method.", true, method),
                header(
                    "X-Original-URL",
                    "Scheme, host, path and query, as they were sent. Without it no browser is sent to sign in.",
                    false,
                    text()
                ),
                header(
                    "X-Original-URI",
                    "The path and query, as they were sent, in place of the URL.",
                    false,
                    uri
                ),
                client,
            ]),
            Family::ExtAuthz => json!([
                path_parameter(),
                client,
                header(
                    "X-Forwarded-Proto",
                    "The scheme; without it no browser is sent to sign in.",
                    false,
                    text()
                ),
            ]),
        }
    }

    fn responses(self) -> Value {
        let mut responses = Map::new();
        responses.insert("200".into(), passes());
        if self.family != Family::AuthRequest {
            responses.insert("302".into(), json!({
                "description": "A browser loads a page, and nobody is signed in: it goes to `access.sign_in_url`.",
                "headers": { "Location": told("Where it goes.", true) },
            }));
        }
        let schema = format!("{SCHEMAS}{}ApiError", name(self.dialect));
        let mut refusals = examples::refusals(self.dialect, self.family);
        refusals.sort_by_key(|(failure, _)| failure.status);
        let is_nginx = self.family == Family::AuthRequest;
        for (failure, response) in refusals {
            let told_of = responses
                .entry(failure.status.to_string())
                .or_insert_with(|| {
                    let (status, sentence) = (failure.status, self.sentence(failure.status));
                    let mut told_of = json!({
                        "description": sentence,
                        "content": { "application/json": { "schema": { "$ref": schema } } },
                        "headers": {},
                    });
                    if is_nginx {
                        told_of["headers"]["X-Auth-Status"] =
                            told("The status that is meant.", true);
                        told_of["headers"]["X-Auth-Code"] = told("The code of the error.", true);
                        if status == 401 {
                            told_of["headers"]["Location"] = told(
                                "Where a browser goes that loads a page: `access.sign_in_url`.",
                                false,
                            );
                        }
                    }
                    told_of
                });
            // By some failures of a status only, where nginx is told one for several.
            if response.headers().contains_key(header::RETRY_AFTER) {
                told_of["headers"]["Retry-After"] = json!({
                    "description": "Seconds to wait before trying again.",
                    "schema": { "type": "integer", "format": "int32", "minimum": 0 },
                });
            }
            if response.headers().contains_key(header::WWW_AUTHENTICATE) {
                told_of["headers"]["WWW-Authenticate"] = told("How to authenticate.", true);
            }
        }
        if self.dialect == Profile::Ocx {
            for response in responses.values_mut() {
                response["headers"]["Set-Cookie"] = told("Clears a cookie that is dead.", false);
            }
        }
        Value::Object(responses)
    }

    fn sentence(self, status: u16) -> &'static str {
        match (status, self.family) {
            (400, _) => "What was asked has two readings, or the proxy does not say what it must.",
            (401, _) => "It has no credential, or none that is good.",
            (403, Family::AuthRequest) => {
                "It may not pass, by any other reason than 401, or the proxy may not ask."
            }
            (403, _) => "It may not pass, or the proxy may not ask.",
            (429, _) => "Requests come too often.",
            (503, _) => "The server cannot find out at the moment.",
            _ => "The server failed.",
        }
    }
}

/// Adds the questions to a document, with the schemas of their answers.
pub(crate) fn describe(document: &mut Value) {
    for question in Question::all() {
        document["paths"][question.path()][question.method] = question.operation();
    }
    let tag = json!({ "name": "Forward-auth", "description": "What proxies ask before they pass a request on." });
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.push(tag);
    }
    for dialect in DIALECTS {
        add_schemas(document, dialect);
    }
}

/// Adds the schemas of a dialect's errors under names of their own: both dialects have an `ApiError`, and that of this
/// document has less codes.
fn add_schemas(document: &mut Value, dialect: Profile) {
    let spec = match dialect {
        Profile::Ocx => ocx::service().spec(),
        Profile::Aura => aura::service().spec(),
    };
    let spec: Value = serde_json::from_str(&spec).expect("poem-openapi writes valid JSON");
    let schemas = &spec["components"]["schemas"];
    let mut names = BTreeSet::new();
    reach(schemas, "ApiError", &mut names);
    let own = |schema: &str| format!("{}{schema}", name(dialect));
    for schema_name in &names {
        let mut schema = schemas[schema_name].clone();
        each_reference(&mut schema, &mut |reference| own(reference));
        if schema.get("title").is_some() {
            schema["title"] = json!(own(schema_name));
        }
        document["components"]["schemas"][own(schema_name)] = schema;
    }
}

/// How a question is answered; `None` for what is no question.
pub(crate) fn examples_of(operation_id: &str) -> Option<Examples> {
    let question = Question::all().find(|question| question.id() == operation_id)?;
    let refusals = examples::refusals(question.dialect, question.family);
    Some(Examples {
        failures: refusals.into_iter().map(|(failure, _)| failure).collect(),
        ..Examples::default()
    })
}

/// Whether an operation answers as Aura does.
pub(crate) fn is_of_aura(operation_id: &str) -> bool {
    let mut all = Question::all();
    all.any(|question| question.dialect == Profile::Aura && question.id() == operation_id)
}

fn passes() -> Value {
    let mut headers = Map::new();
    for (_, name, description) in &answer::IDENTITY {
        headers.insert((*name).into(), told(description, true));
    }
    headers["X-Auth-Credential"]["schema"]["enum"] = json!(["session", "api-key", "anonymous"]);
    headers.insert(
        "Cache-Control".into(),
        told("`no-store`: the next answer may be another.", true),
    );
    json!({ "description": "It may pass. Each header is there, and empty where it says nothing.", "headers": headers })
}

fn told(description: &str, is_required: bool) -> Value {
    let mut header = json!({ "description": description });
    if is_required {
        header["required"] = json!(true);
    }
    header["schema"] = json!({ "type": "string" });
    header
}

fn header_parameter(name: &str, description: &str, is_required: bool, schema: Value) -> Value {
    let mut parameter = json!({ "name": name, "in": "header", "description": description });
    if is_required {
        parameter["required"] = json!(true);
    }
    parameter["schema"] = schema;
    parameter
}

fn path_parameter() -> Value {
    json!({
        "name": "path",
        "in": "path",
        "required": true,
        "description": "The path, without its first slash, as it was sent: slashes in it are slashes, and are not encoded.",
        "schema": { "type": "string" },
    })
}

/// The names of a schema and of all that are in it.
fn reach(schemas: &Value, name: &str, names: &mut BTreeSet<String>) {
    if names.insert(name.to_owned()) {
        let mut schema = schemas[name].clone();
        each_reference(&mut schema, &mut |name| {
            reach(schemas, name, names);
            name.to_owned()
        });
    }
}

/// Has every reference to a schema name another.
fn each_reference(schema: &mut Value, name: &mut dyn FnMut(&str) -> String) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str().and_then(|text| text.strip_prefix(SCHEMAS)) {
                    Some(of) if key == "$ref" => *value = json!(format!("{SCHEMAS}{}", name(of))),
                    _ => each_reference(value, name),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, name)),
        _ => {}
    }
}

/// In front of the names of a dialect's operations and schemas.
fn name(dialect: Profile) -> &'static str {
    match dialect {
        Profile::Ocx => "Ocx",
        Profile::Aura => "Aura",
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
