//! What every request passes before its route: the limit on bodies, and the host rule.

use std::sync::Arc;

use poem::{Endpoint, Request, Result};

use super::{body_limit, host};
use crate::site::Site;

/// The routes of one dialect, behind what every request passes.
pub(crate) struct Intake<E> {
    /// The routes.
    pub routes: E,
    /// Who we are.
    pub site: Arc<Site>,
}

impl<E: Endpoint> Endpoint for Intake<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        body_limit::read(&mut request).await?;
        host::check(&self.site, &request)?;
        self.routes.call(request).await
    }
}
