//! Stand-in routes of a trading platform, to try credentials on: `demo = true`.
//!
//! They are in no document. The access engine judges them by the dialects' own rules, as it would
//! the routes of a real platform; what passes is answered with who the caller is.

use countersign_core::{principal::Credential, service::Caller};
use poem::{
    Request, Response, Result, Route, RouteMethod,
    endpoint::make,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::{Map, Value, json};

use crate::{
    aura,
    http::{allow::AllowedMethods, strict_json},
    ocx,
};

/// Routes of the OCX dialect: method and path.
const OCX: [(&str, &str); 4] = [
    ("GET", "/perps/markets"),
    ("GET", "/perps/positions"),
    ("POST", "/perps/orders"),
    ("POST", "/wallet/withdraw"),
];
/// Routes of the Aura dialect.
const AURA: [(&str, &str); 2] = [("GET", "/v1/markets"), ("POST", "/v1/tx/echo")];

/// Whose rules and envelope apply.
#[derive(Debug, Clone, Copy)]
enum Dialect {
    Ocx,
    Aura,
}

impl Dialect {
    async fn admit(self, request: &Request) -> Result<Caller> {
        match self {
            Self::Ocx => ocx::admit(request).await,
            Self::Aura => aura::admit(request).await,
        }
    }
}

/// Adds the routes of the OCX dialect.
pub(crate) fn with_ocx_routes(routes: Route) -> Route {
    OCX.iter().fold(routes, |routes, (method, path)| {
        routes.at(*path, stand_in(method, Dialect::Ocx))
    })
}

/// Adds the routes of the Aura dialect.
pub(crate) fn with_aura_routes(routes: Route) -> Route {
    AURA.iter().fold(routes, |routes, (method, path)| {
        routes.at(*path, stand_in(method, Dialect::Aura))
    })
}

/// Adds what the routes take.
pub(crate) fn with_methods(allowed: AllowedMethods) -> AllowedMethods {
    OCX.iter()
        .chain(&AURA)
        .fold(allowed, |allowed, (method, path)| allowed.and(method, path))
}

fn stand_in(method: &str, dialect: Dialect) -> RouteMethod {
    let read = make(move |request: Request| async move {
        let caller = dialect.admit(&request).await?;
        Ok::<_, poem::Error>(answer(&caller, None))
    });
    let write = make(move |mut request: Request| async move {
        let caller = dialect.admit(&request).await?;
        let object = strict_json::read_object(&mut request).await?;
        Ok::<_, poem::Error>(answer(&caller, Some(object)))
    });
    match method {
        "GET" => RouteMethod::new().get(read),
        _ => RouteMethod::new().post(write),
    }
}

/// Who the caller is, and how much of what was sent arrived. Values are not echoed: they may be secrets.
fn answer(caller: &Caller, received: Option<Map<String, Value>>) -> Response {
    let caller = match caller.principal() {
        None => json!({ "credential": "anonymous" }),
        Some(principal) => {
            let (credential, key_id, scopes) = match &principal.credential {
                Credential::Session(_) => ("session", None, None),
                Credential::ApiKey { id, scopes, .. } => {
                    ("api-key", Some(id.as_str()), Some(scopes.to_string()))
                }
            };
            json!({
                "credential": credential,
                "userId": principal.account.to_string(),
                "wallet": principal.wallet.to_string(),
                "keyId": key_id,
                "scopes": scopes,
            })
        }
    };
    let fields = received.map(|object| object.keys().cloned().collect::<Vec<_>>());
    let body = json!({ "caller": caller, "receivedFields": fields });
    Response::builder()
        .header(CACHE_CONTROL, "no-store")
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(body.to_string())
}
