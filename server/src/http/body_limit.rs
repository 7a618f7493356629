//! The limit on bodies. One that is too large is read to its end before the answer, because a
//! client that is still sending would not see it.

use std::time::Duration;

use poem::{
    Request,
    http::{HeaderMap, HeaderValue, Version, header},
};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::fault::Fault;

/// Largest body any operation takes: a message and a long signature, in JSON.
const LIMIT: usize = 64 * 1024;
/// How much of a body over the limit is read and thrown away.
const DRAIN: usize = 16 * 1024 * 1024;
/// How long a body may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Reads the body into memory before the handler runs.
///
/// # Errors
/// [`Fault::PayloadTooLarge`], [`Fault::RequestTimeout`].
pub(crate) async fn read(request: &mut Request) -> Result<(), Fault> {
    check_framing(request.headers())?;
    if !may_have_body(request) {
        return Ok(());
    }
    let mut body = request.take_body().into_async_read();
    let bytes = tokio::time::timeout(DEADLINE, read_within_limit(&mut body))
        .await
        .map_err(|_| Fault::RequestTimeout)??;
    request.set_body(bytes);
    Ok(())
}

/// How any request may fail here, also one whose operation takes no body.
pub(crate) fn faults() -> [Fault; 3] {
    [
        unknown_encoding(),
        Fault::RequestTimeout,
        Fault::PayloadTooLarge,
    ]
}

fn unknown_encoding() -> Fault {
    Fault::invalid_request("", "no encoding of the body but Transfer-Encoding: chunked")
}

/// Chunked is the only encoding that is undone here; beside it the transport drops a
/// `Content-Length` (RFC 9112 §6.1).
fn check_framing(headers: &HeaderMap) -> Result<(), Fault> {
    let is_chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    if headers
        .get_all(header::TRANSFER_ENCODING)
        .iter()
        .all(is_chunked)
    {
        return Ok(());
    }
    Err(unknown_encoding())
}

/// Without these headers there is no body (RFC 9112 §6.3); HTTP/2 does not need them.
fn may_have_body(request: &Request) -> bool {
    let headers = request.headers();
    let is_declared = headers.contains_key(header::CONTENT_LENGTH)
        || headers.contains_key(header::TRANSFER_ENCODING);
    is_declared || request.version() > Version::HTTP_11
}

async fn read_within_limit(body: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, Fault> {
    let broken = |_| Fault::invalid_request("", "a body that arrives whole");
    let mut bytes = Vec::new();
    body.take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(broken)?;
    if bytes.len() <= LIMIT {
        return Ok(bytes);
    }
    let mut rest = body.take(DRAIN as u64);
    tokio::io::copy(&mut rest, &mut tokio::io::sink())
        .await
        .map_err(broken)?;
    Err(Fault::PayloadTooLarge)
}
