//! The operation by example, for the document.

use countersign_core::{Error, rate_limit::Standing, store::StoreError};
use serde_json::json;
use time::Duration;

use super::{error::OauthError, form, service};
use crate::{
    http::{body_limit, fault::Fault},
    openapi::Examples,
};

/// What the operation takes and answers.
pub(crate) fn examples() -> Examples {
    let standing = Standing {
        max: 60,
        remaining: 0,
        resets_in: Duration::seconds(40),
    };
    let errors = [Error::RateLimited(standing), StoreError::Unavailable.into()];
    let faults = [
        Fault::UnsupportedMediaType,
        Fault::MisdirectedRequest,
        Fault::Internal,
    ];
    let failures = faults.into_iter().chain(body_limit::faults());
    // What is likeliest comes first.
    let failures = [form::no_token()]
        .into_iter()
        .chain(failures.map(OauthError::from));
    let failures = failures.chain(errors.map(OauthError::from));
    let failures = failures.chain([service::no_credential()]);
    Examples {
        request: Some(json!({
            "token": "ocx_sk_ExampleKeyThatNobodyHasEverHeld0124FF1de",
            "ip": "203.0.113.7",
        })),
        success: Some(json!({
            "active": true,
            "scope": "read trade",
            "token_type": "Bearer",
            "credential": "api-key",
            "exp": 1_780_000_000,
            "iat": 1_772_000_000,
            "sub": "01KJMCXZ7R3T8V0W2Y4A6C8E0G",
            "aud": "ocx",
            "iss": "countersign",
            "wallet": "eip155:1:0xE8Ca3a5e790ccC004167F3846879fd794da912B7",
            "key_id": "ocx_kid_6C8E0G2J4M6P8R0T",
            "profile": "ocx",
        })),
        failures: failures.map(|error| error.example()).collect(),
    }
}
