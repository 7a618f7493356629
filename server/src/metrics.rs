//! `/metrics`: what is counted, in the text format of Prometheus (OpenMetrics 1.0).
//!
//! No label holds what a request holds: every value is one of a list that is known at start, or the
//! name of a chain that the server serves. A request adds to atomics that it finds without a lock;
//! only a refusal looks for its counter in a shared table.

mod histogram;
mod latencies;
mod readings;

use std::{sync::Arc, time::Duration};

use countersign_core::profile::Profile;
use poem::{
    Response, RouteMethod,
    endpoint::make_sync,
    get,
    http::{Method, StatusCode, header::CONTENT_TYPE},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family},
    registry::{Registry, Unit},
};

use latencies::Latencies;
pub(crate) use latencies::Route;
pub(crate) use readings::Readings;

/// Where metrics are served.
pub(crate) const PATH: &str = "/metrics";
/// The media type of the text (OpenMetrics 1.0, "Text Format").
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Everything that can be asked for.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    latencies: Latencies,
    refusals: Family<Refusal, Counter>,
}

/// A request and its answer, as far as they are counted.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    /// The dialect of the answer.
    pub profile: Profile,
    /// The route that has the path, if one has.
    pub route: Option<&'a Route>,
    /// The method, which may be one that nothing here takes.
    pub method: &'a Method,
    /// The status.
    pub status: StatusCode,
    /// The code in the envelope of an error.
    pub code: Option<String>,
    /// How long the client waited for it.
    pub took: Duration,
}

/// What answers with the same code in the same dialect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    dialect: &'static str,
    code: String,
}

impl Metrics {
    /// Nothing has happened yet on these routes; everything else is read when somebody asks.
    pub(crate) fn new<'a>(patterns: impl Iterator<Item = &'a str>, readings: Readings) -> Self {
        let (latencies, refusals) = (Latencies::of(patterns), Family::default());
        let mut registry = Registry::with_prefix("countersign");
        registry.register_with_unit(
            "request_duration",
            "Time from the head of a request to its answer, by the route's pattern; other: no route has the path",
            Unit::Seconds,
            latencies.clone(),
        );
        registry.register(
            "refusals",
            "Requests answered with an error, by the code in its envelope",
            refusals.clone(),
        );
        registry.register_collector(Box::new(readings));
        Self {
            registry,
            latencies,
            refusals,
        }
    }

    /// Where requests to the route with this pattern are counted: as `other`, if it was not named at the start.
    pub(crate) fn route(&self, pattern: &str) -> Arc<Route> {
        self.latencies.route(pattern)
    }

    /// Counts a request that was answered.
    pub(crate) fn count(&self, answered: Answered<'_>) {
        self.latencies.observe(&answered);
        let is_error = answered.status.is_client_error() || answered.status.is_server_error();
        if let Some(code) = answered.code.filter(|_| is_error) {
            let dialect = answered.profile.as_str();
            self.refusals
                .get_or_create(&Refusal { dialect, code })
                .inc();
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a String takes every text");
        text
    }
}

/// Answers with all metrics as text.
pub(crate) fn endpoint(metrics: Arc<Metrics>) -> RouteMethod {
    get(make_sync(move |_| {
        Response::builder()
            .header(CONTENT_TYPE, TEXT)
            .body(metrics.text())
    }))
}
