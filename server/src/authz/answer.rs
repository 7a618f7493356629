//! What a proxy is told of whoever passes.

use std::sync::LazyLock;

use bytes::Bytes;
use countersign_core::service::{Caller, LiveCredential};
use poem::{
    Response,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};

/// The headers that say who passes: the name, how people write it, and what it says. Copies of a name that is static
/// are not counted.
pub(super) static IDENTITY: [(HeaderName, &str, &str); 5] = [
    (
        HeaderName::from_static("x-auth-account"),
        "X-Auth-Account",
        "The account's id.",
    ),
    (
        HeaderName::from_static("x-auth-wallet"),
        "X-Auth-Wallet",
        "The account's wallet (CAIP-10), such as `eip155:1:0x…`.",
    ),
    (
        HeaderName::from_static("x-auth-credential"),
        "X-Auth-Credential",
        "What the caller presented.",
    ),
    (
        HeaderName::from_static("x-auth-key-id"),
        "X-Auth-Key-Id",
        "The id of the API key.",
    ),
    (
        HeaderName::from_static("x-auth-scopes"),
        "X-Auth-Scopes",
        "All that the caller may do, with a space between.",
    ),
];

/// Characters of an account's id, which is a ULID.
const ACCOUNT_LENGTH: usize = 26;

/// The answer to a caller without a credential, of which all others are a changed copy.
struct Anybody {
    /// A copy costs a third of a new map, which hashes each name.
    headers: HeaderMap,
    /// For each of the headers, in their order, which of [`IDENTITY`] it has.
    places: Vec<Option<usize>>,
}

static ANYBODY: LazyLock<Anybody> = LazyLock::new(|| {
    let names = || IDENTITY.iter().map(|(name, ..)| name);
    let values = ["", "", "anonymous", "", ""].map(HeaderValue::from_static);
    let mut headers: HeaderMap = names().cloned().zip(values).collect();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let place = |name| names().position(|known| known == name);
    let places = headers.keys().map(place).collect();
    Anybody { headers, places }
});

/// 200, with who passes. Every header is there, empty where it says nothing, so that a proxy that copies them
/// leaves none of the client's own in place.
pub(super) fn pass(caller: &Caller) -> Response {
    let mut headers = ANYBODY.headers.clone();
    if let Some(credential) = caller.credential() {
        let mut identity = identity(credential);
        for (value, place) in headers.values_mut().zip(&ANYBODY.places) {
            if let Some(place) = *place {
                std::mem::swap(value, &mut identity[place]);
            }
        }
    }
    let mut response = Response::default();
    *response.headers_mut() = headers;
    response
}

/// The values of [`IDENTITY`], in its order.
fn identity(credential: &LiveCredential) -> [HeaderValue; 5] {
    let [account, wallet, key] = named(credential);
    let kind = match credential.api_key() {
        None => "session",
        Some(_) => "api-key",
    };
    let [kind, scopes] = [kind, credential.scopes().as_str()].map(HeaderValue::from_static);
    [account, wallet, kind, key, scopes]
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
