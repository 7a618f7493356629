//! The operations of the dialect by example, for its documents.

use countersign_core::{
    Error,
    expected::Refusal,
    message::{MessageError, MessageErrorKind},
    rate_limit::Standing,
    store::StoreError,
};
use serde_json::{Value, json};
use time::Duration;

use super::{error::ApiError, key_view::SHOWN_ONCE};
use crate::{
    http::{
        body_limit,
        fault::Fault,
        text::{Caip2, Form, Hex},
    },
    openapi::{Examples, Failure},
};

// A sign-in that was really made, with a key that is thrown away.
const WALLET: &str = "0xC07FD5Fde6b90191161814AB83ab69249a9e0789";
const ACCOUNT: &str = "01M85E9SDKEVAEGDMPT7T501DN";
const CHALLENGE: &str = "01M85E9SBPJJP0EVRZK7VQV91T";
const NONCE: &str = "0VbqRKyM2ZYWTUDF5vAyqWRnU6uBQK";
const EXPIRES_AT: &str = "2026-11-24T00:16:42.838Z";
const MESSAGE: &str = "http://127.0.0.1:8080 wants you to sign in with your Ethereum account:\n\
    0xC07FD5Fde6b90191161814AB83ab69249a9e0789\n\nSign in to 127.0.0.1:8080.\n\n\
    URI: http://127.0.0.1:8080\nVersion: 1\nChain ID: 1\nNonce: 0VbqRKyM2ZYWTUDF5vAyqWRnU6uBQK\n\
    Issued At: 2026-11-24T00:11:42.838Z\nExpiration Time: 2026-11-24T00:16:42.838Z";
const SIGNATURE: &str = "0x8b5b53814fcc1d7f0e1c479a7ca7dab082ff67d69f633ea90d6bb96abbd3f0eb\
    220c2890c352be61e8aaf06416f33332884199f40d37a870bfd1f7db6f07f9df1b";
const CREATED_AT: &str = "2026-11-24T00:11:42.927Z";
const KEY_ID: &str = "ocx_kid_4DWZ856YS5YMJHCH";
/// Its checksum is right, and nobody holds it.
const SECRET: &str = "ocx_sk_ExampleKeyThatNobodyHasEverHeld0124FF1de";

/// An operation by example.
///
/// # Panics
/// When it is not listed.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn of(operation_id: &str) -> Examples {
    match operation_id {
        "issueNonce" => Examples {
            request: Some(json!({ "walletAddress": WALLET })),
            success: Some(json!({ "nonce": NONCE, "expiresAt": EXPIRES_AT })),
            failures: told([
                anywhere(),
                body(
                    "/walletAddress",
                    "this field, a string of 1 to 128 characters",
                ),
                address("/walletAddress"),
                sign_in_call(),
            ]),
        },
        "signInWithEthereum" => Examples {
            request: Some(json!({ "message": MESSAGE, "signature": SIGNATURE })),
            success: Some(signed_in()),
            failures: told([
                anywhere(),
                body("/signature", Hex::EXPECTED),
                page(),
                proof(),
                sign_in_call(),
            ]),
        },
        "listChains" => Examples {
            request: None,
            success: Some(chains()),
            failures: told([anywhere(), credential(), key_address(), store()]),
        },
        "issueChallenge" => Examples {
            request: Some(json!({ "chain": "eip155:1", "address": WALLET })),
            success: Some(json!({
                "challengeId": CHALLENGE,
                "message": MESSAGE,
                "nonce": NONCE,
                "expiresAt": EXPIRES_AT,
            })),
            failures: told([
                anywhere(),
                body("/chain", Caip2::EXPECTED),
                address("/address"),
                chain(),
                sign_in_call(),
            ]),
        },
        "verifyChallenge" => Examples {
            request: Some(json!({ "challengeId": CHALLENGE, "signature": SIGNATURE })),
            success: Some(signed_in()),
            failures: told([
                anywhere(),
                body("/challengeId", "a string of 26 characters"),
                page(),
                proof(),
                sign_in_call(),
            ]),
        },
        "getMe" => Examples {
            request: None,
            success: Some(
                json!({ "userId": ACCOUNT, "walletAddress": WALLET, "chain": "eip155:1" }),
            ),
            failures: told([anywhere(), key_address(), limited(), store()]),
        },
        "logOut" => Examples {
            failures: told([anywhere(), page(), store()]),
            ..Examples::default()
        },
        "listApiKeys" => Examples {
            request: None,
            success: Some(json!({ "keys": [key()] })),
            failures: told([anywhere(), session(), limited(), store()]),
        },
        "createApiKey" => Examples {
            request: Some(json!({
                "name": "trading bot",
                "scope": "trade",
                "allowedIps": ["203.0.113.7", "2001:db8::/32"],
                "expiresInDays": 90,
            })),
            success: Some(created()),
            failures: told([
                anywhere(),
                session(),
                page(),
                body("/scope", "one of read, trade"),
                cap(),
                limited(),
                store(),
            ]),
        },
        "revokeApiKey" => Examples {
            failures: told([
                anywhere(),
                session(),
                page(),
                key_state(),
                limited(),
                store(),
            ]),
            ..Examples::default()
        },
        _ => panic!("{operation_id} has no examples"),
    }
}

fn signed_in() -> Value {
    json!({ "userId": ACCOUNT, "walletAddress": WALLET })
}

fn chains() -> Value {
    json!({ "chains": [{
        "namespace": "eip155",
        "name": "Ethereum",
        "chainIds": ["eip155:1", "eip155:10", "eip155:137", "eip155:8453", "eip155:42161", "eip155:84532"],
        "keyTypes": ["secp256k1"],
        "needsPublicKey": false,
        "source": "builtin",
        "available": true,
    }] })
}

fn key() -> Value {
    json!({
        "id": KEY_ID,
        "name": "trading bot",
        "scope": "trade",
        "allowedIps": ["203.0.113.7", "2001:db8::/32"],
        "expiresAt": "2027-02-22T00:11:42.927Z",
        "createdAt": CREATED_AT,
        "revokedAt": null,
        "lastUsedAt": "2026-11-24T08:30:05.000Z",
        "lastUsedIp": "203.0.113.7",
        "status": "active",
    })
}

fn created() -> Value {
    let mut created = key();
    created["lastUsedAt"] = Value::Null;
    created["lastUsedIp"] = Value::Null;
    created["secret"] = json!(SECRET);
    created["message"] = json!(SHOWN_ONCE);
    created
}

type Failures = Vec<ApiError>;

/// Whatever is asked for.
fn anywhere() -> Failures {
    vec![Fault::MisdirectedRequest.into(), Fault::Internal.into()]
}

/// Where there is a body.
fn body(field: &str, expected: &str) -> Failures {
    vec![
        Fault::invalid_request(field, expected).into(),
        Fault::UnsupportedMediaType.into(),
    ]
}

fn address(field: &str) -> Failures {
    let expected = "0x and 40 hex digits, all lower case or with the checksum of EIP-55";
    let expected = expected.into();
    vec![ApiError::from(Error::InvalidAddress { expected }).at(field)]
}

fn chain() -> Failures {
    let unknown = ApiError::from(Error::ChainNotAllowed).at("/chain");
    vec![unknown, Error::ChainUnavailable.into()]
}

/// Where a message and its signature are judged.
fn proof() -> Failures {
    let malformed = MessageError {
        line: 6,
        kind: MessageErrorKind::Malformed,
        expected: "`URI: ` and an absolute RFC 3986 URI".into(),
    };
    let mut failures = vec![malformed.into()];
    failures.extend([
        Error::ChallengeNotLive,
        Refusal::DomainMismatch.into(),
        Refusal::UriNotAllowed.into(),
        Refusal::ChainNotAllowed.into(),
        Refusal::Expired.into(),
        Refusal::NotYetValid.into(),
        Error::InvalidProof,
        Error::ChainUnavailable,
    ]);
    failures.into_iter().map(ApiError::from).collect()
}

/// Where a cookie is set or counts.
fn page() -> Failures {
    vec![Fault::CrossSite.into()]
}

/// Where an account must be known, or a credential, if there is one, must be good.
fn credential() -> Failures {
    let dead = [
        Error::InvalidCredential,
        Error::ExpiredCredential,
        Error::RevokedCredential,
    ];
    dead.map(ApiError::from)
        .into_iter()
        .chain(limited())
        .collect()
}

fn key_address() -> Failures {
    vec![Error::AddressNotAllowed.into()]
}

/// Where only sessions are good enough.
fn session() -> Failures {
    let refused = [Error::MissingCredential, Error::SessionRequired];
    let refused = refused.map(ApiError::from).into_iter();
    refused.chain(credential()).chain(key_address()).collect()
}

fn sign_in_call() -> Failures {
    limited().into_iter().chain(store()).collect()
}

fn limited() -> Failures {
    let standing = Standing {
        max: 30,
        remaining: 0,
        resets_in: Duration::milliseconds(12_400),
    };
    vec![Error::RateLimited(standing).into()]
}

fn store() -> Failures {
    vec![Error::Store(StoreError::Unavailable).into()]
}

fn cap() -> Failures {
    vec![Error::Store(StoreError::TooManyApiKeys).into()]
}

fn key_state() -> Failures {
    vec![
        ApiError::api_key_not_found(),
        Fault::NotFound.into(),
        ApiError::api_key_revoked(),
    ]
}

fn told<const N: usize>(groups: [Failures; N]) -> Vec<Failure> {
    let of_any_request = body_limit::faults().map(ApiError::from);
    let failures = groups.into_iter().flatten().chain(of_any_request);
    failures.map(|error| error.example()).collect()
}
