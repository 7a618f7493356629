//! What a proxy is answered.

use std::fmt::Write;

use bytes::Bytes;
use countersign_core::service::{Caller, LiveCredential};
use poem::{
    Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
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

/// Characters of an account's id, which is a ULID.
const ACCOUNT_LENGTH: usize = 26;
/// Headers of whoever passes, with the limits of Aura.
const MOST: usize = 9;

/// 200, with who passes. Every header is there, empty where it says nothing, so that a proxy that copies them
/// leaves none of the client's own in place.
pub(super) fn pass(caller: &Caller) -> Response {
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.reserve(MOST);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let empty = || HeaderValue::from_static("");
    let identity = match caller.credential() {
        None => [
            empty(),
            empty(),
            HeaderValue::from_static("anonymous"),
            empty(),
            empty(),
        ],
        Some(credential) => {
            let [account, wallet, key] = named(credential);
            let kind = match credential.api_key() {
                None => "session",
                Some(_) => "api-key",
            };
            let kind = HeaderValue::from_static(kind);
            let scopes = HeaderValue::from_static(credential.scopes().as_str());
            [account, wallet, kind, key, scopes]
        }
    };
    for (name, value) in [&ACCOUNT, &WALLET, &CREDENTIAL, &KEY_ID, &SCOPES]
        .into_iter()
        .zip(identity)
    {
        headers.insert(name, value);
    }
    response
}

/// The account, its wallet, and the id of the key, if it is one. All three are parts of one text, which is cheaper than
/// three texts.
fn named(credential: &LiveCredential) -> [HeaderValue; 3] {
    let (wallet, key) = (
        credential.wallet(),
        credential.api_key().unwrap_or_default(),
    );
    let mut text = String::with_capacity(ACCOUNT_LENGTH + wallet.len() + key.len());
    write!(text, "{}", credential.account()).expect("a String takes every text");
    let wallet_at = text.len();
    text.push_str(wallet);
    let key_at = text.len();
    text.push_str(key);
    let text = Bytes::from(text);
    [
        text.slice(..wallet_at),
        text.slice(wallet_at..key_at),
        text.slice(key_at..),
    ]
    .map(|part| HeaderValue::from_maybe_shared(part).expect("identifiers are printable ASCII"))
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
