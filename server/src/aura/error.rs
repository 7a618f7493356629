//! Errors as `{error: {code, message, details?}}`: every fact of core and of the framework, with its status and code.

use countersign_core::{Error, rate_limit::Standing, scope::Scope, store::StoreError};
use poem::{IntoResponse, Response};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json, types::ToJSON};

use crate::{
    http::{
        fault::{Fault, NO_DATABASE},
        refusal, request_id,
    },
    openapi::Failure,
};

/// An error.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ApiError")]
pub(crate) struct Envelope {
    /// What went wrong.
    error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Clone, Object)]
struct ErrorBody {
    /// What clients match on.
    code: Code,
    /// One sentence for people.
    message: String,
    /// What helps to put it right.
    #[oai(skip_serializing_if_is_none)]
    details: Option<Details>,
}

/// What helps to put an error right.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "ErrorDetails", rename_all = "camelCase")]
struct Details {
    /// JSON pointer of the field; empty for the whole body.
    #[oai(skip_serializing_if_is_none)]
    field: Option<String>,
    /// What would have been accepted, in words.
    #[oai(skip_serializing_if_is_none)]
    expected: Option<String>,
    /// Requests in a window.
    #[oai(skip_serializing_if_is_none)]
    max: Option<u32>,
    /// Milliseconds until the window ends.
    #[oai(skip_serializing_if_is_none)]
    ttl: Option<u64>,
    /// Finds the reason in the server's log.
    #[oai(skip_serializing_if_is_none)]
    request_id: Option<String>,
}

/// What clients match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ErrorCode", rename_all = "snake_case")]
enum Code {
    BadRequest,
    Unauthorized,
    InvalidSignature,
    ChallengeExpired,
    Forbidden,
    IpNotAllowed,
    InsufficientScope,
    CsrfRejected,
    NoRule,
    UntrustedProxy,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    KeyLimit,
    PayloadTooLarge,
    UnsupportedMediaType,
    MisdirectedRequest,
    RateLimited,
    InternalError,
    Unavailable,
}

/// Every failure of the dialect, by status.
#[derive(Debug, ApiResponse)]
pub(crate) enum ApiError {
    /// The request is not acceptable.
    #[oai(status = 400)]
    BadRequest(Json<Envelope>),
    /// The proof or API key is not good.
    #[oai(status = 401)]
    Unauthorized(
        Json<Envelope>,
        /// How to authenticate.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// The caller may not.
    #[oai(status = 403)]
    Forbidden(Json<Envelope>),
    /// There is nothing at this path, or it is not yours.
    #[oai(status = 404)]
    NotFound(Json<Envelope>),
    /// The path does not take this method.
    #[oai(status = 405)]
    MethodNotAllowed(Json<Envelope>),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    RequestTimeout(Json<Envelope>),
    /// What is there does not allow it.
    #[oai(status = 409)]
    Conflict(Json<Envelope>),
    /// The body is too large.
    #[oai(status = 413)]
    PayloadTooLarge(Json<Envelope>),
    /// The body is not JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Json<Envelope>),
    /// The request is meant for another server.
    #[oai(status = 421)]
    MisdirectedRequest(Json<Envelope>),
    /// Requests come too often.
    #[oai(status = 429)]
    TooManyRequests(
        Json<Envelope>,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u32,
    ),
    /// The server failed.
    #[oai(status = 500)]
    Internal(Json<Envelope>),
    /// The server or the chain cannot answer at the moment.
    #[oai(status = 503)]
    Unavailable(
        Json<Envelope>,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

impl ApiError {
    /// The wallet has no key of this id.
    pub(super) fn api_key_not_found() -> Self {
        Self::NotFound(envelope(
            Code::NotFound,
            "This wallet has no API key of this id.",
            None,
        ))
    }
}

fn envelope(code: Code, message: &str, details: Option<Details>) -> Json<Envelope> {
    refusal::note(&code);
    let message = message.to_owned();
    Json(Envelope {
        error: ErrorBody {
            code,
            message,
            details,
        },
    })
}

fn bad_request(message: &str, field: Option<&str>, expected: &str) -> ApiError {
    let details = Details {
        field: field.map(str::to_owned),
        expected: Some(expected.to_owned()),
        ..Details::default()
    };
    ApiError::BadRequest(envelope(Code::BadRequest, message, Some(details)))
}

fn unauthorized(code: Code, message: &str) -> ApiError {
    ApiError::Unauthorized(envelope(code, message, None), "Bearer".into())
}

fn forbidden(code: Code, message: &str) -> ApiError {
    ApiError::Forbidden(envelope(code, message, None))
}

fn unavailable(message: &str) -> ApiError {
    ApiError::Unavailable(envelope(Code::Unavailable, message, None), 1)
}

fn too_many(standing: &Standing) -> ApiError {
    let seconds = standing.reset_seconds();
    let message = format!(
        "Only {} of these requests are answered in a minute; try again in {seconds} s.",
        standing.max
    );
    let details = Details {
        max: Some(standing.max),
        ttl: Some(standing.reset_milliseconds()),
        ..Details::default()
    };
    ApiError::TooManyRequests(
        envelope(Code::RateLimited, &message, Some(details)),
        seconds,
    )
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownChain | Error::ChainNotAllowed => bad_request(
                "This chain is not accepted here.",
                Some("/chain"),
                "a CAIP-2 chain id that is accepted here, such as alephium:mainnet",
            ),
            Error::InvalidAddress { expected } => bad_request(
                "The address is not one of its chain.",
                Some("/address"),
                &expected,
            ),
            Error::UnknownKeyType { accepted } => bad_request(
                "The key type is not one of the chain's.",
                Some("/keyType"),
                &format!("one of {}", accepted.join(", ")),
            ),
            Error::PublicKeyRequired => bad_request(
                "This chain needs the public key.",
                Some("/publicKey"),
                "the signer's public key in hex",
            ),
            // The message is ours: if it is not accepted any more, the challenge is over.
            Error::ChallengeNotLive | Error::InvalidMessage(_) | Error::Refused(_) => unauthorized(
                Code::ChallengeExpired,
                "There is no challenge that waits for this answer: it was used or has expired; ask for a new one.",
            ),
            Error::InvalidProof => unauthorized(
                Code::InvalidSignature,
                "The signature was not made by this wallet over its challenge.",
            ),
            Error::MissingCredential
            | Error::InvalidCredential
            | Error::ExpiredCredential
            | Error::RevokedCredential
            | Error::AddressNotAllowed
            | Error::CrossSite
            | Error::InsufficientScope { .. }
            | Error::SessionRequired
            | Error::NoRule => denied(&error),
            Error::RateLimited(standing) | Error::OrderRateLimited(standing) => too_many(&standing),
            Error::ChainUnavailable => unavailable(
                "The chain cannot be asked at the moment; try again with the same signature.",
            ),
            Error::Store(StoreError::Unavailable) => unavailable(NO_DATABASE),
            Error::Store(StoreError::TooManyChallenges) => unavailable(
                "Too many challenges are waiting for a signature at the moment; try again.",
            ),
            Error::Store(StoreError::TooManyApiKeys) => {
                let message =
                    "The account has 100 live API keys, which is the most; revoke one first.";
                Self::Conflict(envelope(Code::KeyLimit, message, None))
            }
        }
    }
}

/// Why access was denied.
fn denied(error: &Error) -> ApiError {
    match error {
        Error::NoRule => Fault::NotFound.into(),
        Error::CrossSite => Fault::CrossSite.into(),
        Error::SessionRequired => forbidden(Code::Forbidden, "API keys may not do this."),
        Error::InsufficientScope { needed } => insufficient_scope(*needed),
        Error::AddressNotAllowed => forbidden(
            Code::IpNotAllowed,
            "The API key may not be used from this address.",
        ),
        Error::MissingCredential => unauthorized(
            Code::Unauthorized,
            "This needs an API key: send Authorization: Bearer aura_live_….",
        ),
        _ => unauthorized(
            Code::Unauthorized,
            "The API key is not one this server issued, or it was revoked or has expired.",
        ),
    }
}

fn insufficient_scope(needed: Option<Scope>) -> ApiError {
    let message = match needed {
        Some(scope) => format!("The API key lacks the scope {scope}."),
        None => "The credential may not do this.".to_owned(),
    };
    forbidden(Code::InsufficientScope, &message)
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let sentence = fault.sentence();
        let plain = |code, message| envelope(code, message, None);
        match fault {
            Fault::InvalidRequest { pointer, expected } => {
                bad_request(&sentence, Some(&pointer), &expected)
            }
            Fault::NotFound => Self::NotFound(plain(Code::NotFound, &sentence)),
            Fault::MethodNotAllowed => {
                Self::MethodNotAllowed(plain(Code::MethodNotAllowed, &sentence))
            }
            Fault::RequestTimeout => Self::RequestTimeout(plain(Code::RequestTimeout, &sentence)),
            Fault::PayloadTooLarge => {
                Self::PayloadTooLarge(plain(Code::PayloadTooLarge, &sentence))
            }
            Fault::UnsupportedMediaType => {
                Self::UnsupportedMediaType(plain(Code::UnsupportedMediaType, &sentence))
            }
            Fault::MisdirectedRequest => {
                Self::MisdirectedRequest(plain(Code::MisdirectedRequest, &sentence))
            }
            Fault::CrossSite => forbidden(Code::CsrfRejected, &sentence),
            Fault::Unjudgeable { expected, .. } => bad_request(&sentence, None, expected),
            Fault::UntrustedProxy => forbidden(Code::UntrustedProxy, &sentence),
            Fault::NoRule => forbidden(Code::NoRule, &sentence),
            Fault::NotReady => unavailable(NO_DATABASE),
            Fault::Internal => {
                let details = Details {
                    request_id: request_id::current(),
                    ..Details::default()
                };
                let message = "The server failed; the request id finds the reason in its log.";
                Self::Internal(envelope(Code::InternalError, message, Some(details)))
            }
        }
    }
}

impl ApiError {
    /// The failure as it is answered.
    pub(crate) fn example(&self) -> Failure {
        let (status, Json(body)) = match self {
            Self::BadRequest(body) => (400, body),
            Self::Unauthorized(body, _) => (401, body),
            Self::Forbidden(body) => (403, body),
            Self::NotFound(body) => (404, body),
            Self::MethodNotAllowed(body) => (405, body),
            Self::RequestTimeout(body) => (408, body),
            Self::Conflict(body) => (409, body),
            Self::PayloadTooLarge(body) => (413, body),
            Self::UnsupportedMediaType(body) => (415, body),
            Self::MisdirectedRequest(body) => (421, body),
            Self::TooManyRequests(body, _) => (429, body),
            Self::Internal(body) => (500, body),
            Self::Unavailable(body, _) => (503, body),
        };
        let body = body.to_json().unwrap_or_default();
        Failure {
            status,
            code: body["error"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            body,
        }
    }
}

/// Puts a framework error into the envelope; what already is an answer of the dialect passes.
pub(crate) fn render_error(error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    ApiError::from(Fault::of(&error)).into_response()
}

#[cfg(test)]
mod tests;
