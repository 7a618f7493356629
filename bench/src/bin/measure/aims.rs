//! What is aimed at, and whether it was met.

use countersign_bench::plugin::{Place, Scheme};

use crate::{
    databases,
    fleet::Revocations,
    many_keys,
    measured::{Measured, find},
    plan::Plan,
    plugins::Plugins,
    rounds::Sample,
    routes::{
        BARE_OPERATION, BARE_ROUTE, BARE_ROUTE_ASKED, BEARER, COOKIE, FORWARD_AUTH, KEY, SIGN_IN,
        YARDSTICK,
    },
    servers::Kind,
    serving::Serving,
};

/// A number with its bound.
pub(crate) struct Aim {
    /// What is measured.
    pub what: String,
    /// The bound.
    pub bound: Bound,
    /// What was measured.
    pub measured: f64,
    /// What the numbers count.
    pub unit: &'static str,
    /// Digits behind the point.
    pub digits: usize,
}

/// On which side of a number the measured one must be.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Aim {
    /// `met`, or by how much it was missed.
    pub(crate) fn verdict(&self) -> String {
        let (bound, is_met) = match self.bound {
            Bound::AtMost(bound) => (bound, self.measured <= bound),
            Bound::AtLeast(bound) => (bound, self.measured >= bound),
        };
        if is_met {
            return "met".to_owned();
        }
        if bound == 0.0 {
            return format!("**missed by {:.0}**", self.measured);
        }
        let percent = (self.measured - bound).abs() / bound * 100.0;
        format!("**missed by {percent:.0} %**")
    }
}

/// Of checks from memory, a decision for a proxy, and a sign-in.
pub(crate) fn of_routes(routes: &[Measured]) -> Vec<Aim> {
    let yardstick = find(routes, YARDSTICK);
    let checks = [KEY, COOKIE, BEARER].map(|name| (name, find(routes, name)));
    let by_cpu = checks.map(|(name, check)| {
        let measured = check.ratio_to(yardstick, |sample| sample.cpu_us);
        ratio(format!("{name}: CPU"), Bound::AtMost(1.15), measured)
    });
    let by_rate = checks.map(|(name, check)| {
        let measured = check.ratio_to(yardstick, |sample| sample.rate);
        ratio(
            format!("{name}: requests/s"),
            Bound::AtLeast(0.90),
            measured,
        )
    });
    let sign_in = find(routes, SIGN_IN).sample.cpu_us / 1000.0;
    let sign_in = aim("whole sign-in: CPU", 0.5, sign_in, "ms", 3);
    let all = by_cpu.into_iter().chain(by_rate);
    all.chain(of_forward_auth(routes))
        .chain([sign_in])
        .collect()
}

/// Of the server's memory and starts.
pub(crate) fn of_serving(serving: &Serving) -> Vec<Aim> {
    let load = format!(
        "resident after {} s with {} keys",
        serving.seconds, serving.keys
    );
    vec![
        aim(&load, 60.0, serving.loaded_mib, "MiB", 1),
        aim(
            "ready in an empty directory",
            1000.0,
            serving.fresh_start_ms,
            "ms",
            0,
        ),
        aim(
            "ready with these keys, after a kill",
            1000.0,
            serving.restart_ms,
            "ms",
            0,
        ),
    ]
}

/// Of the same on Postgres as on SQLite, and of what neither has in memory.
pub(crate) fn of_databases(loads: &[Measured]) -> Vec<Aim> {
    let of = |load, kind| find(loads, &databases::named(load, kind));
    let cpu = |sample: &Sample| sample.cpu_us;
    let from_memory = [databases::KEY, databases::SESSION].map(|load| Aim {
        unit: "of SQLite's",
        ..ratio(
            format!("{}: CPU", databases::named(load, Kind::Postgres)),
            Bound::AtMost(1.03),
            of(load, Kind::Postgres).ratio_to(of(load, Kind::Sqlite), cpu),
        )
    });
    let yardstick = find(loads, YARDSTICK);
    let others = [
        (databases::COLD, Kind::Sqlite, 0.18),
        (databases::COLD, Kind::Postgres, 0.18),
        (databases::SIGN_IN, Kind::Sqlite, 0.05),
        (databases::SIGN_IN, Kind::Postgres, 0.03),
    ];
    let others = others.map(|(load, kind, at_least)| Aim {
        unit: "of it",
        ..ratio(
            format!("{}: the yardstick's CPU", databases::named(load, kind)),
            Bound::AtLeast(at_least),
            yardstick.ratio_to(of(load, kind), cpu),
        )
    });
    from_memory.into_iter().chain(others).collect()
}

/// Of the same requests on the largest database as on the smallest.
pub(crate) fn of_many_keys(loads: &[Measured], plan: &Plan) -> Vec<Aim> {
    let [few, .., many] = plan.keys;
    let of = |keys, kind| find(loads, &many_keys::named(keys, kind));
    let aims = Kind::ALL.map(|kind| Aim {
        unit: "of the least keys'",
        ..ratio(
            format!("{}: CPU", many_keys::named(many, kind)),
            Bound::AtMost(1.03),
            of(many, kind).ratio_to(of(few, kind), |sample| sample.cpu_us),
        )
    });
    aims.into()
}

/// Of a revocation on another server.
pub(crate) fn of_fleet(revocations: &Revocations) -> Vec<Aim> {
    let of = |percentile, at_most, microseconds: f64| {
        let what = format!("a key revoked on another server is refused: {percentile}");
        aim(&what, at_most, microseconds / 1000.0, "ms", 1)
    };
    vec![
        of("p50", 5.0, revocations.p50_us),
        of("p99", 50.0, revocations.p99_us),
    ]
}

/// A decision against the same operation and a plain route, neither with anything of Countersign around it.
fn of_forward_auth(routes: &[Measured]) -> [Aim; 3] {
    let of = |name| find(routes, name);
    let cpu = |plain, unit| Aim {
        unit,
        ..ratio(
            format!("{FORWARD_AUTH}: CPU"),
            Bound::AtMost(1.1),
            of(FORWARD_AUTH).ratio_to(of(plain), |sample| sample.cpu_us),
        )
    };
    [
        Aim {
            unit: "of the bare operation",
            ..ratio(
                format!("{FORWARD_AUTH}: requests/s"),
                Bound::AtLeast(1.0),
                of(FORWARD_AUTH).ratio_to(of(BARE_OPERATION), |sample| sample.rate),
            )
        },
        cpu(BARE_ROUTE_ASKED, "of the plain route, sent the same"),
        cpu(BARE_ROUTE, "of the plain route, sent nothing"),
    ]
}

/// What a call costs more than the same check built in, where there is next to nothing to check; and reloads.
pub(crate) fn of_plugins(plugins: &Plugins) -> Vec<Aim> {
    let of = |place, at_most, digits| {
        let calls = plugins.calls.iter();
        let calls = calls.filter(move |call| (call.scheme, call.place) == (Scheme::Nothing, place));
        calls.map(move |call| {
            let at_once = match call.callers {
                1 => String::new(),
                many => format!(", {many} at once"),
            };
            let what = format!(
                "a plugin's call: CPU more than built in, {}{at_once}",
                place.name()
            );
            aim(&what, at_most, call.more_us, "µs", digits)
        })
    };
    let reloads = &plugins.reloads;
    let failed = format!(
        "failed sign-ins of {} during {} reloads",
        reloads.sign_ins, reloads.count
    );
    let failed = aim(&failed, 0.0, reloads.failed as f64, "", 0);
    of(Place::InProcess, 0.2, 2)
        .chain(of(Place::Child, 20.0, 1))
        .chain([failed])
        .collect()
}

fn ratio(what: String, bound: Bound, measured: f64) -> Aim {
    Aim {
        what,
        bound,
        measured,
        unit: "of the yardstick",
        digits: 2,
    }
}

fn aim(what: &str, at_most: f64, measured: f64, unit: &'static str, digits: usize) -> Aim {
    Aim {
        what: what.to_owned(),
        bound: Bound::AtMost(at_most),
        measured,
        unit,
        digits,
    }
}
