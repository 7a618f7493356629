//! How long requests take, by dialect, method, route and class of status. Every histogram is there
//! from the start, so that a request finds its own without a lock.

use std::{collections::BTreeMap, fmt, sync::Arc};

use countersign_core::profile::Profile;
use poem::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder},
    metrics::MetricType,
};

use super::{Answered, histogram::Histogram};
use crate::http::dialects;

/// The methods told apart; all others are the last one.
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other",
];
/// The classes of status codes.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// The route of paths that no route has.
const OTHER: &str = "other";

/// The latencies of all routes.
#[derive(Debug, Clone)]
pub(super) struct Latencies(Arc<Routes>);

#[derive(Debug)]
struct Routes {
    known: BTreeMap<String, Arc<Route>>,
    others: BTreeMap<Profile, Arc<Route>>,
}

/// The latencies of one route, by method and class.
#[derive(Debug)]
pub(crate) struct Route {
    profile: Profile,
    histograms: [[Histogram; CLASSES.len()]; METHODS.len()],
}

impl Latencies {
    /// Of these routes, and of all other paths as one.
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let known = |pattern: &str| {
            let route = Route::of(dialects::profile(pattern));
            (pattern.to_owned(), Arc::new(route))
        };
        let other = |profile| (profile, Arc::new(Route::of(profile)));
        Self(Arc::new(Routes {
            known: patterns.map(known).collect(),
            others: [Profile::Ocx, Profile::Aura].map(other).into(),
        }))
    }

    /// Those of the route with this pattern.
    pub(super) fn route(&self, pattern: &str) -> Arc<Route> {
        let other = || &self.0.others[&dialects::profile(pattern)];
        self.0.known.get(pattern).unwrap_or_else(other).clone()
    }

    /// Counts how long a request took.
    pub(super) fn observe(&self, answered: &Answered<'_>) {
        let other = || &*self.0.others[&answered.profile];
        let route = answered.route.unwrap_or_else(other);
        let (method, class) = (method(answered.method), class(answered.status));
        route.histograms[method][class].observe(answered.took);
    }
}

impl Route {
    fn of(profile: Profile) -> Self {
        Self {
            profile,
            histograms: Default::default(),
        }
    }

    fn encode(&self, pattern: &str, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        for (method, classes) in METHODS.iter().zip(&self.histograms) {
            for (class, histogram) in CLASSES.iter().zip(classes) {
                if histogram.is_empty() {
                    continue;
                }
                let labels = [
                    ("dialect", self.profile.as_str()),
                    ("method", method),
                    ("route", pattern),
                    ("status", class),
                ];
                histogram.encode(encoder.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

impl EncodeMetric for Latencies {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Routes { known, others } = &*self.0;
        for (pattern, route) in known {
            route.encode(pattern, &mut encoder)?;
        }
        for route in others.values() {
            route.encode(OTHER, &mut encoder)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

fn method(method: &Method) -> usize {
    let at = METHODS.iter().position(|name| *name == method.as_str());
    at.unwrap_or(METHODS.len() - 1)
}

fn class(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100 - 1).min(CLASSES.len() - 1)
}
