//! Guards routes of an application that Countersign is mounted in.

use std::sync::Arc;

use countersign_core::{
    profile::Profile,
    service::{Access, CanonicalPath, Limits},
};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use crate::{
    aura::{self, AuraLayer},
    http::{
        client::Proxies,
        context::Context,
        fault::{CANONICAL, Fault},
    },
    ocx::{self, OcxLayer},
    site::Site,
};

/// Lets in whom it admits; made by [`Countersign::guard`](crate::Countersign::guard), or
/// [`guard_by_rules`](crate::Countersign::guard_by_rules).
///
/// The handler takes a [`Principal`](crate::Principal), or finds the
/// [`Caller`](countersign_core::service::Caller) in the request's data. A path with two readings is refused. Whoever
/// is refused is answered in the dialect's envelope, and so is an error of the handler. Address
/// lists, the browser rule for cookies, and Aura's limits apply as to the dialect's own routes. OCX's
/// limit on orders does where a rule of the configuration says so.
///
/// ```
/// use countersign_core::{profile::Profile, service::{Admits, Caller}};
/// use countersign_server::{Countersign, config::{Config, Overrides}, settings::Settings};
/// use poem::{Endpoint, EndpointExt, Request, get, handler, http::StatusCode, web::Data};
///
/// #[handler]
/// fn hello(caller: Data<&Caller>) -> String {
///     let principal = caller.principal().expect("the guard admits nobody else");
///     format!("hello {}", principal.wallet)
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let mut config = Config::default();
/// # config.server.data_dir = directory.path().join("data");
/// let settings = Settings::parse(&config)?;
/// let listen = settings.listen();
/// let countersign = Countersign::open(settings, listen).await?;
/// let guarded = get(hello).with(countersign.guard(Profile::Ocx, Admits::KNOWN));
/// let app = countersign.app().with_routes(Profile::Ocx, |routes| routes.at("/hello", guarded));
///
/// let stranger = Request::builder().uri_str("/hello").header("host", listen.to_string()).finish();
/// let answer = app.endpoint().get_response(stranger).await;
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// countersign.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Guard {
    pub(crate) dialect: Profile,
    pub(crate) access: Arc<Access>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) site: Arc<Site>,
    pub(crate) proxies: Arc<Proxies>,
}

impl<E: Endpoint> Middleware<E> for Guard {
    type Output = Guarded<E>;

    fn transform(&self, endpoint: E) -> Guarded<E> {
        Guarded {
            admission: Admission {
                guard: self.clone(),
                endpoint,
            },
        }
    }
}

/// A guarded endpoint, made by [`Guard`]. It may stand among the routes of an [`App`](crate::App), or
/// anywhere else in a poem application.
pub struct Guarded<E> {
    admission: Admission<E>,
}

#[cfg(feature = "tower")]
impl<E> Guarded<E> {
    /// Whose envelope answers have.
    pub(crate) fn dialect(&self) -> Profile {
        self.admission.guard.dialect
    }
}

impl<E: Endpoint> Guarded<E> {
    /// With what surrounds the routes of the guard's dialect, where nothing does yet.
    async fn call_in_layer(&self, mut request: Request) -> Result<Response> {
        let Guard {
            dialect,
            limits,
            site,
            proxies,
            ..
        } = &self.admission.guard;
        if Context::of(&request).is_err() {
            let client = proxies.client(&request);
            let context = Context::new(*dialect, site.clone(), client);
            request.set_data(Arc::new(context));
        }
        let routes = &self.admission;
        match dialect {
            Profile::Ocx => OcxLayer { routes }.call(request).await,
            Profile::Aura => {
                let limits = limits.clone();
                AuraLayer { routes, limits }.call(request).await
            }
        }
    }
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let dialect = self.admission.guard.dialect;
        if Context::of(&request).is_ok_and(|context| context.dialect == dialect) {
            return self.admission.call(request).await;
        }
        Box::pin(self.call_in_layer(request)).await
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
        let path = CanonicalPath::new(request.original_uri().path());
        if path.is_none() {
            return Err(Fault::Unjudgeable {
                header: "The path",
                expected: CANONICAL,
            }
            .into());
        }
        let access = &self.guard.access;
        let caller = match self.guard.dialect {
            Profile::Ocx => ocx::admit_by(access, &request, path).await?,
            Profile::Aura => aura::admit_by(access, &request, path).await?,
        };
        request.set_data(caller);
        Ok(self.endpoint.call(request).await?.into_response())
    }
}
