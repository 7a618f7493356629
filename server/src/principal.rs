//! Whom a guarded request acts as, as an argument of its handler.

use std::ops::Deref;

use countersign_core::{Error, principal, service::Caller};
use poem::{FromRequest, Request, RequestBody, Result};

use crate::{
    denial::Denial,
    http::{context::Context, fault::Fault},
};

/// Whom a request acts as; an argument of handlers behind a [`Guard`](crate::Guard).
///
/// Where the guard admits callers without a credential, and one comes, the handler is not reached: the
/// answer is 401, in the dialect's envelope. An `Option<Principal>` is `None` then. Without a guard in front the answer
/// is 500.
///
/// ```
/// use countersign_server::Principal;
/// use poem::handler;
///
/// #[handler]
/// fn hello(caller: Principal) -> String {
///     format!("hello {}", caller.wallet)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal(pub principal::Principal);

impl Deref for Principal {
    type Target = principal::Principal;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a> FromRequest<'a> for Principal {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        let caller: &Caller = request.data().ok_or(Fault::Internal)?;
        if let Some(principal) = caller.principal() {
            return Ok(Self(principal));
        }
        let dialect = Context::of(request)?.dialect;
        let (_, answer) = Denial::from(Error::MissingCredential).answer(dialect);
        Err(poem::Error::from_response(answer))
    }
}
