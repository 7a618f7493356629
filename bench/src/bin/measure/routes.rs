//! The routes of one server against a yardstick in the same process.

use std::path::PathBuf;

use countersign_tests::{Client, Server};

use crate::{
    NO_LIMIT, USUAL_LOG,
    credentials::Credentials,
    plan::{CREDENTIALS_EACH, Plan},
    rounds::{self, Load, Sample, What},
    sign_ins::Who,
    wrk::CONNECTIONS,
};

/// What all others are compared with.
pub(crate) const YARDSTICK: &str = "yardstick: no credential, rule or limit";
pub(crate) const KEY: &str = "API key in `x-api-key`";
pub(crate) const COOKIE: &str = "session in the cookie";
pub(crate) const BEARER: &str = "session as bearer JWT";
pub(crate) const SIGN_IN: &str = "whole sign-in";
pub(crate) const FORWARD_AUTH: &str = "forward-auth of an API key";
pub(crate) const BARE_OPERATION: &str = "the yardstick's operation without Countersign";
pub(crate) const BARE_ROUTE: &str = "a plain route without Countersign";

/// One load, over all rounds.
pub(crate) struct Measured {
    /// What was asked.
    pub name: &'static str,
    /// Medians.
    pub sample: Sample,
    /// The median of its multiples of the yardstick.
    pub rate_ratio: f64,
    /// The same.
    pub cpu_ratio: f64,
    /// Each round by itself.
    pub rounds: Vec<Sample>,
}

impl Measured {
    /// The median of the multiples of another load, round by round.
    pub(crate) fn ratio_to(&self, other: &Self, value: fn(&Sample) -> f64) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(sample, other)| value(sample) / value(other)))
    }
}

/// Measures every load.
pub(crate) async fn measure(plan: &Plan) -> Vec<Measured> {
    let server = start("bench-server", &[]);
    let bare = start("bare-server", &[]);
    let asked = start("bench-server", &[PROXIES]);
    eprintln!("making credentials");
    let credentials = Credentials::obtain(&server.client(), plan.accounts, CREDENTIALS_EACH).await;
    let of_asked = Credentials::obtain(&asked.client(), plan.accounts, 1).await;
    eprintln!("{} keys, and as many sessions", credentials.count());
    let loads: Vec<_> = requests(&server, &bare, &credentials)
        .into_iter()
        .chain([
            load(BARE_ROUTE, &bare, "/plain", credentials.nothing()),
            load(
                FORWARD_AUTH,
                &asked,
                "/authz/ocx/forward-auth",
                of_asked.asked_about(),
            ),
        ])
        .chain(sign_ins(&server))
        .collect();
    let samples = rounds::run(&loads, plan).await;
    let summed_up = loads.iter().zip(&samples);
    summed_up
        .map(|(load, samples_of_it)| sum_up(load.name, samples_of_it, &samples[0]))
        .collect()
}

/// A program that was built beside this one.
fn start(name: &str, more: &[(&str, &str)]) -> Server {
    let this = std::env::current_exe().expect("a program knows its own path");
    let environment = [&[NO_LIMIT, USUAL_LOG], more].concat();
    Server::start_program(&this.with_file_name(name), &environment)
}

/// Proxies of this machine may ask about requests.
const PROXIES: (&str, &str) = ("COUNTERSIGN__SERVER__TRUSTED_PROXIES", "127.0.0.1");

fn load(name: &'static str, server: &Server, path: &str, headers: PathBuf) -> Load {
    Load {
        name,
        pid: server.pid(),
        what: What::Requests {
            url: format!("{}{path}", server.url()),
            headers,
        },
    }
}

/// The yardstick comes first.
fn requests(server: &Server, bare: &Server, credentials: &Credentials) -> Vec<Load> {
    let nothing = credentials.nothing();
    vec![
        load(YARDSTICK, server, "/yardstick/item", nothing.clone()),
        load(
            "yardstick, sent session cookies",
            server,
            "/yardstick/item",
            credentials.cookies(),
        ),
        load(KEY, server, "/guarded/item", credentials.keys()),
        load(COOKIE, server, "/guarded/item", credentials.cookies()),
        load(BEARER, server, "/guarded/item", credentials.bearers()),
        load(
            "nobody, with Aura's limit",
            server,
            "/v1/limited/item",
            nothing.clone(),
        ),
        load(
            "`GET /auth/me` as bearer",
            server,
            "/auth/me",
            credentials.bearers(),
        ),
        load(BARE_OPERATION, bare, "/bare/item", nothing),
    ]
}

fn sign_ins(server: &Server) -> Vec<Load> {
    let load = |name, who: &Who, clients| Load {
        name,
        pid: server.pid(),
        what: What::SignIns {
            client: Client::new(server.url().to_owned()),
            who: who.clone(),
            clients,
        },
    };
    let known = Who::known();
    vec![
        load(SIGN_IN, &known, CONNECTIONS),
        load("whole sign-in of a new wallet", &Who::New, CONNECTIONS),
        load("whole sign-in, one client alone", &known, 1),
    ]
}

fn sum_up(name: &'static str, samples: &[Sample], yardstick: &[Sample]) -> Measured {
    let median_of = |value: fn(&Sample) -> f64| median(samples.iter().map(value));
    let ratio_of = |value: fn(&Sample) -> f64| {
        let pairs = samples.iter().zip(yardstick);
        median(pairs.map(|(sample, yardstick)| value(sample) / value(yardstick)))
    };
    Measured {
        name,
        sample: Sample {
            rate: median_of(|sample| sample.rate),
            cpu_us: median_of(|sample| sample.cpu_us),
            p50_us: median_of(|sample| sample.p50_us),
            p99_us: median_of(|sample| sample.p99_us),
        },
        rate_ratio: ratio_of(|sample| sample.rate),
        cpu_ratio: ratio_of(|sample| sample.cpu_us),
        rounds: samples.to_vec(),
    }
}

/// The one in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
