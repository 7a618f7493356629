//! The id of a request: the client's own if it is well-formed, otherwise made when first needed.

use std::cell::OnceCell;

use countersign_core::random::base62;
use poem::{
    Request, Response,
    http::{HeaderName, HeaderValue, Method},
};

use super::fault::Fault;
use crate::random::SystemRandom;

static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// So many segments of a path are logged.
const LOGGED_SEGMENTS: usize = 8;

tokio::task_local! {
    static CURRENT: OnceCell<String>;
}

/// The id of the request this task works for; `None` outside of one.
pub(crate) fn current() -> Option<String> {
    CURRENT
        .try_with(|id| id.get_or_init(|| base62(&SystemRandom, 20)).clone())
        .ok()
}

/// Works to the end even when the client goes away, under the id of its request: what was begun in
/// the store must also be done in memory.
///
/// # Errors
/// [`Fault::Internal`] when the work panics.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Fault> {
    let id = current().map_or_else(OnceCell::new, OnceCell::from);
    let done = tokio::spawn(CURRENT.scope(id, work)).await;
    done.map_err(|_| Fault::Internal)
}

/// The id the client sent, if it is well-formed.
pub(crate) fn of(request: &Request) -> Option<String> {
    let id = sent(request)?.to_str().ok()?;
    Some(id.to_owned())
}

fn sent(request: &Request) -> Option<&HeaderValue> {
    let id = request.headers().get(&HEADER);
    id.filter(|id| id.to_str().is_ok_and(is_well_formed))
}

/// Puts the id on the response of a request that came with one.
pub(crate) fn echo(request: &Request, response: &mut Response) {
    if let Some(id) = sent(request) {
        response.headers_mut().insert(&HEADER, id.clone());
    }
}

/// Works on a request under its id. Logs a refusal or failure, once, and puts the id on the
/// response of an error, or of any request that came with one.
pub(crate) async fn scope(
    sent: Option<String>,
    method: &Method,
    path: &str,
    answer: impl Future<Output = Response>,
) -> Response {
    let is_sent = sent.is_some();
    let id = sent.map_or_else(OnceCell::new, OnceCell::from);
    let work = async {
        let mut response = answer.await;
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if status.is_server_error() {
            tracing::error!(%method, path = loggable(path), status = status.as_u16(), "request failed");
        } else if is_error {
            tracing::debug!(%method, path = loggable(path), status = status.as_u16(), "request refused");
        }
        if is_sent || is_error {
            let id = current().expect("the request is in scope");
            let id = HeaderValue::try_from(id).expect("the id's alphabet is a header's");
            response.headers_mut().insert(&HEADER, id);
        }
        response
    };
    CURRENT.scope(id, work).await
}

/// The path without what could be a secret that was put in the wrong place: ours are longer than any id.
fn loggable(path: &str) -> String {
    const LONGEST_ID: usize = 36;
    let segments = path.split('/').take(LOGGED_SEGMENTS);
    let shown = segments.map(|segment| {
        if segment.len() > LONGEST_ID {
            "…"
        } else {
            segment
        }
    });
    shown.collect::<Vec<_>>().join("/")
}

fn is_well_formed(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}
