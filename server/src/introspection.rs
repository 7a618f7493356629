//! `POST /oauth2/introspect`: what a token is good for, asked by the services of a platform (RFC 7662). It is served on
//! the internal listener only; errors are `{error, error_description}` (RFC 6749 §5.2).

mod answer;
mod error;
mod examples;
mod form;
mod service;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use countersign_core::{
    client_address::ClientAddress,
    rate_limit::Nodes,
    service::{Credentials, Limit, Limits},
};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Response, middleware::CatchPanic, web::Data,
};
use poem_openapi::{ApiResponse, OpenApi, OpenApiService, payload::Json};
use time::OffsetDateTime;

pub(crate) use examples::examples;

use crate::{
    http::{admission, fault::Fault, intake::Intake, secured::Secured},
    platform::Tag,
    settings::{IntrospectionClient, Settings},
    shared_permits::Redis,
    site::Site,
};
use answer::Answer;
use error::OauthError;
use form::StrictForm;
use service::{Asking, Service};

/// Where it is served.
pub(crate) const PATH: &str = "/oauth2/introspect";

/// Where a caller is whose service does not tell: on no address list, and counted with all others of the service.
const NOWHERE: ClientAddress = ClientAddress::Unknown {
    peer: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
};

/// The services that may ask, and whose name answers are given in.
pub(crate) struct Introspection {
    services: Vec<Arc<Service>>,
    issuer: String,
}

impl Introspection {
    /// For the services of these settings, of which there may be none.
    pub(crate) fn new(
        settings: &Settings,
        credentials: &Arc<Credentials>,
        redis: Option<&Arc<Redis>>,
    ) -> Self {
        let known = settings.introspection_clients.iter();
        let service = |client: &IntrospectionClient| {
            let of_service =
                |redis: &Arc<Redis>| redis.nodes(&format!("introspection:{}:", client.name));
            let nodes = redis.map_or(Nodes::Alone, of_service);
            let limits = Limits::new(Default::default(), settings.limit_scale, &nodes);
            Arc::new(Service::new(client, credentials, limits))
        };
        Self {
            services: known.map(service).collect(),
            issuer: settings.issuer.clone(),
        }
    }

    /// How many lookups were held back of callers that services told of.
    pub(crate) fn lookups_held_back(&self) -> u64 {
        let hits = |service: &Arc<Service>| service.limits.hits(Limit::FailedLookups);
        self.services.iter().map(hits).sum()
    }

    /// Forgets limits whose time is over.
    pub(crate) fn sweep(&self, now: OffsetDateTime) {
        self.services
            .iter()
            .for_each(|service| service.limits.sweep(now));
    }
}

/// Everything that is answered at [`PATH`]. It never fails.
pub(crate) fn endpoint(
    introspection: Arc<Introspection>,
    site: Arc<Site>,
) -> impl Endpoint<Output = Response> {
    let panicked = |_| OauthError::from(Fault::Internal).into_response();
    let routes = OpenApiService::new(IntrospectionApi, "", "")
        .into_endpoint()
        .data(introspection)
        .with(CatchPanic::new().with_handler(panicked));
    Intake { routes, site }.catch_all_error(async |error| error::render_error(error))
}

pub(crate) struct IntrospectionApi;

#[derive(ApiResponse)]
enum Introspected {
    /// What the token is good for. Whether it is good for anything, `active` says.
    #[oai(status = 200)]
    Ok(
        Json<Answer>,
        /// `no-store`: the next answer may be another.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Introspection")]
impl IntrospectionApi {
    /// Ask what a token is good for.
    ///
    /// For services that hold a token of one of their callers (RFC 7662): a session's token or an API key. Unlike a
    /// token's signature, the answer knows of a revocation from the moment it was answered. What is unknown, malformed,
    /// expired, revoked or of another dialect than the service's is `{"active": false}`, and so is a key with an address
    /// list when `ip` is absent or not on it. A key's last use is noted. Lookups that find nothing are limited to 60 a
    /// minute for each `ip` that a service tells of, and for all its callers together when it tells none.
    ///
    /// Services that are listed in `introspection.clients` may call, on the address of `internal.listen`.
    #[oai(
        path = "/oauth2/introspect",
        method = "post",
        operation_id = "introspectToken"
    )]
    async fn introspect(
        &self,
        introspection: Data<&Arc<Introspection>>,
        asking: Secured<Asking>,
        form: StrictForm,
    ) -> Result<Introspected, OauthError> {
        let StrictForm(asked) = form;
        let Secured(Asking(service)) = asking;
        let presented = service.presented(asked.token.as_bytes());
        let client = asked.ip()?.map_or(NOWHERE, ClientAddress::Known);
        let decision = admission::in_time(service.access.identify(presented, client)).await;
        let answer = Answer::of(decision.verdict, &introspection.issuer)?;
        Ok(Introspected::Ok(Json(answer), "no-store".to_owned()))
    }
}
