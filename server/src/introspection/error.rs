//! Errors as `{error, error_description}` (RFC 6749 §5.2): every fact of core and of the framework, with its status
//! and code.

use countersign_core::{Error, rate_limit::Standing};
use poem::{IntoResponse, Response};
use poem_openapi::{ApiResponse, Enum, Object, payload::Json, types::ToJSON};

use crate::{
    http::{
        fault::{Fault, NO_DATABASE},
        refusal,
    },
    openapi::Failure,
};

/// An error of introspection.
#[derive(Debug, Object)]
#[oai(rename = "OauthError")]
pub(super) struct ErrorBody {
    /// What clients match on.
    error: Code,
    /// One sentence for people.
    error_description: String,
}

/// What clients of introspection match on.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "OauthErrorCode", rename_all = "snake_case")]
enum Code {
    InvalidRequest,
    InvalidClient,
    RateLimited,
    ServerError,
    TemporarilyUnavailable,
}

/// Every failure, by status.
#[derive(Debug, ApiResponse)]
pub(super) enum OauthError {
    /// The request is not acceptable.
    #[oai(status = 400)]
    BadRequest(Json<ErrorBody>),
    /// The service is not one that may ask.
    #[oai(status = 401)]
    Unauthorized(
        Json<ErrorBody>,
        /// How to authenticate.
        #[oai(header = "WWW-Authenticate")]
        String,
    ),
    /// The path does not take this method.
    #[oai(status = 405)]
    MethodNotAllowed(Json<ErrorBody>),
    /// The body did not arrive in time.
    #[oai(status = 408)]
    RequestTimeout(Json<ErrorBody>),
    /// The request is meant for another server.
    #[oai(status = 421)]
    MisdirectedRequest(Json<ErrorBody>),
    /// Too many tokens of this caller were not found; this one was not looked for, and may be good.
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
    /// The server cannot find out at the moment what the token is good for.
    #[oai(status = 503)]
    Unavailable(
        Json<ErrorBody>,
        /// Seconds to wait before trying again.
        #[oai(header = "Retry-After")]
        u32,
    ),
}

impl OauthError {
    /// A request that is not as RFC 7662 has it.
    pub(super) fn invalid_request(sentence: &str) -> Self {
        Self::BadRequest(body(Code::InvalidRequest, sentence))
    }

    /// A service that may not ask, with how it could have shown that it may.
    pub(super) fn invalid_client(sentence: &str, challenge: &str) -> Self {
        Self::Unauthorized(body(Code::InvalidClient, sentence), challenge.to_owned())
    }

    /// The failure as it is answered.
    pub(super) fn example(&self) -> Failure {
        let (status, Json(body)) = match self {
            Self::BadRequest(body) => (400, body),
            Self::Unauthorized(body, _) => (401, body),
            Self::MethodNotAllowed(body) => (405, body),
            Self::RequestTimeout(body) => (408, body),
            Self::MisdirectedRequest(body) => (421, body),
            Self::TooManyRequests(body, _) => (429, body),
            Self::Internal(body) => (500, body),
            Self::Unavailable(body, _) => (503, body),
        };
        let body = body.to_json().unwrap_or_default();
        Failure {
            status,
            code: body["error"].as_str().unwrap_or_default().to_owned(),
            body,
        }
    }
}

fn body(error: Code, sentence: &str) -> Json<ErrorBody> {
    refusal::note(&error);
    Json(ErrorBody {
        error,
        error_description: sentence.to_owned(),
    })
}

fn too_many(standing: &Standing) -> OauthError {
    let seconds = standing.reset_seconds();
    let sentence = format!(
        "Only {} lookups in a minute may find nothing for a caller, and its token is not in memory; try again in {seconds} s.",
        standing.max
    );
    OauthError::TooManyRequests(body(Code::RateLimited, &sentence), seconds)
}

impl From<Error> for OauthError {
    fn from(error: Error) -> Self {
        match error {
            Error::RateLimited(standing) | Error::OrderRateLimited(standing) => too_many(&standing),
            Error::Store(_) | Error::ChainUnavailable => {
                Self::Unavailable(body(Code::TemporarilyUnavailable, NO_DATABASE), 1)
            }
            // These say what a token is good for, which is an answer, or are about what is not done here.
            Error::MissingCredential
            | Error::InvalidCredential
            | Error::ExpiredCredential
            | Error::RevokedCredential
            | Error::AddressNotAllowed
            | Error::CrossSite
            | Error::InsufficientScope { .. }
            | Error::SessionRequired
            | Error::NoRule
            | Error::UnknownChain
            | Error::ChainNotAllowed
            | Error::InvalidAddress { .. }
            | Error::InvalidMessage(_)
            | Error::Refused(_)
            | Error::ChallengeNotLive
            | Error::UnknownKeyType { .. }
            | Error::PublicKeyRequired
            | Error::InvalidProof => Fault::Internal.into(),
        }
    }
}

impl From<Fault> for OauthError {
    fn from(fault: Fault) -> Self {
        let sentence = fault.sentence();
        let request = |sentence: &str| body(Code::InvalidRequest, sentence);
        match fault {
            // Those of proxies and pages are about what is not done here.
            Fault::InvalidRequest { .. }
            | Fault::PayloadTooLarge
            | Fault::CrossSite
            | Fault::UntrustedProxy
            | Fault::Unjudgeable { .. }
            | Fault::NoRule => Self::BadRequest(request(&sentence)),
            Fault::UnsupportedMediaType => Self::invalid_request(
                "Send the body as application/x-www-form-urlencoded, in UTF-8.",
            ),
            Fault::NotFound | Fault::MethodNotAllowed => {
                Self::MethodNotAllowed(request("This path takes POST."))
            }
            Fault::RequestTimeout => Self::RequestTimeout(request(&sentence)),
            Fault::MisdirectedRequest => Self::MisdirectedRequest(request(
                "The Host header names another server; on this machine's own addresses the server answers to its local names only.",
            )),
            Fault::NotReady => Self::Unavailable(body(Code::TemporarilyUnavailable, &sentence), 1),
            Fault::Internal => Self::Internal(body(Code::ServerError, &sentence)),
        }
    }
}

/// Puts a framework error into this form; what already is an answer passes.
pub(super) fn render_error(error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    OauthError::from(Fault::of(&error)).into_response()
}
