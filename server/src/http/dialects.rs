//! Which dialect a request is in: its path says so.

use poem::{Endpoint, Request, Response, Result};

/// The routes of both dialects.
pub(crate) struct Dialects<A, O> {
    /// Everything below `/v1`.
    pub aura: A,
    /// Everything else.
    pub ocx: O,
}

impl<A, O> Endpoint for Dialects<A, O>
where
    A: Endpoint<Output = Response>,
    O: Endpoint<Output = Response>,
{
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let path = request.uri().path();
        let rest = path.strip_prefix("/v1");
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            self.aura.call(request).await
        } else {
            self.ocx.call(request).await
        }
    }
}
