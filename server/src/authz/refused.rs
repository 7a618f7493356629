//! Requests that do not pass.

use countersign_core::{client_address::ClientAddress, profile::Profile};
use poem::{
    Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};

use super::{Besides, Family, Question, original::Original, redirect::Redirect};
use crate::{aura, denial::Denial};

/// What nginx cannot be told by a status.
static STATUS: HeaderName = HeaderName::from_static("x-auth-status");
static CODE: HeaderName = HeaderName::from_static("x-auth-code");

/// The answer to a request that passes, or what there is to say about one that does not.
pub(crate) type Judged<'a> = Result<Response, Box<Refused<'a>>>;

/// A request that does not pass, before that is put into words.
pub(crate) struct Refused<'a> {
    pub(super) question: Question<'a>,
    /// Who asked; `None` for whoever does not ask as a proxy does.
    pub(super) family: Option<Family>,
    pub(super) client: ClientAddress,
    pub(super) why: Denial,
    pub(super) besides: Besides,
    /// What was asked for, where it takes somebody who is signed in.
    pub(super) nobody_at: Option<Original<'a>>,
}

impl Refused<'_> {
    /// The dialect's answer, as the proxy understands it.
    pub(crate) async fn answer(self: Box<Self>) -> Response {
        let Question {
            dialect,
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
            Some(Family::AuthRequest) => refusal.for_nginx(),
            _ => refusal.response,
        };
        let mut besides = self.besides;
        if besides.standing.is_none() && dialect == Profile::Aura {
            let counted = aura::count_refused(&authz.limits, self.client, request.method());
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

impl Refusal {
    /// The same, for a browser that is to go and sign in. nginx sends it there itself.
    fn redirected(mut self, family: Family, location: &str) -> Self {
        let Ok(location) = HeaderValue::try_from(location) else {
            return self;
        };
        if family != Family::AuthRequest {
            let headers = std::mem::take(self.response.headers_mut());
            self.response = Response::builder().status(StatusCode::FOUND).finish();
            *self.response.headers_mut() = headers;
            self.response.headers_mut().remove(header::CONTENT_TYPE);
        }
        self.response
            .headers_mut()
            .insert(header::LOCATION, location);
        self
    }

    /// nginx knows 401 and 403, and takes every other refusal for a failure of its own. The status that was meant is
    /// in a header; 5xx stays what it is, and nobody passes.
    fn for_nginx(self) -> Response {
        let Self { code, mut response } = self;
        let meant = response.status();
        response.set_status(known_to_nginx(meant));
        let headers = response.headers_mut();
        headers.insert(&STATUS, HeaderValue::from(meant.as_u16()));
        let code = HeaderValue::try_from(code).expect("codes are ASCII");
        headers.insert(&CODE, code);
        response
    }
}

/// What nginx is told in place of a status.
pub(super) fn known_to_nginx(meant: StatusCode) -> StatusCode {
    match meant.is_client_error() && meant != StatusCode::UNAUTHORIZED {
        true => StatusCode::FORBIDDEN,
        false => meant,
    }
}
