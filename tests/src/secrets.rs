//! What passes through a client and belongs to one caller: secrets, to be looked for where none
//! belongs, and names, which the log may hold and the metrics may not.

use std::{
    collections::{HashMap, HashSet},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::Answer;

/// What was noted for one server.
#[derive(Debug, Default)]
struct Noted {
    /// Every secret, signature and cookie.
    secrets: HashSet<String>,
    /// Every address, id and nonce.
    names: HashSet<String>,
}

/// By the URL of the server they belong to.
static NOTED: LazyLock<Mutex<HashMap<String, Noted>>> = LazyLock::new(Mutex::default);

/// Fields of requests and answers that hold a secret or a signature.
const SECRETS: [&str; 3] = ["signature", "secret", "key"];
/// Fields that name a caller, or something of a caller's.
const NAMES: [&str; 8] = [
    "walletAddress",
    "address",
    "wallet",
    "publicKey",
    "userId",
    "id",
    "challengeId",
    "nonce",
];
/// Shorter texts are none of ours, and could stand anywhere by chance.
const SHORTEST: usize = 20;

/// Notes what a request sends.
pub(crate) fn note_request(url: &str, body: Option<&[u8]>) {
    let body = body.and_then(|body| serde_json::from_slice(body).ok());
    note(url, body.as_ref());
}

/// Notes what an answer hands out; an error must hand out nothing that was noted before.
pub(crate) fn note_answer(url: &str, answer: &Answer) {
    if answer.status >= 400 {
        assert_absent(url, &answer.text);
        return;
    }
    note(url, serde_json::from_str(&answer.text).ok().as_ref());
    let cookie = answer.set_cookie().and_then(|cookie| {
        let (_, value) = cookie.split_once('=')?;
        value.split(';').next()
    });
    if let Some(token) = cookie.filter(|token| token.len() >= SHORTEST) {
        let mut all = all();
        let noted = all.entry(url.to_owned()).or_default();
        noted.secrets.insert(token.to_owned());
    }
}

/// Notes a secret that tests know from elsewhere.
pub fn note_secret(url: &str, secret: &str) {
    let mut all = all();
    let noted = all.entry(url.to_owned()).or_default();
    noted.secrets.insert(secret.to_owned());
}

/// Asserts that a text holds no secret that was noted for this server.
pub(crate) fn assert_absent(url: &str, text: &str) {
    let all = all();
    let mut known = all.get(url).into_iter().flat_map(|noted| &noted.secrets);
    let found = known.find(|secret| text.contains(secret.as_str()));
    assert!(
        found.is_none(),
        "a secret or signature shows: {found:?} in {text}"
    );
}

/// Asserts that metrics hold nothing at all that was noted for this server, nor the client's address.
pub(crate) fn assert_metrics_name_nobody(url: &str, text: &str) {
    assert_absent(url, text);
    let all = all();
    let mut known = all.get(url).into_iter().flat_map(|noted| &noted.names);
    let found = known.find(|name| text.contains(name.as_str()));
    assert!(found.is_none(), "metrics name {found:?}: {text}");
    assert!(!text.contains("127.0.0.1"), "an address in metrics: {text}");
}

/// How many secrets were noted for a server.
pub fn count(url: &str) -> usize {
    all().get(url).map_or(0, |noted| noted.secrets.len())
}

/// How many names were noted for a server.
pub fn count_names(url: &str) -> usize {
    all().get(url).map_or(0, |noted| noted.names.len())
}

fn note(url: &str, body: Option<&Value>) {
    let mut all = all();
    let noted = all.entry(url.to_owned()).or_default();
    noted.secrets.extend(texts(body, &SECRETS));
    noted.names.extend(texts(body, &NAMES));
}

/// The texts of these fields. Wherever hex shows, it may have lost its prefix.
fn texts(body: Option<&Value>, fields: &[&str]) -> impl Iterator<Item = String> {
    let texts = fields
        .iter()
        .filter_map(move |field| body?[*field].as_str());
    let texts = texts.map(|text| text.trim_start_matches("0x"));
    texts
        .filter(|text| text.len() >= SHORTEST)
        .map(str::to_owned)
}

fn all() -> MutexGuard<'static, HashMap<String, Noted>> {
    NOTED.lock().unwrap_or_else(PoisonError::into_inner)
}
