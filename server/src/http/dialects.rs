//! Which dialect a request is in: its path says so.

use countersign_core::profile::Profile;
use futures_util::future::Either;
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

    fn call(&self, request: Request) -> impl Future<Output = Result<Response>> + Send {
        match profile(request.uri().path()) {
            Profile::Aura => Either::Left(self.aura.call(request)),
            Profile::Ocx => Either::Right(self.ocx.call(request)),
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
