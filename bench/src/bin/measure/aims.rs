//! What is aimed at, and whether it was met.

use countersign_bench::plugin::{Place, Scheme};

use crate::{
    plugins::Plugins,
    routes::{BARE_OPERATION, BARE_ROUTE, BEARER, COOKIE, FORWARD_AUTH, KEY, Measured, SIGN_IN},
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

/// All aims.
pub(crate) fn aims(routes: &[Measured], serving: &Serving, plugins: &Plugins) -> Vec<Aim> {
    let of = |name| find(routes, name);
    let checks = [KEY, COOKIE, BEARER];
    let by_cpu = checks.map(|name| {
        ratio(
            format!("{name}: CPU"),
            Bound::AtMost(1.15),
            of(name).cpu_ratio,
        )
    });
    let by_rate = checks.map(|name| {
        ratio(
            format!("{name}: requests/s"),
            Bound::AtLeast(0.90),
            of(name).rate_ratio,
        )
    });
    let sign_in = aim(
        "whole sign-in: CPU",
        0.5,
        of(SIGN_IN).sample.cpu_us / 1000.0,
        "ms",
        3,
    );
    let load = format!(
        "resident after {} s with {} keys",
        serving.seconds, serving.keys
    );
    let memory = aim(&load, 40.0, serving.loaded_mib, "MiB", 1);
    let fresh = aim(
        "ready in an empty directory",
        1000.0,
        serving.fresh_start_ms,
        "ms",
        0,
    );
    let again = aim(
        "ready with these keys, after a kill",
        1000.0,
        serving.restart_ms,
        "ms",
        0,
    );
    let rest = [sign_in, memory, fresh, again];
    let of_plugins = of_plugins(plugins);
    by_cpu
        .into_iter()
        .chain(by_rate)
        .chain(of_forward_auth(routes))
        .chain(rest)
        .chain(of_plugins)
        .collect()
}

/// A decision against the same operation and a plain route, neither with anything of Countersign around it.
fn of_forward_auth(routes: &[Measured]) -> [Aim; 2] {
    let of = |name| find(routes, name);
    [
        Aim {
            unit: "of the bare operation",
            ..ratio(
                format!("{FORWARD_AUTH}: requests/s"),
                Bound::AtLeast(1.0),
                of(FORWARD_AUTH).ratio_to(of(BARE_OPERATION), |sample| sample.rate),
            )
        },
        Aim {
            unit: "of the plain route",
            ..ratio(
                format!("{FORWARD_AUTH}: CPU"),
                Bound::AtMost(1.1),
                of(FORWARD_AUTH).ratio_to(of(BARE_ROUTE), |sample| sample.cpu_us),
            )
        },
    ]
}

fn find<'a>(routes: &'a [Measured], name: &str) -> &'a Measured {
    let mut all = routes.iter();
    all.find(|measured| measured.name == name)
        .expect("every load is measured")
}

/// What a call costs more than the same check built in, where there is next to nothing to check; and reloads.
fn of_plugins(plugins: &Plugins) -> Vec<Aim> {
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
