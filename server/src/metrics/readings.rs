//! What is read when somebody asks: the counts and levels that the parts of the server keep themselves.

use std::{fmt, sync::Arc};

use countersign_core::{
    ChainRegistry,
    freshness::Freshness,
    service::{CredentialKind, Credentials, Finding, Limit, Limits, Source},
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};

use crate::{
    connections::Connections, fleet::Pulse, http::client::Proxies, introspection::Introspection,
    shared_permits::Redis, store::Database,
};

/// The parts that keep counts.
pub(crate) struct Readings {
    /// Challenges that wait, and the writer's queue.
    pub store: Arc<dyn Database>,
    /// What is heard of other servers on the same database, where there may be any.
    pub pulse: Option<Arc<Pulse>>,
    /// What was issued, checked and revoked.
    pub credentials: Arc<Credentials>,
    /// Whom limits held back.
    pub limits: Arc<Limits>,
    /// Whose callers limits held back, too.
    pub introspection: Arc<Introspection>,
    /// Where servers share what they count, if they do.
    pub redis: Option<Arc<Redis>>,
    /// Whose word on addresses was not believed.
    pub proxies: Arc<Proxies>,
    /// What is open.
    pub connections: Connections,
    /// Which can be asked.
    pub chains: Arc<ChainRegistry>,
}

impl Collector for Readings {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.encode_issued(&mut page)?;
        self.encode_checks(&mut page)?;
        self.encode_limits(&mut page)?;
        self.encode_levels(&mut page)?;
        if let Some(pulse) = &self.pulse {
            encode_fleet(pulse, &mut page)?;
        }
        page.0
            .encode_descriptor(
                "build_info",
                "The server's version.",
                None,
                MetricType::Gauge,
            )?
            .encode_family(&[("version", env!("CARGO_PKG_VERSION"))])
            .and_then(|line| ConstGauge::new(1).encode(line))
    }
}

impl Readings {
    fn encode_issued(&self, page: &mut Page<'_>) -> fmt::Result {
        let tally = self.credentials.tally();
        let issued = tally.issued();
        let of_kind = |wanted| {
            let issued = issued
                .iter()
                .filter(move |((_, kind, _), _)| *kind == wanted);
            issued.map(|((profile, _, namespace), count)| {
                let labels = [("dialect", profile.as_str()), ("chain", namespace.as_str())];
                (labels, *count)
            })
        };
        page.counters(
            "sign_ins",
            "Sign-ins that gave a session, by the namespace of the wallet's chain.",
            of_kind(CredentialKind::Session),
        )?;
        page.counters(
            "api_keys_minted",
            "API keys minted, by the namespace of the owner's chain.",
            of_kind(CredentialKind::ApiKey),
        )?;
        let revoked = tally.revoked();
        let revoked = revoked.iter().map(|((profile, kind), count)| {
            let labels = [("dialect", profile.as_str()), ("kind", kind_name(*kind))];
            (labels, *count)
        });
        page.counters(
            "credentials_revoked",
            "Live credentials revoked, logging out included.",
            revoked,
        )
    }

    fn encode_checks(&self, page: &mut Page<'_>) -> fmt::Result {
        let tally = self.credentials.tally();
        let of_source = |source| {
            Finding::ALL.map(|finding| {
                let labels = [("result", result(finding)), ("source", source_name(source))];
                (labels, tally.checks(source, finding))
            })
        };
        let checks = Source::ALL.into_iter().flat_map(of_source);
        page.counters(
            "credential_checks",
            "Checks of a credential that a request presented, by what was asked; none: its form was enough, or it was held back.",
            checks.filter(|(_, count)| *count > 0),
        )
    }

    fn encode_limits(&self, page: &mut Page<'_>) -> fmt::Result {
        let hits = Limit::ALL.map(|limit| ([("limit", limit_name(limit))], self.hits(limit)));
        page.counters(
            "limits_hit",
            "Requests that a limit held back, by the limit.",
            hits,
        )?;
        if let Some(redis) = &self.redis {
            page.counter(
                "rate_limit_fallbacks",
                "Requests that this server counted by itself, because Redis was away.",
                redis.counted_alone(),
            )?;
            page.gauge(
                "rate_limit_store_available",
                "1 while rate limits are shared in Redis; 0 while it is away and this server counts by itself.",
                u64::from(redis.is_available()),
            )?;
        }
        page.counter(
            "forwarding_headers_ignored",
            "Requests whose forwarding headers were ignored, because their peer is not in server.trusted_proxies.",
            self.proxies.disputed(),
        )
    }

    /// Those of services' callers are held back by the same limit.
    fn hits(&self, limit: Limit) -> u64 {
        let of_services = match limit {
            Limit::FailedLookups => self.introspection.lookups_held_back(),
            Limit::SignIn | Limit::Orders | Limit::Anonymous | Limit::Key => 0,
        };
        self.limits.hits(limit) + of_services
    }

    fn encode_levels(&self, page: &mut Page<'_>) -> fmt::Result {
        page.gauge(
            "credentials_remembered",
            "Credentials in memory that were good not long ago.",
            self.credentials.remembered_count() as u64,
        )?;
        page.gauge(
            "challenges_waiting",
            "Challenges that wait for a signature; sign_in.max_challenges is the most.",
            self.store.waiting_challenges(),
        )?;
        page.gauge(
            "writer_queue_length",
            "Changes that wait for their commit to the database.",
            self.store.queued_writes() as u64,
        )?;
        page.gauge(
            "open_connections",
            "Connections of clients that are open.",
            self.connections.open() as u64,
        )?;
        let mut chains = page.0.encode_descriptor(
            "chain_available",
            "1 while a chain's wallets can sign in; 0 while its plugin is missing or was put aside.",
            None,
            MetricType::Gauge,
        )?;
        self.chains.list().iter().try_for_each(|chain| {
            let labels = [("chain", chain.info().namespace.as_str())];
            let line = chains.encode_family(&labels)?;
            ConstGauge::new(u64::from(chain.is_available())).encode(line)
        })
    }
}

fn encode_fleet(pulse: &Pulse, page: &mut Page<'_>) -> fmt::Result {
    page.gauge(
        "fleet_lease_valid",
        "1 while revocations by other servers are provably heard; 0: every check asks the database.",
        u64::from(pulse.is_proven()),
    )?;
    page.gauge(
        "fleet_signing_keys_shared",
        "1 while this server has the key by which the others sign.",
        u64::from(pulse.shares_keys()),
    )?;
    let delay = page.0.encode_descriptor(
        "fleet_beat_delay",
        "How long it took to hear this server's own last beat; a revocation takes no longer.",
        Some(&Unit::Seconds),
        MetricType::Gauge,
    )?;
    ConstGauge::new(pulse.last_delay().as_secs_f64()).encode(delay)?;
    let [beats, revocations, breaks] = pulse.counts();
    page.counter(
        "fleet_beats_heard",
        "This server's own beats that it heard.",
        beats,
    )?;
    page.counter(
        "fleet_revocations_heard",
        "Revocations that were heard of, this server's own included.",
        revocations,
    )?;
    page.counter(
        "fleet_stream_breaks",
        "How often the connection that listens broke off.",
        breaks,
    )
}

/// Collectors must show themselves; what was read is no part of that.
impl fmt::Debug for Readings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readings").finish_non_exhaustive()
    }
}

/// Where metrics are written to, one after the other.
struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    /// One line for each set of labels.
    fn counters<'a, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        lines: impl IntoIterator<Item = ([(&'a str, &'a str); N], u64)>,
    ) -> fmt::Result {
        let mut metric = self
            .0
            .encode_descriptor(name, help, None, MetricType::Counter)?;
        lines.into_iter().try_for_each(|(labels, count)| {
            let line = metric.encode_family(&labels)?;
            ConstCounter::new(count).encode(line)
        })
    }

    fn counter(&mut self, name: &str, help: &str, count: u64) -> fmt::Result {
        let metric = self
            .0
            .encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(count).encode(metric)
    }

    fn gauge(&mut self, name: &str, help: &str, level: u64) -> fmt::Result {
        let metric = self
            .0
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(level).encode(metric)
    }
}

fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Session => "session",
        CredentialKind::ApiKey => "api_key",
    }
}

fn result(finding: Finding) -> &'static str {
    match finding {
        Finding::Good => "good",
        Finding::Invalid => "invalid",
        Finding::Expired => "expired",
        Finding::Revoked => "revoked",
        Finding::Unavailable => "unavailable",
        Finding::HeldBack => "held_back",
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Nothing => "none",
        Source::Memory => "memory",
        Source::Store => "database",
    }
}

fn limit_name(limit: Limit) -> &'static str {
    match limit {
        Limit::SignIn => "sign_in",
        Limit::FailedLookups => "failed_lookups",
        Limit::Orders => "orders",
        Limit::Anonymous => "anonymous",
        Limit::Key => "keys",
    }
}
