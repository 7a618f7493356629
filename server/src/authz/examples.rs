//! How proxies are refused, by example, for the document: each denial as the dialect itself answers it.

use countersign_core::{
    Error, profile::Profile, rate_limit::Standing, scope::Scope, store::StoreError,
};
use poem::Response;
use time::Duration;

use super::{Family, refused};
use crate::{
    denial::Denial,
    http::fault::{CANONICAL, Fault},
    openapi::Failure,
};

/// Every refusal, as one family of proxies is answered in one dialect.
pub(super) fn refusals(dialect: Profile, family: Family) -> Vec<(Failure, Response)> {
    let answered = denials(dialect).into_iter();
    let answered = answered.map(|denial| denial.answer(dialect));
    answered
        .map(|(failure, response)| match family {
            Family::AuthRequest => {
                let meant = response.status();
                let status = refused::known_to_nginx(meant).as_u16();
                (Failure { status, ..failure }, response)
            }
            Family::ForwardAuth | Family::ExtAuthz => (failure, response),
        })
        .collect()
}

/// First the likeliest of each status.
fn denials(dialect: Profile) -> Vec<Denial> {
    let standing = Standing {
        max: 120,
        remaining: 0,
        resets_in: Duration::seconds(40),
    };
    let needed = match dialect {
        Profile::Ocx => Scope::Trade,
        Profile::Aura => Scope::WriteTx,
    };
    let unjudgeable = Fault::Unjudgeable {
        header: "The path",
        expected: CANONICAL,
    };
    let faults = [
        unjudgeable,
        Fault::NoRule,
        Fault::UntrustedProxy,
        Fault::Internal,
    ];
    let errors = [
        Error::MissingCredential,
        Error::InvalidCredential,
        Error::ExpiredCredential,
        Error::RevokedCredential,
        Error::InsufficientScope {
            needed: Some(needed),
        },
        Error::SessionRequired,
        Error::AddressNotAllowed,
        Error::CrossSite,
        Error::RateLimited(standing),
        Error::OrderRateLimited(standing),
        StoreError::Unavailable.into(),
    ];
    let faults = faults.map(Denial::from).into_iter();
    faults.chain(errors.map(Denial::from)).collect()
}
