//! Requests through nginx, with and without `auth_request`, which asks Countersign about each.

use countersign_core::profile::Profile;
use countersign_tests::{
    Server,
    proxy::{Proxy, free_port, nginx_site},
};

use crate::{
    credentials::Credentials,
    measured::{self, Measured},
    plan::Plan,
    report::{Section, milliseconds, table},
    rounds::{Load, Sample, What},
    servers::{NO_LIMIT, USUAL_LOG, start},
    wrk::CONNECTIONS,
};

/// The address that the documented block asks from, and rules for the upstream.
const SETTINGS: &str = "server.trusted_proxies = [\"127.0.0.2\"]\n\n[[access.ocx]]\nmethods = [\"GET\"]\n\
     path = \"/**\"\nadmits = [\"session\", \"key:read\"]\n";
/// The line that has nginx ask.
const ASK: &str = "auth_request /_countersign;";

/// nginx before one upstream, and the server that it may ask.
struct Stack {
    upstream: Server,
    server: Server,
    credentials: Credentials,
}

impl Stack {
    async fn start(plan: &Plan) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("countersign.toml");
        std::fs::write(file, SETTINGS).expect("the directory is ours");
        let server = Server::start_on(directory, &[NO_LIMIT, USUAL_LOG]);
        Self {
            upstream: start("bare-server", &[]),
            credentials: Credentials::obtain(&server.client(), plan.accounts, 1).await,
            server,
        }
    }

    /// nginx by the documented block, with or without the line that has it ask.
    fn nginx(&self, asks: bool) -> Proxy {
        let (port, upstream) = (free_port(), self.upstream.authority());
        let site = nginx_site(port, self.server.authority(), upstream, Profile::Ocx);
        // Without it nginx opens a connection to the upstream for each request, which would be most of what is measured.
        let app = format!("server {upstream};");
        let site = put(&site, &app, &format!("{app} keepalive 16;"));
        let site = match asks {
            true => site,
            false => put(&site, ASK, ""),
        };
        Proxy::nginx_with(port, &site)
    }

    fn load(&self, name: &str, proxy: &Proxy, connections: usize) -> Load {
        Load {
            name: name.to_owned(),
            pids: vec![proxy.pid(), self.server.pid(), self.upstream.pid()],
            what: What::Requests {
                url: format!("http://127.0.0.1:{}/plain", proxy.port),
                headers: self.credentials.keys(),
                connections,
            },
        }
    }
}

fn put(site: &str, from: &str, to: &str) -> String {
    assert!(site.contains(from), "docs/forward-auth.md has no {from:?}");
    site.replacen(from, to, 1)
}

/// Measures requests over many connections, and over one.
pub(crate) async fn measure(plan: &Plan) -> Section {
    let stack = Stack::start(plan).await;
    let (silent, asking) = (stack.nginx(false), stack.nginx(true));
    let loads = [
        stack.load("nginx alone", &silent, CONNECTIONS),
        stack.load("nginx that asks", &asking, CONNECTIONS),
        stack.load("nginx alone, one client", &silent, 1),
        stack.load("nginx that asks, one client", &asking, 1),
    ];
    let measured = measured::measure(&loads, plan).await;
    let rows = measured.iter().map(row).chain([
        added("what asking adds", &measured[..2]),
        added("what asking adds, one client", &measured[2..]),
    ]);
    Section {
        aims: vec![],
        text: table(
            "API keys through nginx | a second | p50 | p99 | CPU of nginx | of Countersign | of the upstream",
            rows,
        ),
    }
}

fn row(load: &Measured) -> String {
    let Sample {
        rate,
        p50_us,
        p99_us,
        cpu_us_of,
        ..
    } = &load.sample;
    let rate = format!("{rate:.0}");
    cells(&load.name, &rate, [*p50_us, *p99_us], cpu_us_of)
}

/// The medians of the differences within a round.
fn added(name: &str, pair: &[Measured]) -> String {
    let (alone, asks) = (&pair[0], &pair[1]);
    let more = |value: &dyn Fn(&Sample) -> f64| asks.more_than(alone, value);
    let latencies = [more(&|sample| sample.p50_us), more(&|sample| sample.p99_us)];
    let cpu_us_of = [0, 1, 2].map(|at| more(&|sample| sample.cpu_us_of[at]));
    cells(name, "", latencies, &cpu_us_of)
}

fn cells(name: &str, rate: &str, latencies_us: [f64; 2], cpu_us_of: &[f64]) -> String {
    let [p50, p99] = latencies_us.map(milliseconds);
    let cpu: Vec<_> = cpu_us_of.iter().map(|cpu| format!("{cpu:.1} µs")).collect();
    format!("{name} | {rate} | {p50} | {p99} | {}", cpu.join(" | "))
}
