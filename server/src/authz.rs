//! Forward-auth: proxies ask, before they pass a request on, whether it may pass.
//!
//! | path | who asks | what it says of the request |
//! |---|---|---|
//! | `/authz/{dialect}/forward-auth` | Traefik, Caddy, HAProxy | `X-Forwarded-Method`, `-Uri`, `-For`; `-Proto` and `-Host` for redirects |
//! | `/authz/{dialect}/auth-request` | nginx | `X-Original-Method`, `X-Original-URI` or `-URL`, `X-Forwarded-For` |
//! | `/authz/{dialect}/ext-authz/…` | Envoy | its method and, after the prefix, its path; `X-Forwarded-For` |
//!
//! Whoever passes is answered 200 with `X-Auth-*`; whoever does not, as the dialect would have answered.

mod answer;
mod document;
mod examples;
mod original;
mod redirect;

use std::{pin::pin, sync::Arc};

use countersign_core::{
    Error,
    profile::Profile,
    service::{Access, AccessRequest, Transport},
};
use poem::{Endpoint, Request, Response, Result, http::Method};

use crate::{
    aura,
    denial::Denial,
    http::{admission, browser, client::Proxies, context::Context, dialects::AUTHZ, fault::Fault},
    ocx,
    site::Site,
};
use answer::{for_nginx, pass};
pub(crate) use document::{describe, examples_of, is_of_aura};
use original::Original;
use redirect::Redirect;

/// Who asks, and so in which headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Traefik, Caddy, HAProxy and others.
    ForwardAuth,
    /// nginx.
    AuthRequest,
    /// Envoy.
    ExtAuthz,
}

/// The paths of this module, for their methods and their names in metrics.
pub(crate) fn paths() -> impl Iterator<Item = String> {
    let of = |dialect: Profile| {
        ["forward-auth", "auth-request", "ext-authz/{*}"]
            .map(|name| format!("{AUTHZ}{dialect}/{name}", dialect = dialect.as_str()))
    };
    [Profile::Ocx, Profile::Aura].into_iter().flat_map(of)
}

/// What is asked below [`AUTHZ`] for one dialect, in front of the dialect's routes.
pub(crate) struct Authz<E> {
    /// Whose credentials count.
    pub dialect: Profile,
    /// Judges them, by the rules of the platform.
    pub access: Arc<Access>,
    /// Whose word on requests is believed.
    pub proxies: Arc<Proxies>,
    /// Who we are.
    pub site: Arc<Site>,
    /// Where browsers are sent to sign in.
    pub sign_in_url: Option<String>,
    /// What answers everything else.
    pub routes: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Authz<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        match request.uri().path().strip_prefix(AUTHZ) {
            None => self.routes.call(request).await,
            Some(rest) => self.answer(rest, &request).await,
        }
    }
}

impl<E> Authz<E> {
    async fn answer(&self, rest: &str, request: &Request) -> Result<Response> {
        let (family, path) = self.family(rest).ok_or(Fault::NotFound)?;
        let is_get = matches!(*request.method(), Method::GET | Method::HEAD);
        if family != Family::ExtAuthz && !is_get {
            return Err(Fault::MethodNotAllowed.into());
        }
        let answered = match self.original(family, request, path) {
            Ok(original) => self.decide(family, request, &original).await,
            Err(fault) => Err(self.refusal(fault)),
        };
        Ok(match answered {
            Ok(response) => response,
            Err(refusal) if family == Family::AuthRequest => for_nginx(refusal),
            Err(refusal) => refusal.response,
        })
    }

    /// Who asks, and what follows the endpoint's own path.
    fn family<'a>(&self, rest: &'a str) -> Option<(Family, &'a str)> {
        let name = self.dialect.as_str();
        let rest = rest.strip_prefix(name)?.strip_prefix('/')?;
        match rest {
            "forward-auth" => Some((Family::ForwardAuth, "")),
            "auth-request" => Some((Family::AuthRequest, "")),
            _ => {
                let path = rest.strip_prefix("ext-authz")?;
                path.starts_with('/').then_some((Family::ExtAuthz, path))
            }
        }
    }

    /// The request that is asked about.
    fn original<'a>(
        &self,
        family: Family,
        request: &'a Request,
        path: &'a str,
    ) -> Result<Original<'a>, Fault> {
        if !self.proxies.trusts(request) {
            return Err(Fault::UntrustedProxy);
        }
        original::check_client(Context::of(request)?, request.headers())?;
        match family {
            Family::ForwardAuth => Original::forwarded(request.headers()),
            Family::AuthRequest => Original::of_nginx(request.headers()),
            Family::ExtAuthz => Original::of_envoy(request, path),
        }
    }

    async fn decide(
        &self,
        family: Family,
        request: &Request,
        original: &Original<'_>,
    ) -> Result<Response, Refusal> {
        let context = Context::of(request).map_err(|fault| self.refusal(fault))?;
        let headers = request.headers();
        let presented = match self.dialect {
            Profile::Ocx => ocx::presented(headers),
            Profile::Aura => aura::presented(headers),
        };
        let is_cookie = presented.transport() == Some(Transport::Cookie);
        let asked = AccessRequest {
            method: original.method,
            path: original.path,
            presented: &presented,
            client: context.client,
            is_cross_site: is_cookie
                && browser::may_be_cross_site(headers, &self.site.browser_origins),
        };
        let decision = admission::in_time(pin!(self.access.decide(&asked))).await;
        admission::note(context, &decision);
        let error = match decision.verdict {
            Ok(caller) => return Ok(pass(&caller)),
            Err(Error::NoRule) => return Err(self.refusal(Fault::NoRule)),
            Err(error) => error,
        };
        // Whoever comes too often does not come less often by signing in.
        let is_cookie_dead = decision.is_cookie_dead && error.is_dead_credential();
        let is_nobody = is_cookie_dead || matches!(error, Error::MissingCredential);
        let refusal = self.refusal(error);
        let redirect = Redirect {
            to: self.sign_in_url.as_deref(),
            site: &self.site,
        };
        match redirect.of(original, headers).filter(|_| is_nobody) {
            Some(location) => Err(refusal.redirected(family, &location)),
            None => Err(refusal),
        }
    }

    fn refusal(&self, why: impl Into<Denial>) -> Refusal {
        let (failure, response) = why.into().answer(self.dialect);
        let code = failure.code;
        Refusal { code, response }
    }
}

/// A request that does not pass, as the dialect answers it.
#[derive(Debug)]
struct Refusal {
    code: String,
    response: Response,
}
