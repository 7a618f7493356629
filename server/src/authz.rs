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
mod refused;
mod said;

use std::sync::Arc;

use countersign_core::{
    Error,
    answer::Answer,
    profile::Profile,
    rate_limit::Standing,
    service::{Access, AccessRequest, Decision, Limits, Transport},
};
use poem::{Request, Response, http::Method};

use crate::{
    aura,
    denial::Denial,
    http::{admission, browser, client::Proxies, dialects::AUTHZ, fault::Fault},
    ocx,
    site::Site,
};
use answer::pass;
pub(crate) use document::{describe, examples_of, is_of_aura};
use original::Original;
pub(crate) use refused::Judged;
use refused::Refused;

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
    /// Judges what a dialect is asked at [`AUTHZ`] and the rest of a path: whoever passes is answered.
    pub(crate) fn judge<'a>(
        &'a self,
        dialect: Profile,
        rest: &'a str,
        request: &'a Request,
    ) -> Answer<'a, Judged<'a>> {
        let question = Question {
            dialect,
            request,
            authz: self,
        };
        match question.asked(rest) {
            Ok(asked) => question.decide(asked),
            Err(refused) => Answer::Known(Err(refused)),
        }
    }
}

/// A proxy's question.
#[derive(Clone, Copy)]
struct Question<'a> {
    dialect: Profile,
    request: &'a Request,
    authz: &'a Authz,
}

/// What is asked.
struct Asked<'a> {
    family: Family,
    original: Original<'a>,
}

impl<'a> Question<'a> {
    /// Who asks, and about what.
    fn asked(self, rest: &'a str) -> Result<Asked<'a>, Box<Refused<'a>>> {
        let Some((family, path)) = self.family(rest) else {
            return Err(self.unanswered(None, Fault::NotFound));
        };
        let is_get = matches!(*self.request.method(), Method::GET | Method::HEAD);
        if family != Family::ExtAuthz && !is_get {
            return Err(self.unanswered(None, Fault::MethodNotAllowed));
        }
        let asked = self.asked_by(family, path);
        asked.map_err(|fault| self.unanswered(Some(family), fault))
    }

    /// Who asks, and what follows the endpoint's own path.
    fn family(self, rest: &'a str) -> Option<(Family, &'a str)> {
        let rest = rest.strip_prefix(self.dialect.as_str())?;
        let rest = rest.strip_prefix('/')?;
        match rest {
            "forward-auth" => Some((Family::ForwardAuth, "")),
            "auth-request" => Some((Family::AuthRequest, "")),
            _ => {
                let path = rest.strip_prefix("ext-authz")?;
                path.starts_with('/').then_some((Family::ExtAuthz, path))
            }
        }
    }

    fn asked_by(self, family: Family, path: &'a str) -> Result<Asked<'a>, Fault> {
        let (proxies, request) = (&self.authz.proxies, self.request);
        if !proxies.trusts(request) {
            return Err(Fault::UntrustedProxy);
        }
        let original = match family {
            Family::ForwardAuth => Original::forwarded(proxies, request.headers()),
            Family::AuthRequest => Original::of_nginx(proxies, request.headers()),
            Family::ExtAuthz => Original::of_envoy(proxies, request, path),
        };
        let original = original?;
        Ok(Asked { family, original })
    }

    fn decide(self, asked: Asked<'a>) -> Answer<'a, Judged<'a>> {
        let headers = self.request.headers();
        let (access, presented) = match self.dialect {
            Profile::Ocx => (&self.authz.ocx, ocx::presented(headers)),
            Profile::Aura => (&self.authz.aura, aura::presented(headers)),
        };
        let is_cookie = presented.transport() == Some(Transport::Cookie);
        let listed = &self.authz.site.browser_origins;
        let deciding = access.decide(AccessRequest {
            method: asked.original.method,
            path: Some(asked.original.path),
            presented,
            client: asked.original.client,
            is_cross_site: is_cookie && browser::may_be_cross_site(headers, listed),
        });
        let deciding = admission::in_time(deciding);
        deciding.map(move |decision| self.answer(asked, decision))
    }

    fn answer(self, asked: Asked<'a>, decision: Decision) -> Judged<'a> {
        let besides = Besides {
            standing: admission::standing(&decision),
            is_cookie_dead: decision.is_cookie_dead,
        };
        let why = match decision.verdict {
            Ok(caller) => {
                let mut response = pass(&caller);
                self.say(besides, &mut response);
                return Ok(response);
            }
            Err(Error::NoRule) => Fault::NoRule.into(),
            Err(error) => error.into(),
        };
        let nobody_at = besides.is_nobody(&why).then_some(asked.original);
        Err(Box::new(Refused {
            question: self,
            family: Some(asked.family),
            client: asked.original.client,
            why,
            besides,
            nobody_at,
        }))
    }

    /// The refusal of what is no question, or none that can be answered.
    fn unanswered(self, family: Option<Family>, fault: Fault) -> Box<Refused<'a>> {
        Box::new(Refused {
            question: self,
            family,
            client: self.authz.proxies.client(self.request),
            why: fault.into(),
            besides: Besides::default(),
            nobody_at: None,
        })
    }

    /// Adds to an answer what it says besides.
    fn say(self, besides: Besides, response: &mut Response) {
        if besides.is_cookie_dead {
            ocx::clear_cookie(&self.authz.site, response);
        }
        if let (Profile::Aura, Some(standing)) = (self.dialect, besides.standing) {
            aura::tell(standing, response);
        }
    }
}

/// What an answer says besides who passes, or why nobody does.
#[derive(Debug, Clone, Copy, Default)]
struct Besides {
    standing: Option<Standing>,
    is_cookie_dead: bool,
}

impl Besides {
    /// Whether somebody who signs in could pass. Whoever comes too often does not come less often by signing in.
    fn is_nobody(self, why: &Denial) -> bool {
        match why {
            Denial::Error(Error::MissingCredential) => true,
            Denial::Error(error) => self.is_cookie_dead && error.is_dead_credential(),
            Denial::Fault(_) => false,
        }
    }
}
