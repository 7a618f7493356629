//! Every secret, signature and cookie that passes through a client, to be looked for where none belongs.

use std::{
    collections::{HashMap, HashSet},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use crate::Answer;

/// By the URL of the server they belong to.
static SECRETS: LazyLock<Mutex<HashMap<String, HashSet<String>>>> = LazyLock::new(Mutex::default);

/// Fields of requests and answers that hold a secret or a signature.
const FIELDS: [&str; 3] = ["signature", "secret", "key"];
/// Shorter texts are no secrets of ours, and could stand anywhere by chance.
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
        all()
            .entry(url.to_owned())
            .or_default()
            .insert(token.to_owned());
    }
}

/// Asserts that a text holds nothing that was noted for this server.
pub(crate) fn assert_absent(url: &str, text: &str) {
    let all = all();
    let mut known = all.get(url).into_iter().flatten();
    let found = known.find(|secret| text.contains(secret.as_str()));
    assert!(
        found.is_none(),
        "a secret or signature shows: {found:?} in {text}"
    );
}

/// How many were noted for a server.
pub fn count(url: &str) -> usize {
    all().get(url).map_or(0, HashSet::len)
}

fn note(url: &str, body: Option<&Value>) {
    let mut all = all();
    let known = all.entry(url.to_owned()).or_default();
    for field in FIELDS {
        let text = body.and_then(|body| body[field].as_str());
        // Wherever hex shows, it may have lost its prefix.
        let text = text.map(|text| text.trim_start_matches("0x"));
        known.extend(
            text.filter(|text| text.len() >= SHORTEST)
                .map(str::to_owned),
        );
    }
}

fn all() -> MutexGuard<'static, HashMap<String, HashSet<String>>> {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner)
}
