//! Guards routes of an application that Countersign is mounted in.

use std::sync::Arc;

use countersign_core::{
    client_address::ClientAddress,
    profile::Profile,
    service::{Access, Limits},
};
use poem::{
    Endpoint, EndpointExt, IntoResponse, Middleware, Request, Response, Result,
    endpoint::BoxEndpoint,
};

use crate::{
    aura::{self, AuraLayer},
    http::client::Proxies,
    ocx::{self, OcxLayer},
    site::Site,
};

/// Lets in whom it admits; made by [`Countersign::guard`](crate::Countersign::guard).
///
/// The handler finds the [`Caller`](countersign_core::service::Caller) in the request's data. Whoever
/// is refused is answered in the dialect's envelope, and so is an error of the handler. Address
/// lists, the browser rule for cookies, and Aura's limits apply as to the dialect's own routes.
#[derive(Clone)]
pub struct Guard {
    pub(crate) dialect: Profile,
    pub(crate) access: Arc<Access>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) site: Arc<Site>,
    pub(crate) proxies: Arc<Proxies>,
}

impl<E: Endpoint + 'static> Middleware<E> for Guard {
    type Output = Guarded;

    fn transform(&self, endpoint: E) -> Guarded {
        let routes = Admission {
            guard: self.clone(),
            endpoint,
        };
        let layer = match self.dialect {
            Profile::Ocx => OcxLayer {
                routes,
                site: self.site.clone(),
            }
            .boxed(),
            Profile::Aura => AuraLayer {
                routes,
                limits: self.limits.clone(),
            }
            .boxed(),
        };
        Guarded {
            guard: self.clone(),
            layer,
        }
    }
}

/// A guarded endpoint. It may stand inside the server's own routes or anywhere else.
pub struct Guarded {
    guard: Guard,
    layer: BoxEndpoint<'static>,
}

impl Endpoint for Guarded {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if request.data::<ClientAddress>().is_none() {
            let client = self.guard.proxies.client(&request);
            request.set_data(client);
            request.set_data(self.guard.site.clone());
        }
        self.layer.call(request).await
    }
}

/// Asks who calls before the endpoint is reached.
struct Admission<E> {
    guard: Guard,
    endpoint: E,
}

impl<E: Endpoint> Endpoint for Admission<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        request.set_data(self.guard.access.clone());
        let caller = match self.guard.dialect {
            Profile::Ocx => ocx::admit(&request).await?,
            Profile::Aura => aura::admit(&request).await?,
        };
        request.set_data(caller);
        Ok(self.endpoint.call(request).await?.into_response())
    }
}
