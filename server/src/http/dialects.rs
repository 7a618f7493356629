//! Which dialect a request is in: its path says so.

use countersign_core::profile::Profile;
use poem::{Endpoint, Request, Response, Result};

/// The routes of both dialects.
pub(crate) struct Dialects<A, O> {
    /// Everything below `/v1`, and what proxies ask about it.
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
        match profile(request.uri().path()) {
            Profile::Aura => self.aura.call(request).await,
            Profile::Ocx => self.ocx.call(request).await,
        }
    }
}

/// Where proxies ask; the dialect's name follows.
pub(crate) const AUTHZ: &str = "/authz/";

/// The dialect of a path.
pub(crate) fn profile(path: &str) -> Profile {
    let rest = path
        .strip_prefix("/v1")
        .or_else(|| path.strip_prefix("/authz/aura"));
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        Profile::Aura
    } else {
        Profile::Ocx
    }
}
