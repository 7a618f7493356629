//! What other services and those who run them call: is the server well, and which keys sign its tokens. Errors
//! have the envelope of OCX. `introspection` beside this is a part of the same document.

mod examples;
mod health;
mod keys;
mod metadata;

use std::sync::Arc;

use poem_openapi::{OpenApiService, Tags};

pub(crate) use examples::of as examples;

use crate::{
    fleet::Pulse, introspection::IntrospectionApi, openapi, session_token::SessionTokens,
    site::Site, store::Database,
};

/// What these operations serve.
pub(crate) struct Platform {
    /// The store whose health is asked for.
    pub store: Arc<dyn Database>,
    /// How this server stands to others on the same database, where there may be any.
    pub pulse: Option<Arc<Pulse>>,
    /// What signs session tokens.
    pub tokens: Arc<SessionTokens>,
    /// Who we are.
    pub site: Arc<Site>,
}

/// The folders that the operations lie in.
pub(crate) const FOLDERS: [&str; 2] = ["/health", "/.well-known"];

/// What the operations are about.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Whether the server is well, for supervisors and load balancers.
    #[oai(rename = "Health")]
    Health,
    /// What session tokens are verified with.
    #[oai(rename = "Keys")]
    Keys,
    /// What the tokens of callers are good for.
    #[oai(rename = "Introspection")]
    Introspection,
}

/// The operations on the main listener. They find what they serve, a [`Platform`], in the request.
pub(crate) fn service()
-> OpenApiService<(health::HealthApi, keys::KeysApi, metadata::MetadataApi), ()> {
    let apis = (health::HealthApi, keys::KeysApi, metadata::MetadataApi);
    OpenApiService::new(apis, "", "")
}

/// The document of these operations, and of the one on the internal listener.
pub(crate) fn document() -> String {
    OpenApiService::new(
        (
            health::HealthApi,
            keys::KeysApi,
            metadata::MetadataApi,
            IntrospectionApi,
        ),
        "Countersign, for platforms",
        env!("CARGO_PKG_VERSION"),
    )
    .description(
        "What the services of a platform, and those who run them, ask Countersign for.\n\n\
         Errors are `{error, code, message}`, as in the OCX dialect; match on `code`. Those of introspection are\n\
         `{error, error_description}`, as in OAuth; match on `error`. Those below `/authz` are as their dialect has them.\n\
         A path that is asked with a method that it does not take answers 405, with those that it takes in `Allow`.",
    )
    .license(openapi::license())
    .contact(openapi::contact())
    .spec()
}
