//! What the framework refuses, before a handler runs, as facts. Each dialect has its own words for them.

use poem::{
    Error,
    error::{MethodNotAllowedError, NotFoundError, ParsePathError, ResponseError},
    http::StatusCode,
};

/// What paths must be where rules are compared with them (see `CanonicalPath`).
pub(crate) const CANONICAL: &str = "a path that has one reading: no empty segment and none made of dots, nothing encoded \
    that need not be, and neither an encoded slash nor any of `\\`, `;` and `#`";

/// A request that never reached its handler.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The body is not what the operation takes.
    #[error("{pointer}: expected {expected}")]
    InvalidRequest {
        /// JSON pointer of the field (RFC 6901); empty for the whole body.
        pointer: String,
        /// What would have been accepted, in words. Never what was sent.
        expected: String,
    },
    /// No such path.
    #[error("there is nothing at this path")]
    NotFound,
    /// The path exists, the method does not.
    #[error("this path does not take this method")]
    MethodNotAllowed,
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    RequestTimeout,
    /// The body is too large.
    #[error("the body is too large")]
    PayloadTooLarge,
    /// The body is not JSON by its content type.
    #[error("the content type is not application/json")]
    UnsupportedMediaType,
    /// The `Host` header names somebody else.
    #[error("the Host header names another server")]
    MisdirectedRequest,
    /// A browser sent the request for a page that may not.
    #[error("the request comes from a web page that is not listed")]
    CrossSite,
    /// Who asks about a request of somebody else is no proxy that is believed.
    #[error("the request does not come from a trusted proxy")]
    UntrustedProxy,
    /// What a proxy says of the request it asks about cannot be judged.
    #[error("{header}: expected {expected}")]
    Unjudgeable {
        /// The header of the proxy, or what takes its place.
        header: &'static str,
        /// What it would have to be, in words.
        expected: &'static str,
    },
    /// No rule admits what a proxy asks about.
    #[error("no rule admits the request")]
    NoRule,
    /// The server cannot serve at the moment.
    #[error("the server is not ready")]
    NotReady,
    /// Our fault.
    #[error("internal error")]
    Internal,
}

impl ResponseError for Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest { .. } => StatusCode::BAD_REQUEST,
            Self::Unjudgeable { .. } => StatusCode::BAD_REQUEST,
            Self::CrossSite | Self::UntrustedProxy | Self::NoRule => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
            Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Fault {
    /// A body that is not what the operation takes, at this JSON pointer.
    pub(crate) fn invalid_request(pointer: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::InvalidRequest {
            pointer: pointer.into(),
            expected: expected.into(),
        }
    }

    /// One sentence for people, the same in every dialect.
    pub(crate) fn sentence(&self) -> String {
        let text = match self {
            Self::InvalidRequest { pointer, expected } => {
                let place = if pointer.is_empty() {
                    "The request"
                } else {
                    pointer
                };
                return format!("{place} is not acceptable: expected {expected}.");
            }
            Self::Unjudgeable { header, expected } => {
                return format!("{header} cannot be judged: expected {expected}.");
            }
            Self::UntrustedProxy => {
                "Only proxies in server.trusted_proxies may ask about the requests of others."
            }
            Self::NoRule => "No rule admits this method on this path.",
            Self::NotFound => "There is nothing at this path.",
            Self::MethodNotAllowed => {
                "This path does not take this method; the Allow header lists those it takes."
            }
            Self::RequestTimeout => "The body did not arrive in time.",
            Self::PayloadTooLarge => "The body is larger than 64 KiB.",
            Self::UnsupportedMediaType => "Send the body as application/json, in UTF-8.",
            Self::MisdirectedRequest => {
                "The Host header names another server. Without server.public_url this server answers to its local names only."
            }
            Self::CrossSite => {
                "The request comes from a web page whose origin is not listed in browser.origins."
            }
            Self::NotReady => NO_DATABASE,
            Self::Internal => {
                "The server failed; the X-Request-Id header finds the reason in its log."
            }
        };
        text.to_owned()
    }

    /// Reads the framework's own errors. Their texts are not passed on: they echo the client's
    /// value and name our types.
    pub(crate) fn of(error: &Error) -> Self {
        if let Some(fault) = error.downcast_ref::<Self>() {
            return fault.clone();
        }
        // What cannot be read in a path names nothing that is here.
        if error.is::<NotFoundError>() || error.is::<ParsePathError>() {
            return Self::NotFound;
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::MethodNotAllowed;
        }
        if error.status().is_client_error() {
            return Self::invalid_request("", "a well-formed request");
        }
        tracing::error!(%error, "a request failed inside the framework");
        Self::Internal
    }
}

/// Why the server is not ready.
pub(crate) const NO_DATABASE: &str =
    "The server cannot reach its database at the moment; try again.";

/// One more step of a JSON pointer (RFC 6901).
pub(crate) fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}
