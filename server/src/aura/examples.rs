//! The operations of the dialect by example, for its documents.

use countersign_core::{Error, rate_limit::Standing, store::StoreError};
use serde_json::{Value, json};
use time::Duration;

use super::error::ApiError;
use crate::{
    http::{
        body_limit,
        fault::Fault,
        text::{Caip2, Form, Hex},
    },
    openapi::{Examples, Failure},
};

// A key that was really minted, with a wallet that is thrown away.
const WALLET: &str = "1GLhccrtTUN3dPnWZhTYdgrMcg2pjAErxHVMVdhLiyCpt";
const PUBLIC_KEY: &str = "03ae98f1babad454aa0b834f9827ce29dba9b2f1456e4be255bd61a93babb13573";
const SIGNATURE: &str = "1d0fc3a84929d9e781b75f50f7e10691c71645e648e49589db3c0ad09f12db3b\
    02a610ab0b8b11170201b9358e7f1513e64e51b1dcd8883ec7597993907c3af7";
const CHALLENGE: &str = "http://127.0.0.1:8080 wants you to sign in with your Alephium account:\n\
    1GLhccrtTUN3dPnWZhTYdgrMcg2pjAErxHVMVdhLiyCpt\n\n\
    Create an API key that acts for this wallet at 127.0.0.1:8080.\n\n\
    URI: http://127.0.0.1:8080\nVersion: 1\nChain ID: mainnet\nNonce: 0VbqRL0JmGH8nPS8JGiQhGvnw0aysJ\n\
    Issued At: 2026-11-24T00:11:42.959Z\nExpiration Time: 2026-11-24T00:16:42.959Z";
/// Its checksum is right, and nobody holds it.
const SECRET: &str = "aura_live_ExampleKeyThatNobodyHolds02PGN5P";

/// An operation by example.
///
/// # Panics
/// When it is not listed.
pub(crate) fn of(operation_id: &str) -> Examples {
    match operation_id {
        "issueChallenge" => Examples {
            request: Some(json!({ "address": WALLET })),
            success: Some(
                json!({ "challenge": CHALLENGE, "expiresAt": "2026-11-24T00:16:42.959Z" }),
            ),
            failures: told([anywhere(), body("/chain", Caip2::EXPECTED)]),
        },
        "mintKey" => Examples {
            request: Some(json!({
                "address": WALLET,
                "publicKey": PUBLIC_KEY,
                "signature": SIGNATURE,
                "name": "indexer",
                "scopes": ["read", "write:tx"],
            })),
            success: Some(minted()),
            failures: told([anywhere(), body("/signature", Hex::EXPECTED), proof()]),
        },
        "listKeys" => Examples {
            request: None,
            success: Some(json!({ "keys": [key()] })),
            failures: told([anywhere(), credential()]),
        },
        "revokeKey" => Examples {
            failures: told([
                anywhere(),
                credential(),
                vec![ApiError::api_key_not_found(), Fault::NotFound.into()],
            ]),
            ..Examples::default()
        },
        _ => panic!("{operation_id} has no examples"),
    }
}

fn key() -> Value {
    json!({
        "id": "84da778f-ccbf-488f-9874-2ac65173e205",
        "keyPrefix": SECRET[..14],
        "ownerAddress": WALLET,
        "scopes": ["read", "write:tx"],
        "rateLimitPerMin": null,
        "createdAt": "2026-11-24T00:11:42.997Z",
        "lastUsedAt": "2026-11-24T08:30:05.000Z",
        "revokedAt": null,
        "name": "indexer",
    })
}

fn minted() -> Value {
    let mut minted = key();
    minted["lastUsedAt"] = Value::Null;
    minted["key"] = json!(SECRET);
    minted
}

type Failures = Vec<ApiError>;

/// Whatever is asked for: every call is counted, and every call asks the store.
fn anywhere() -> Failures {
    let standing = Standing {
        max: 60,
        remaining: 0,
        resets_in: Duration::milliseconds(12_400),
    };
    vec![
        Fault::MisdirectedRequest.into(),
        Error::RateLimited(standing).into(),
        Fault::Internal.into(),
        Error::Store(StoreError::Unavailable).into(),
    ]
}

/// Where there is a body.
fn body(field: &str, expected: &str) -> Failures {
    vec![
        Fault::invalid_request(field, expected).into(),
        Fault::UnsupportedMediaType.into(),
    ]
}

/// Where a signature is judged.
fn proof() -> Failures {
    let refused = [
        Error::InvalidProof,
        Error::ChallengeNotLive,
        Error::Store(StoreError::TooManyApiKeys),
    ];
    refused.map(ApiError::from).into()
}

/// Where a key must be good. Only an operator gives one an allowlist.
fn credential() -> Failures {
    vec![
        Error::MissingCredential.into(),
        Error::AddressNotAllowed.into(),
    ]
}

fn told<const N: usize>(groups: [Failures; N]) -> Vec<Failure> {
    let of_any_request = body_limit::faults().map(ApiError::from);
    let failures = groups.into_iter().flatten().chain(of_any_request);
    failures.map(|error| error.example()).collect()
}
