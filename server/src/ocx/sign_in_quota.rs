//! The limit on sign-in calls, by client address.

use std::sync::Arc;

use countersign_core::{Clock, clock::SystemClock, service::Limits};
use poem::{FromRequest, Request, RequestBody, Result};

use super::error::ApiError;
use crate::http::{admission, fault::Fault};

/// Shows that the client has calls left. An argument of every sign-in call, before the body.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignInQuota;

impl<'a> FromRequest<'a> for SignInQuota {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let limits: &Arc<Limits> = request.data().ok_or(Fault::Internal)?;
        let client = admission::client(request)?;
        let admitted = limits.admit_sign_in(client, SystemClock.now());
        admitted.map_err(ApiError::from)?;
        Ok(Self)
    }
}
