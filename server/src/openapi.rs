//! The published OpenAPI documents: what poem-openapi writes, put right for linters and generators.

mod examples;
mod headers;
mod links;
mod tidy;
mod v31;

use std::fmt;

use clap::ValueEnum;
use countersign_core::origin::Origin;
use poem::{Response, Route, endpoint::make_sync, get, http::header::CONTENT_TYPE};
use poem_openapi::{ContactObject, LicenseObject};
use serde_json::{Value, json};

pub(crate) use examples::{Examples, Failure};

use crate::{aura, authz, introspection, ocx, platform};

/// What a document describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Document {
    /// People sign in and get a session cookie; API keys are called ocx_sk_...
    Ocx,
    /// A signature is exchanged for an API key, called aura_live_...
    Aura,
    /// What other services call, whatever the dialect: health, the keys of session tokens, introspection, and what proxies ask.
    Platform,
}

/// A version of the OpenAPI specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Version {
    /// 3.0.3, for generators that know no other.
    #[value(name = "3.0")]
    V30,
    /// 3.1.0.
    #[value(name = "3.1")]
    V31,
}

/// The server that committed documents name.
pub(crate) const LOCAL_SERVER: &str = "http://127.0.0.1:8080";
/// The internal listener that documents name, which can be anywhere.
const INTERNAL_SERVER: &str = "http://127.0.0.1:9464";

impl Document {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Ocx, Self::Aura, Self::Platform];

    /// The document, naming this server.
    pub(crate) fn render(self, version: Version, server: &str) -> String {
        let raw = match self {
            Self::Ocx => ocx::service().spec(),
            Self::Aura => aura::service().spec(),
            Self::Platform => platform::document(),
        };
        let mut document: Value =
            serde_json::from_str(&raw).expect("poem-openapi writes valid JSON");
        if self == Self::Platform {
            authz::describe(&mut document);
        }
        tidy::tidy(&mut document);
        examples::add(
            &mut document,
            match self {
                Self::Ocx => ocx::examples,
                Self::Aura => aura::examples,
                Self::Platform => platform::examples,
            },
        );
        examples::narrow_codes(&mut document);
        headers::add(&mut document, self);
        links::add(&mut document, self);
        document["servers"] = json!([{ "url": server }]);
        name_internal_listener(&mut document);
        if version == Version::V31 {
            v31::upgrade(&mut document);
        }
        serde_json::to_string_pretty(&document).expect("a JSON value is written as JSON") + "\n"
    }

    /// The name of the document's file.
    pub(crate) fn file(self, version: Version) -> String {
        let infix = match version {
            Version::V30 => "",
            Version::V31 => ".31",
        };
        format!("{self}{infix}.json")
    }

    /// Every document there is, in every version.
    pub(crate) fn files() -> impl Iterator<Item = (Self, Version)> {
        let versions = |document| [Version::V30, Version::V31].map(|version| (document, version));
        Self::ALL.into_iter().flat_map(versions)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ocx => "ocx",
            Self::Aura => "aura",
            Self::Platform => "platform",
        })
    }
}

/// An operation that another listener serves names that listener itself.
fn name_internal_listener(document: &mut Value) {
    if let Some(item) = document["paths"].get_mut(introspection::PATH) {
        let description =
            "The internal listener, at the address of `internal.listen`; this one is its example.";
        let server = json!({ "url": INTERNAL_SERVER, "description": description });
        item["post"]["servers"] = json!([server]);
    }
}

/// The terms of the API, of which either may be chosen.
pub(crate) fn license() -> LicenseObject {
    LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/MIT.html")
}

/// Who answers for the API.
pub(crate) fn contact() -> ContactObject {
    ContactObject::new().name("The Countersign authors")
}

/// The paths at which documents are served.
pub(crate) fn paths() -> impl Iterator<Item = String> {
    Document::files().map(|(document, version)| format!("/openapi/{}", document.file(version)))
}

/// Serves every document, naming this server.
pub(crate) fn routes(server: &Origin) -> Route {
    let server = server.to_string();
    Document::files().fold(Route::new(), |routes, (document, version)| {
        let text = document.render(version, &server);
        let answer = make_sync(move |_| {
            Response::builder()
                .header(CONTENT_TYPE, "application/json; charset=utf-8")
                .body(text.clone())
        });
        routes.at(format!("/{}", document.file(version)), get(answer))
    })
}

#[cfg(test)]
mod tests;
