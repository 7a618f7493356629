//! Errors as `{error, code, message, details?}`: every fact of core and of the framework, with its status and code.

use countersign_core::{
    Error, expected::Refusal, message::MessageError, rate_limit::Standing, scope::Scope,
    store::StoreError,
};
use poem::{IntoResponse, Response};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json, types::ToJSON};

use crate::{
    http::{
        fault::{Fault, NO_DATABASE},
        refusal,
    },
    openapi::Failure,
};

/// An error.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ApiError", rename_all = "camelCase")]
pub(crate) struct ErrorBody {
    /// The family of the code.
    error: Family,
    /// What clients match on.
    code: Code,
    /// One sentence for people.
    message: String,
    /// Where the fault is and what was expected there.
    #[oai(skip_serializing_if_is_none)]
    details: Option<Details>,
    /// Milliseconds to wait before trying again, after too many requests.
    #[oai(skip_serializing_if_is_none)]
    retry_after_ms: Option<u64>,
}

/// Where a fault is and what was expected there.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "ErrorDetails")]
pub(crate) struct Details {
    /// JSON pointer of the field; empty for the whole body.
    #[oai(skip_serializing_if_is_none)]
    field: Option<String>,
    /// The line of the message, from 1.
    #[oai(skip_serializing_if_is_none)]
    line: Option<u32>,
    /// What would have been accepted, in words.
    #[oai(skip_serializing_if_is_none)]
    expected: Option<String>,
}

/// The family of a code.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "ErrorFamily")]
enum Family {
    /// The request is not one the server can act on.
    #[oai(rename = "RequestError")]
    Request,
    /// Who asks is not shown, or may not.
    #[oai(rename = "AuthError")]
    Auth,
    /// Requests come too often.
    #[oai(rename = "RateLimitError")]
    RateLimit,
    /// The server could not answer.
    #[oai(rename = "ServerError")]
    Server,
}

/// What clients match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ErrorCode", rename_all = "SCREAMING_SNAKE_CASE")]
enum Code {
    InvalidRequest,
    InvalidAddress,
    InvalidSiweMessage,
    NonceMismatch,
    DomainMismatch,
    UriMismatch,
    ChainNotAllowed,
    MessageExpired,
    MessageNotYetValid,
    InvalidSignature,
    MissingCredential,
    InvalidCredential,
    ExpiredCredential,
    RevokedCredential,
    IpNotAllowed,
    CsrfRejected,
    InsufficientScope,
    SessionRequired,
    NoRule,
    UntrustedProxy,
    NotFound,
    ApiKeyNotFound,
    MethodNotAllowed,
    RequestTimeout,
    ApiKeyRevoked,
    KeyLimit,
    PayloadTooLarge,
    UnsupportedMediaType,
    MisdirectedRequest,
    RateLimited,
    OrderRateLimit,
    InternalError,
    ServiceUnavailable,
    ChainUnavailable,
}

/// Every failure of the dialect, by status.
#[derive(Debug, ApiResponse)]
pub(crate) enum ApiError {
    /// The request is not acceptable.
    #[oai(status = 400)]
    BadRequest(Json<ErrorBody>),
    /// The proof or credential is not good.
    #[oai(status = 401)]
    Unauthorized(
        Json<ErrorBody>,
        /// How to authenticate.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// The caller may not.
    #[oai(status = 403)]
    Forbidden(Json<ErrorBody>),
    /// There is nothing at this path, or it is not yours.
    #[oai(status = 404)]
    NotFound(Json<ErrorBody>),
    /// The path does not take this method.
    #[oai(status = 405)]
    MethodNotAllowed(Json<ErrorBody>),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    RequestTimeout(Json<ErrorBody>),
    /// What is there does not allow it.
    #[oai(status = 409)]
    Conflict(Json<ErrorBody>),
    /// The body is too large.
    #[oai(status = 413)]
    PayloadTooLarge(Json<ErrorBody>),
    /// The body is not JSON.
    #[oai(status = 415)]
    UnsupportedMediaType(Json<ErrorBody>),
    /// The request is meant for another server.
    #[oai(status = 421)]
    MisdirectedRequest(Json<ErrorBody>),
    /// Requests come too often.
    #[oai(status = 429)]
    TooManyRequests(
        Json<ErrorBody>,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u32,
    ),
    /// The server failed.
    #[oai(status = 500)]
    Internal(Json<ErrorBody>),
    /// The server or the chain cannot answer at the moment.
    #[oai(status = 503)]
    Unavailable(
        Json<ErrorBody>,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

impl ApiError {
    /// Names the field the error is about, where the error itself cannot know.
    pub(super) fn at(mut self, pointer: &str) -> Self {
        if let Self::BadRequest(Json(body)) = &mut self {
            let details = body.details.get_or_insert_default();
            details.field.get_or_insert_with(|| pointer.to_owned());
        }
        self
    }

    /// The account has no key of this id.
    pub(super) fn api_key_not_found() -> Self {
        let message = "This account has no API key of this id.";
        Self::NotFound(body(Family::Request, Code::ApiKeyNotFound, message, None))
    }

    /// The key was revoked before.
    pub(super) fn api_key_revoked() -> Self {
        let message = "The API key is revoked already.";
        Self::Conflict(body(Family::Request, Code::ApiKeyRevoked, message, None))
    }
}

fn body(error: Family, code: Code, message: &str, details: Option<Details>) -> Json<ErrorBody> {
    refusal::note(&code);
    Json(ErrorBody {
        error,
        code,
        message: message.to_owned(),
        details,
        retry_after_ms: None,
    })
}

fn bad_request(code: Code, message: &str, details: Option<Details>) -> ApiError {
    ApiError::BadRequest(body(Family::Request, code, message, details))
}

fn unauthorized(code: Code, message: &str) -> ApiError {
    ApiError::Unauthorized(body(Family::Auth, code, message, None), "Bearer".into())
}

fn forbidden(code: Code, message: &str) -> ApiError {
    ApiError::Forbidden(body(Family::Auth, code, message, None))
}

fn too_many(code: Code, standing: &Standing) -> ApiError {
    let seconds = standing.reset_seconds();
    let message = format!(
        "Only {} of these requests are answered in a minute; try again in {seconds} s.",
        standing.max
    );
    let Json(mut body) = body(Family::RateLimit, code, &message, None);
    body.retry_after_ms = Some(standing.reset_milliseconds());
    ApiError::TooManyRequests(Json(body), seconds)
}

fn unavailable(code: Code, message: &str) -> ApiError {
    ApiError::Unavailable(body(Family::Server, code, message, None), 1)
}

fn expected(text: &str) -> Option<Details> {
    Some(Details {
        expected: Some(text.to_owned()),
        ..Details::default()
    })
}

fn field(pointer: &str, text: &str) -> Option<Details> {
    Some(Details {
        field: Some(pointer.to_owned()),
        expected: Some(text.to_owned()),
        line: None,
    })
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidMessage(fault) => invalid_message(fault),
            Error::Refused(refusal) => refused(refusal),
            Error::InvalidAddress { expected: text } => bad_request(
                Code::InvalidAddress,
                "The address is not one of its chain.",
                expected(&text),
            ),
            Error::UnknownChain | Error::ChainNotAllowed => bad_request(
                Code::ChainNotAllowed,
                "This chain is not accepted here; GET /auth/chains lists those that are.",
                expected("one of the chain ids of GET /auth/chains"),
            ),
            Error::ChallengeNotLive => bad_request(
                Code::NonceMismatch,
                "The challenge is not one this server issued, or it was used or has expired; ask for a new one.",
                None,
            ),
            Error::UnknownKeyType { accepted } => {
                let text = format!("one of {}", accepted.join(", "));
                bad_request(
                    Code::InvalidRequest,
                    "The key type is not one of the chain's.",
                    field("/keyType", &text),
                )
            }
            Error::PublicKeyRequired => {
                let details = field(
                    "/publicKey",
                    "the signer's public key in hex, which this chain needs",
                );
                bad_request(
                    Code::InvalidRequest,
                    "This chain needs the public key.",
                    details,
                )
            }
            Error::InvalidProof => unauthorized(
                Code::InvalidSignature,
                "The signature was not made by this wallet over this message.",
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
            Error::RateLimited(standing) => too_many(Code::RateLimited, &standing),
            Error::OrderRateLimited(standing) => too_many(Code::OrderRateLimit, &standing),
            Error::ChainUnavailable => unavailable(
                Code::ChainUnavailable,
                "The chain cannot be asked at the moment; try again with the same signature.",
            ),
            Error::Store(error) => not_stored(error),
        }
    }
}

fn insufficient_scope(needed: Option<Scope>) -> ApiError {
    let message = match needed {
        Some(scope) => format!("The API key lacks the scope {scope}."),
        None => "The credential may not do this.".to_owned(),
    };
    forbidden(Code::InsufficientScope, &message)
}

fn not_stored(error: StoreError) -> ApiError {
    match error {
        StoreError::Unavailable => unavailable(Code::ServiceUnavailable, NO_DATABASE),
        StoreError::TooManyChallenges => unavailable(
            Code::ServiceUnavailable,
            "Too many sign-ins are waiting for a signature at the moment; try again.",
        ),
        StoreError::TooManyApiKeys => {
            let message = "The account has 100 live API keys, which is the most; revoke one first.";
            ApiError::Conflict(body(Family::Request, Code::KeyLimit, message, None))
        }
    }
}

/// Why access was denied.
fn denied(error: &Error) -> ApiError {
    match error {
        Error::NoRule => Fault::NotFound.into(),
        Error::CrossSite => Fault::CrossSite.into(),
        Error::SessionRequired => forbidden(
            Code::SessionRequired,
            "API keys may not do this; sign in and use the session.",
        ),
        Error::InsufficientScope { needed } => insufficient_scope(*needed),
        Error::AddressNotAllowed => forbidden(
            Code::IpNotAllowed,
            "The API key may not be used from this address.",
        ),
        Error::MissingCredential => unauthorized(
            Code::MissingCredential,
            "This needs a session or an API key: send the session cookie, Authorization: Bearer, or x-api-key.",
        ),
        Error::ExpiredCredential => unauthorized(
            Code::ExpiredCredential,
            "The credential has expired; sign in again or use another key.",
        ),
        Error::RevokedCredential => unauthorized(
            Code::RevokedCredential,
            "The credential was revoked; sign in again or use another key.",
        ),
        _ => unauthorized(
            Code::InvalidCredential,
            "The credential is not one this server issued.",
        ),
    }
}

fn invalid_message(fault: MessageError) -> ApiError {
    let details = Details {
        field: Some("/message".into()),
        line: u32::try_from(fault.line).ok(),
        expected: Some(fault.expected.to_string()),
    };
    let message = format!(
        "The message is not a valid sign-in message: line {} should be {}.",
        fault.line, fault.expected
    );
    bad_request(Code::InvalidSiweMessage, &message, Some(details))
}

fn refused(refusal: Refusal) -> ApiError {
    let (code, message) = match refusal {
        Refusal::SchemeMismatch => (
            Code::DomainMismatch,
            "The message was made for a site with another scheme.",
        ),
        Refusal::DomainMismatch => (
            Code::DomainMismatch,
            "The message was made for another domain.",
        ),
        Refusal::UriNotAllowed => (Code::UriMismatch, "The message was made for another URI."),
        Refusal::ChainNotAllowed => (
            Code::ChainNotAllowed,
            "The message names a chain that is not accepted here; GET /auth/chains lists those that are.",
        ),
        Refusal::Expired => (
            Code::MessageExpired,
            "The message's Expiration Time has passed.",
        ),
        Refusal::ExpirationRequired => (
            Code::InvalidSiweMessage,
            "The message must carry an Expiration Time.",
        ),
        Refusal::ValidityTooLong => (
            Code::InvalidSiweMessage,
            "The message's Expiration Time is too long after its Issued At.",
        ),
        Refusal::IssuedTooOld => (
            Code::MessageExpired,
            "The message's Issued At is too long ago.",
        ),
        Refusal::NotYetValid => (
            Code::MessageNotYetValid,
            "The message's Not Before has not come yet.",
        ),
        Refusal::IssuedInFuture => (
            Code::MessageNotYetValid,
            "The message's Issued At lies in the future; check the wallet's clock.",
        ),
        Refusal::NonceMismatch => (
            Code::NonceMismatch,
            "The nonce is not one this server issued for this wallet, or it was used or has expired; ask for a new one.",
        ),
    };
    bad_request(
        code,
        message,
        Some(Details {
            field: Some("/message".into()),
            ..Details::default()
        }),
    )
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        let sentence = fault.sentence();
        let request = |code, message| body(Family::Request, code, message, None);
        match fault {
            Fault::InvalidRequest { pointer, expected } => {
                bad_request(Code::InvalidRequest, &sentence, field(&pointer, &expected))
            }
            Fault::NotFound => Self::NotFound(request(Code::NotFound, &sentence)),
            Fault::MethodNotAllowed => {
                Self::MethodNotAllowed(request(Code::MethodNotAllowed, &sentence))
            }
            Fault::RequestTimeout => Self::RequestTimeout(request(Code::RequestTimeout, &sentence)),
            Fault::PayloadTooLarge => {
                Self::PayloadTooLarge(request(Code::PayloadTooLarge, &sentence))
            }
            Fault::UnsupportedMediaType => {
                Self::UnsupportedMediaType(request(Code::UnsupportedMediaType, &sentence))
            }
            Fault::MisdirectedRequest => {
                Self::MisdirectedRequest(request(Code::MisdirectedRequest, &sentence))
            }
            Fault::CrossSite => {
                Self::Forbidden(body(Family::Auth, Code::CsrfRejected, &sentence, None))
            }
            Fault::Unjudgeable { expected: text, .. } => {
                bad_request(Code::InvalidRequest, &sentence, expected(text))
            }
            Fault::UntrustedProxy => forbidden(Code::UntrustedProxy, &sentence),
            Fault::NoRule => forbidden(Code::NoRule, &sentence),
            Fault::NotReady => unavailable(Code::ServiceUnavailable, NO_DATABASE),
            Fault::Internal => {
                Self::Internal(body(Family::Server, Code::InternalError, &sentence, None))
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
            code: body["code"].as_str().unwrap_or_default().to_owned(),
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
