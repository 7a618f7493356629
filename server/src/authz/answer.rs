//! What a proxy is told of whoever passes.

use std::sync::LazyLock;

use bytes::Bytes;
use countersign_core::service::{Caller, LiveCredential};
use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

static ACCOUNT: HeaderName = HeaderName::from_static("x-auth-account");
static WALLET: HeaderName = HeaderName::from_static("x-auth-wallet");
static CREDENTIAL: HeaderName = HeaderName::from_static("x-auth-credential");
static KEY_ID: HeaderName = HeaderName::from_static("x-auth-key-id");
static SCOPES: HeaderName = HeaderName::from_static("x-auth-scopes");

/// Characters of an account's id, which is a ULID.
const ACCOUNT_LENGTH: usize = 26;

/// The headers of whoever passes, for anybody. A copy of them costs a third of a new map, which hashes each name.
static ANYBODY: LazyLock<HeaderMap> = LazyLock::new(|| {
    let empty = HeaderValue::from_static("");
    HeaderMap::from_iter([
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (ACCOUNT.clone(), empty.clone()),
        (WALLET.clone(), empty.clone()),
        (CREDENTIAL.clone(), HeaderValue::from_static("anonymous")),
        (KEY_ID.clone(), empty.clone()),
        (SCOPES.clone(), empty),
    ])
});

/// 200, with who passes. Every header is there, empty where it says nothing, so that a proxy that copies them
/// leaves none of the client's own in place.
pub(super) fn pass(caller: &Caller) -> Response {
    let mut headers = ANYBODY.clone();
    if let Some(credential) = caller.credential() {
        let [account, wallet, key] = named(credential);
        let kind = match credential.api_key() {
            None => "session",
            Some(_) => "api-key",
        };
        let mut identity = [
            (&ACCOUNT, account),
            (&WALLET, wallet),
            (&CREDENTIAL, HeaderValue::from_static(kind)),
            (&KEY_ID, key),
            (
                &SCOPES,
                HeaderValue::from_static(credential.scopes().as_str()),
            ),
        ];
        for (name, value) in headers.iter_mut() {
            if let Some((_, said)) = identity.iter_mut().find(|(said, _)| *said == name) {
                std::mem::swap(value, said);
            }
        }
    }
    let mut response = Response::default();
    *response.headers_mut() = headers;
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
    credential.account().append_to(&mut text);
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
