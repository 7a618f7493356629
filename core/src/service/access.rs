//! Access: from what a request presents to whether it may pass, by rules that are data.
//!
//! The order of checks is the same everywhere: who (401), from which address, from which page,
//! with which scope (403), how often (429).

mod limits;
mod path;
mod rule;
mod rules;
mod tables;

use std::sync::Arc;

use time::OffsetDateTime;

pub use limits::{Limit, Limits, Quotas, Tier};
pub use path::CanonicalPath;
pub use rule::{Admits, Held, KeyAdmission, PathPattern, Rule};
pub use rules::Rules;

use super::credentials::{CredentialKind, Credentials, LiveCredential, Source};
use crate::{
    Clock, Error, answer::Answer, client_address::ClientAddress, principal::Principal,
    profile::Profile, rate_limit::Standing, secret::HashedSecret, store::StoreError,
};

/// What a request presents to say who it comes from; the one credential that counts. The dialect picks it
/// and judges its form.
#[derive(Debug, Clone, Copy)]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// Something that cannot be a credential, or two where one belongs.
    Malformed(Transport),
    /// What has the form of a credential.
    Credential {
        /// Of the token or key, exactly as presented.
        hash: HashedSecret,
        /// What its form says it is.
        kind: CredentialKind,
        /// How it travelled.
        transport: Transport,
    },
}

impl Presented {
    /// How it travelled; `None` for nothing.
    pub fn transport(&self) -> Option<Transport> {
        match self {
            Self::Nothing => None,
            Self::Malformed(transport) | Self::Credential { transport, .. } => Some(*transport),
        }
    }
}

/// How a credential travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A header, which a program set on purpose.
    Header,
    /// A cookie, which a browser sends by itself.
    Cookie,
}

/// A request, as far as access depends on it.
#[derive(Debug, Clone, Copy)]
pub struct AccessRequest<'a> {
    /// The HTTP method, in upper case.
    pub method: &'a str,
    /// The path, without the query; `None` for one that has two readings, which fits no rule.
    pub path: Option<CanonicalPath<'a>>,
    /// Who it claims to come from.
    pub presented: Presented,
    /// Where it comes from.
    pub client: ClientAddress,
    /// Whether a browser sent it for a page that is not listed. It counts for cookies only.
    pub is_cross_site: bool,
}

/// Whether a request may pass, and what its answer should say besides.
#[derive(Debug)]
pub struct Decision {
    /// Who passes, or why nobody does.
    pub verdict: Result<Caller, Error>,
    /// Whether the request carries a cookie that stands for nobody any more, so that the answer should
    /// remove it.
    pub is_cookie_dead: bool,
    /// How the caller stands with the limit on its requests, after this one, where the profile has one.
    pub standing: Option<Standing>,
}

/// Who may pass.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Anybody: no credential was presented, or none was looked at.
    Anonymous,
    /// Whoever holds this credential.
    Known(Arc<LiveCredential>),
}

impl Caller {
    /// The credential it comes with; `None` for anybody.
    pub fn credential(&self) -> Option<&LiveCredential> {
        match self {
            Self::Anonymous => None,
            Self::Known(credential) => Some(credential),
        }
    }

    /// Whom the request acts as; `None` for anybody.
    pub fn principal(&self) -> Option<Principal> {
        self.credential().map(LiveCredential::principal)
    }
}

/// Decides about the requests of one profile.
pub struct Access {
    profile: Profile,
    rules: Rules,
    credentials: Arc<Credentials>,
    limits: Arc<Limits>,
    clock: Arc<dyn Clock>,
}

impl Access {
    /// Access by these rules; the first that fits a request counts, and without one nobody passes.
    pub fn new(
        profile: Profile,
        rules: Rules,
        credentials: Arc<Credentials>,
        limits: Arc<Limits>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            profile,
            rules,
            credentials,
            limits,
            clock,
        }
    }

    /// Decides about a request: who, from which address, from which page, with which scope, how often. The
    /// first that fails is the verdict. A request that passes is counted, and the use of its key is noted.
    pub fn decide<'a>(&'a self, request: AccessRequest<'a>) -> Answer<'a, Decision> {
        let path = request.path;
        let Some((_, rule)) = path.and_then(|path| self.rules.find(request.method, path)) else {
            return Answer::Known(Decision {
                verdict: Err(Error::NoRule),
                is_cookie_dead: false,
                standing: None,
            });
        };
        let now = self.clock.now();
        let caller = match rule.admits.reads_credentials {
            true => self.authenticate_at(now, request.presented, request.client),
            false => Answer::Known(Ok(Caller::Anonymous)),
        };
        caller.and_then(move |caller| self.judge(rule, caller, request, now))
    }

    /// Tells who a request comes from, whatever it asks for: no rule, page or limit is looked at. A key must
    /// come from an address of its allowlist.
    pub fn identify(&self, presented: Presented, client: ClientAddress) -> Answer<'_, Decision> {
        let now = self.clock.now();
        let caller = self.authenticate_at(now, presented, client);
        caller.map(move |caller| {
            let is_dead = caller.as_ref().is_err_and(Error::is_dead_credential);
            let is_cookie_dead = is_dead && is_cookie(presented);
            let verdict = caller.and_then(|caller| {
                check_address(&caller, client)?;
                self.note_use(&caller, client, now);
                Ok(caller)
            });
            Decision {
                verdict,
                is_cookie_dead,
                standing: None,
            }
        })
    }

    /// Whom the credential stands for, and no more: a key passes from an address that its allowlist does not
    /// have. [`decide`](Self::decide) and [`identify`](Self::identify) check that, too.
    ///
    /// # Errors
    /// [`Error::InvalidCredential`], [`Error::ExpiredCredential`], [`Error::RevokedCredential`],
    /// [`Error::RateLimited`] after too many of those from one address, or [`Error::Store`].
    pub fn authenticate(
        &self,
        presented: Presented,
        client: ClientAddress,
    ) -> Answer<'_, Result<Caller, Error>> {
        self.authenticate_at(self.clock.now(), presented, client)
    }

    fn authenticate_at(
        &self,
        now: OffsetDateTime,
        presented: Presented,
        client: ClientAddress,
    ) -> Answer<'_, Result<Caller, Error>> {
        let found = match presented {
            Presented::Nothing => return Answer::Known(Ok(Caller::Anonymous)),
            Presented::Malformed(_) => {
                Answer::Known((Source::Nothing, Err(Error::InvalidCredential)))
            }
            Presented::Credential { hash, kind, .. } => {
                match self.credentials.remembered(&hash, now) {
                    Some(credential) => Answer::Known((Source::Memory, Ok(credential))),
                    None => Answer::asked(self.look_up(kind, hash, client)),
                }
            }
        };
        found.map(move |(source, found)| {
            let checked = found.and_then(|credential| self.check(credential, now));
            self.credentials.tally().count_check(source, &checked);
            checked.map(Caller::Known)
        })
    }

    /// A credential that was found may be another profile's, and may have expired since.
    fn check(
        &self,
        credential: Arc<LiveCredential>,
        now: OffsetDateTime,
    ) -> Result<Arc<LiveCredential>, Error> {
        if credential.profile() != self.profile {
            return Err(Error::InvalidCredential);
        }
        if credential.is_expired(now) {
            return Err(Error::ExpiredCredential);
        }
        Ok(credential)
    }

    /// Notes that a caller's key was used with success.
    fn note_use(&self, caller: &Caller, client: ClientAddress, now: OffsetDateTime) {
        if let Caller::Known(credential) = caller {
            self.credentials.note_use(credential, client.shown(), now);
        }
    }

    /// From the store, unless this client has had too many lookups fail. It goes on to its end even when nobody waits
    /// for it any more: what was begun at the store is not left there, and it is counted.
    async fn look_up(
        &self,
        kind: CredentialKind,
        hash: HashedSecret,
        client: ClientAddress,
    ) -> (Source, Result<Arc<LiveCredential>, Error>) {
        if !self.credentials.is_known(&hash)
            && let Err(held_back) = self.limits.admit_lookup(client, self.clock.now()).await
        {
            return (Source::Nothing, Err(held_back));
        }
        let (credentials, limits) = (self.credentials.clone(), self.limits.clone());
        let clock = self.clock.clone();
        let looked_up = tokio::spawn(async move {
            let found = credentials.look_up(kind, &hash).await;
            if found.as_ref().is_err_and(Error::is_dead_credential) {
                limits.count_failed_lookup(client, clock.now()).await;
            }
            found
        });
        let unavailable = |_| Err(StoreError::Unavailable.into());
        (Source::Store, looked_up.await.unwrap_or_else(unavailable))
    }

    /// Goes on from who calls, or why nobody does.
    fn judge<'a>(
        &'a self,
        rule: &Rule,
        caller: Result<Caller, Error>,
        request: AccessRequest<'_>,
        now: OffsetDateTime,
    ) -> Answer<'a, Decision> {
        let is_cookie = is_cookie(request.presented);
        let is_cookie_dead = is_cookie && caller.as_ref().is_err_and(Error::is_dead_credential);
        // A cookie is no intent. One that cannot be looked up now is not called dead either.
        let is_undecided = is_cookie && matches!(caller, Err(Error::RateLimited(_)));
        let judged = match caller {
            Err(_) if (is_cookie_dead || is_undecided) && rule.admits.anonymous => {
                self.authorize(rule, Caller::Anonymous, &request, now)
            }
            Ok(caller) => self.authorize(rule, caller, &request, now),
            Err(error) => Answer::Known((Err(error), None)),
        };
        judged.map(move |(verdict, standing)| Decision {
            verdict,
            is_cookie_dead,
            standing,
        })
    }

    fn authorize<'a>(
        &'a self,
        rule: &Rule,
        caller: Caller,
        request: &AccessRequest<'_>,
        now: OffsetDateTime,
    ) -> Answer<'a, Judged> {
        let credential = caller.credential();
        let is_allowed = check_address(&caller, request.client)
            .and_then(|()| check_page(&caller, request))
            .and_then(|()| rule.admits.check(Held::by(credential)));
        let (limits, profile, client) = (&self.limits, self.profile, request.client);
        if let Err(error) = is_allowed {
            let standing = limits.standing(profile, credential, request, now);
            return standing.map(|standing| (Err(error), standing));
        }
        let admitted = limits.admit(profile, rule, credential, request, now);
        admitted.map(move |admitted| match admitted {
            Ok(standing) => {
                self.note_use(&caller, client, now);
                (Ok(caller), standing)
            }
            Err((error, standing)) => (Err(error), standing),
        })
    }
}

/// The verdict, and how the caller stands.
type Judged = (Result<Caller, Error>, Option<Standing>);

/// A key is good from the addresses of its allowlist only, whatever is asked for.
fn check_address(caller: &Caller, client: ClientAddress) -> Result<(), Error> {
    match caller.credential() {
        Some(credential) if !credential.allows(client) => Err(Error::AddressNotAllowed),
        _ => Ok(()),
    }
}

/// A browser sends a cookie by itself, so it takes a listed page to change anything with it.
fn check_page(caller: &Caller, request: &AccessRequest<'_>) -> Result<(), Error> {
    let is_ambient = caller.credential().is_some() && is_cookie(request.presented);
    if is_ambient && request.is_cross_site && !rule::is_safe(request.method) {
        return Err(Error::CrossSite);
    }
    Ok(())
}

fn is_cookie(presented: Presented) -> bool {
    presented.transport() == Some(Transport::Cookie)
}

#[cfg(test)]
mod tests;
