//! The limit on sign-in calls, by client address.

use countersign_core::{Clock, clock::SystemClock};
use poem::{FromRequest, Request, RequestBody, Result};

use super::{Ocx, error::ApiError};
use crate::http::context::Context;

/// Shows that the client has calls left. An argument of every sign-in call, before the body.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignInQuota;

impl<'a> FromRequest<'a> for SignInQuota {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let context = Context::of(request)?;
        let limits = &Ocx::of(request)?.limits;
        let now = SystemClock.now();
        let admitted = limits.admit_sign_in(context.client, now).await;
        admitted.map_err(ApiError::from)?;
        Ok(Self)
    }
}
