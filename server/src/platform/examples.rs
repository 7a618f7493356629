//! The operations by example, for their document.

use serde_json::json;

use crate::{
    authz,
    http::{body_limit, fault::Fault},
    introspection,
    ocx::ApiError,
    openapi::Examples,
};

/// What an operation answers.
///
/// # Panics
/// When it is not listed.
pub(crate) fn of(operation_id: &str) -> Examples {
    let (success, own) = match operation_id {
        "checkLiveness" => (json!({ "status": "alive" }), None),
        "checkReadiness" => (json!({ "status": "ready" }), Some(Fault::NotReady)),
        "listSigningKeys" => (key_set(), None),
        "readTokenMetadata" => (metadata(), None),
        "introspectToken" => return introspection::examples(),
        _ => match authz::examples_of(operation_id) {
            Some(examples) => return examples,
            None => panic!("{operation_id} has no examples"),
        },
    };
    let failures = [Fault::MisdirectedRequest, Fault::Internal];
    let failures = failures.into_iter().chain(own).chain(body_limit::faults());
    Examples {
        request: None,
        success: Some(success),
        failures: failures.map(|f| ApiError::from(f).example()).collect(),
    }
}

fn metadata() -> serde_json::Value {
    json!({
        "issuer": "countersign",
        "jwks_uri": "https://auth.example.com/.well-known/jwks.json",
        "session_token_signing_alg_values_supported": ["EdDSA"],
    })
}

/// The key of RFC 8037, appendix A.
fn key_set() -> serde_json::Value {
    json!({ "keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "alg": "EdDSA",
        "use": "sig",
    }] })
}
