//! What a proxy is answered.

use countersign_core::service::Caller;
use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};

use super::{Family, Refusal};

static ACCOUNT: HeaderName = HeaderName::from_static("x-auth-account");
static WALLET: HeaderName = HeaderName::from_static("x-auth-wallet");
static CREDENTIAL: HeaderName = HeaderName::from_static("x-auth-credential");
static KEY_ID: HeaderName = HeaderName::from_static("x-auth-key-id");
static SCOPES: HeaderName = HeaderName::from_static("x-auth-scopes");
/// What nginx cannot be told by a status.
static STATUS: HeaderName = HeaderName::from_static("x-auth-status");
static CODE: HeaderName = HeaderName::from_static("x-auth-code");

/// Headers of whoever passes, with the limits of Aura.
const MOST: usize = 9;

/// 200, with who passes. Every header is there, empty where it says nothing, so that a proxy that copies them
/// leaves none of the client's own in place.
pub(super) fn pass(caller: &Caller) -> Response {
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.reserve(MOST);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let Some(credential) = caller.credential() else {
        identify(headers, ["", "", "anonymous", "", ""]);
        return response;
    };
    let (account, wallet) = (credential.account().to_string(), credential.wallet());
    let (kind, key) = match credential.api_key() {
        None => ("session", ""),
        Some(id) => ("api-key", id),
    };
    let scopes = credential.scopes().as_str();
    identify(headers, [&account, wallet, kind, key, scopes]);
    response
}

fn identify(headers: &mut HeaderMap, values: [&str; 5]) {
    let names = [&ACCOUNT, &WALLET, &CREDENTIAL, &KEY_ID, &SCOPES];
    for (name, value) in names.into_iter().zip(values) {
        let value = HeaderValue::from_str(value);
        headers.insert(
            name,
            value.expect("identifiers and scopes are printable ASCII"),
        );
    }
}

/// The headers of a request that passes, for the document.
pub(super) const IDENTITY: [(&str, &str); 5] = [
    ("X-Auth-Account", "The account's id."),
    (
        "X-Auth-Wallet",
        "The account's wallet (CAIP-10), such as `eip155:1:0x…`.",
    ),
    ("X-Auth-Credential", "What the caller presented."),
    ("X-Auth-Key-Id", "The id of the API key."),
    (
        "X-Auth-Scopes",
        "All that the caller may do, with a space between.",
    ),
];

/// nginx knows 401 and 403, and takes every other refusal for a failure of its own. The status that was meant is in
/// a header; 5xx stays what it is, and nobody passes.
pub(super) fn for_nginx(refusal: Refusal) -> Response {
    let Refusal { code, mut response } = refusal;
    let meant = response.status();
    response.set_status(known_to_nginx(meant));
    let headers = response.headers_mut();
    headers.insert(&STATUS, HeaderValue::from(meant.as_u16()));
    let code = HeaderValue::try_from(code).expect("codes are ASCII");
    headers.insert(&CODE, code);
    response
}

/// What nginx is told in place of a status.
pub(super) fn known_to_nginx(meant: StatusCode) -> StatusCode {
    match meant.is_client_error() && meant != StatusCode::UNAUTHORIZED {
        true => StatusCode::FORBIDDEN,
        false => meant,
    }
}

impl Refusal {
    /// The same, for a browser that is to go and sign in. nginx sends it there itself.
    pub(super) fn redirected(mut self, family: Family, location: &str) -> Self {
        let Ok(location) = HeaderValue::try_from(location) else {
            return self;
        };
        if family != Family::AuthRequest {
            let headers = std::mem::take(self.response.headers_mut());
            self.response = Response::builder().status(StatusCode::FOUND).finish();
            *self.response.headers_mut() = headers;
            self.response.headers_mut().remove(header::CONTENT_TYPE);
        }
        self.response
            .headers_mut()
            .insert(header::LOCATION, location);
        self
    }
}
