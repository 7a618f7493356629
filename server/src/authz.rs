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

use std::sync::Arc;

use countersign_core::{
    Error,
    answer::Answer,
    client_address::ClientAddress,
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
    /// Judges what a dialect is asked at [`AUTHZ`] and the rest of a path: whoever passes is answered.
    pub(crate) fn judge<'a>(
        &'a self,
        dialect: Profile,
        rest: &'a str,
        request: &'a Request,
    ) -> Answer<'a, Judged<'a>> {
        let question = Question {
            dialect,
            client: self.proxies.client(request),
            request,
            authz: self,
        };
        match question.original(rest) {
            Ok((family, original)) => question.decide(family, original),
            Err(refused) => Answer::Known(Err(refused)),
        }
    }
}

/// A proxy's question about a request.
#[derive(Clone, Copy)]
struct Question<'a> {
    dialect: Profile,
    client: ClientAddress,
    request: &'a Request,
    authz: &'a Authz,
}

impl<'a> Question<'a> {
    /// Who asks, and about what.
    fn original(self, rest: &'a str) -> Result<(Family, Original<'a>), Box<Refused<'a>>> {
        let Some((family, path)) = self.family(rest) else {
            return Err(self.refused(None, Fault::NotFound));
        };
        let is_get = matches!(*self.request.method(), Method::GET | Method::HEAD);
        if family != Family::ExtAuthz && !is_get {
            return Err(self.refused(None, Fault::MethodNotAllowed));
        }
        let original = self.original_of(family, path);
        original
            .map(|original| (family, original))
            .map_err(|fault| self.refused(Some(family), fault))
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

    fn original_of(self, family: Family, path: &'a str) -> Result<Original<'a>, Fault> {
        if !self.authz.proxies.trusts(self.request) {
            return Err(Fault::UntrustedProxy);
        }
        let headers = self.request.headers();
        original::check_client(self.client, headers)?;
        match family {
            Family::ForwardAuth => Original::forwarded(headers),
            Family::AuthRequest => Original::of_nginx(headers),
            Family::ExtAuthz => Original::of_envoy(self.request, path),
        }
    }

    fn decide(self, family: Family, original: Original<'a>) -> Answer<'a, Judged<'a>> {
        let headers = self.request.headers();
        let (access, presented) = match self.dialect {
            Profile::Ocx => (&self.authz.ocx, ocx::presented(headers)),
            Profile::Aura => (&self.authz.aura, aura::presented(headers)),
        };
        let is_cookie = presented.transport() == Some(Transport::Cookie);
        let listed = &self.authz.site.browser_origins;
        let deciding = access.decide(AccessRequest {
            method: original.method,
            path: original.path,
            presented,
            client: self.client,
            is_cross_site: is_cookie && browser::may_be_cross_site(headers, listed),
        });
        let deciding = admission::in_time(deciding);
        deciding.map(move |decision| self.answer(family, original, decision))
    }

    fn answer(self, family: Family, original: Original<'a>, decision: Decision) -> Judged<'a> {
        let besides = Besides {
            standing: admission::standing(&decision),
            is_cookie_dead: decision.is_cookie_dead,
        };
        let error = match decision.verdict {
            Ok(caller) => {
                let mut response = pass(&caller);
                self.say(besides, &mut response);
                return Ok(response);
            }
            Err(Error::NoRule) => Fault::NoRule.into(),
            Err(error) => error.into(),
        };
        // Whoever comes too often does not come less often by signing in.
        let is_nobody = match &error {
            Denial::Error(error) => {
                let is_cookie_dead = besides.is_cookie_dead && error.is_dead_credential();
                is_cookie_dead || matches!(error, Error::MissingCredential)
            }
            Denial::Fault(_) => false,
        };
        let mut refused = self.refused(Some(family), error);
        refused.besides = besides;
        refused.nobody_at = is_nobody.then_some(original);
        Err(refused)
    }

    fn refused(self, family: Option<Family>, why: impl Into<Denial>) -> Box<Refused<'a>> {
        Box::new(Refused {
            question: self,
            family,
            why: why.into(),
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

/// The answer to a request that passes, or what there is to say about one that does not.
pub(crate) type Judged<'a> = Result<Response, Box<Refused<'a>>>;

/// What an answer says besides who passes, or why nobody does.
#[derive(Debug, Clone, Copy, Default)]
struct Besides {
    standing: Option<Standing>,
    is_cookie_dead: bool,
}

/// A request that does not pass, before that is put into words.
pub(crate) struct Refused<'a> {
    question: Question<'a>,
    /// Who asked; `None` for whoever does not ask as a proxy does.
    family: Option<Family>,
    why: Denial,
    besides: Besides,
    /// What was asked for, where it takes somebody who is signed in.
    nobody_at: Option<Original<'a>>,
}

impl Refused<'_> {
    /// The dialect's answer, as the proxy understands it.
    pub(crate) async fn answer(self: Box<Self>) -> Response {
        let Question {
            dialect,
            client,
            request,
            authz,
        } = self.question;
        let (failure, response) = self.why.answer(dialect);
        let mut refusal = Refusal {
            code: failure.code,
            response,
        };
        let redirect = Redirect {
            to: authz.sign_in_url.as_deref(),
            site: &authz.site,
        };
        let page = self.nobody_at.as_ref();
        if let Some(family) = self.family
            && let Some(page) = page.and_then(|page| redirect.of(page, request.headers()))
        {
            refusal = refusal.redirected(family, &page);
        }
        let mut response = match self.family {
            Some(Family::AuthRequest) => for_nginx(refusal),
            _ => refusal.response,
        };
        let mut besides = self.besides;
        if besides.standing.is_none() && dialect == Profile::Aura {
            let counted = aura::count_refused(&authz.limits, client, request.method());
            besides.standing = Some(counted.await);
        }
        self.question.say(besides, &mut response);
        response
    }
}

/// A refusal, as the dialect answers it.
#[derive(Debug)]
struct Refusal {
    code: String,
    response: Response,
}
