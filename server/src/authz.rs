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
    service::{Access, AccessRequest, Limits, Transport},
};
use poem::{Request, Response, http::Method};

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

/// What is asked below [`AUTHZ`]. It stands beside the dialects' routes and not among them: a platform asks about every
/// request that it gets, and nothing that is around routes is needed here.
pub(crate) struct Authz {
    /// Judges credentials of OCX, by the rules of the platform.
    pub ocx: Arc<Access>,
    /// The same for Aura.
    pub aura: Arc<Access>,
    /// How often requests may come.
    pub limits: Arc<Limits>,
    /// Whose word on requests is believed.
    pub proxies: Arc<Proxies>,
    /// Who we are.
    pub site: Arc<Site>,
    /// Where browsers are sent to sign in.
    pub sign_in_url: Option<String>,
}

impl Authz {
    /// Answers what a dialect is asked at [`AUTHZ`] and the rest of a path.
    pub(crate) async fn answer(&self, dialect: Profile, rest: &str, request: &Request) -> Response {
        let client = self.proxies.client(request);
        let question = Question {
            context: Context::new(dialect, self.site.clone(), client),
            request,
            authz: self,
        };
        let mut response = question.answer(rest).await;
        match dialect {
            Profile::Ocx => ocx::complete(&question.context, &mut response),
            Profile::Aura => {
                aura::complete(
                    &question.context,
                    &self.limits,
                    request.method(),
                    &mut response,
                )
                .await;
            }
        }
        response
    }
}

/// A proxy's question about a request.
struct Question<'a> {
    context: Context,
    request: &'a Request,
    authz: &'a Authz,
}

impl Question<'_> {
    async fn answer(&self, rest: &str) -> Response {
        let Some((family, path)) = self.family(rest) else {
            return self.refusal(Fault::NotFound).response;
        };
        let is_get = matches!(*self.request.method(), Method::GET | Method::HEAD);
        if family != Family::ExtAuthz && !is_get {
            return self.refusal(Fault::MethodNotAllowed).response;
        }
        let answered = match self.original(family, path) {
            Ok(original) => self.decide(family, &original).await,
            Err(fault) => Err(self.refusal(fault)),
        };
        match answered {
            Ok(response) => response,
            Err(refusal) if family == Family::AuthRequest => for_nginx(refusal),
            Err(refusal) => refusal.response,
        }
    }

    /// Who asks, and what follows the endpoint's own path.
    fn family<'a>(&self, rest: &'a str) -> Option<(Family, &'a str)> {
        let name = self.context.dialect.as_str();
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
    fn original<'a>(&'a self, family: Family, path: &'a str) -> Result<Original<'a>, Fault> {
        if !self.authz.proxies.trusts(self.request) {
            return Err(Fault::UntrustedProxy);
        }
        let headers = self.request.headers();
        original::check_client(self.context.client, headers)?;
        match family {
            Family::ForwardAuth => Original::forwarded(headers),
            Family::AuthRequest => Original::of_nginx(headers),
            Family::ExtAuthz => Original::of_envoy(self.request, path),
        }
    }

    async fn decide(&self, family: Family, original: &Original<'_>) -> Result<Response, Refusal> {
        let headers = self.request.headers();
        let (access, presented) = match self.context.dialect {
            Profile::Ocx => (&self.authz.ocx, ocx::presented(headers)),
            Profile::Aura => (&self.authz.aura, aura::presented(headers)),
        };
        let is_cookie = presented.transport() == Some(Transport::Cookie);
        let asked = AccessRequest {
            method: original.method,
            path: original.path,
            presented: &presented,
            client: self.context.client,
            is_cross_site: is_cookie
                && browser::may_be_cross_site(headers, &self.context.site.browser_origins),
        };
        let decision = admission::in_time(pin!(access.decide(&asked))).await;
        admission::note(&self.context, &decision);
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
            to: self.authz.sign_in_url.as_deref(),
            site: &self.context.site,
        };
        match redirect.of(original, headers).filter(|_| is_nobody) {
            Some(location) => Err(refusal.redirected(family, &location)),
            None => Err(refusal),
        }
    }

    fn refusal(&self, why: impl Into<Denial>) -> Refusal {
        let (failure, response) = why.into().answer(self.context.dialect);
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
