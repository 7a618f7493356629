//! The tables.

use crate::{
    aims::{Aim, Bound, aims},
    parts::Part,
    plugins::{Call, Plugins},
    routes::Measured,
    serving::Serving,
};

/// The tables of `docs/performance.md`.
pub(crate) fn write(
    routes: &[Measured],
    serving: &Serving,
    plugins: &Plugins,
    parts: &[Part],
) -> String {
    let aims = aims(routes, serving, plugins);
    let mut report = table("aim | at most / least | measured | ", aims.iter().map(aim));
    report += "\n";
    report += &table(
        "load | CPU | of the yardstick's | a second | of the yardstick's | p50 | p99",
        routes.iter().map(route),
    );
    report += &format!(
        "\nIdle, before the first request, the server has {:.1} MiB resident.\n",
        serving.idle_mib
    );
    report += "\n";
    report += &table(
        "a check, and where | CPU | more than built in",
        plugins.calls.iter().map(call),
    );
    report += &format!(
        "\nA reload under load, with another library each time, took {:.0} ms.\n",
        plugins.reloads.took_ms
    );
    if !parts.is_empty() {
        report += "\n";
        report += &table("part | time", parts.iter().map(part));
    }
    report
}

fn table(columns: &str, rows: impl Iterator<Item = String>) -> String {
    let rule = "|---".repeat(columns.split('|').count());
    let rows: String = rows.map(|row| format!("| {row} |\n")).collect();
    format!("| {columns} |\n{rule}|\n{rows}")
}

fn aim(aim: &Aim) -> String {
    let (what, measured, unit, digits) = (&aim.what, aim.measured, aim.unit, aim.digits);
    let (sign, bound) = match aim.bound {
        Bound::AtMost(bound) => ("≤", bound),
        Bound::AtLeast(bound) => ("≥", bound),
    };
    let verdict = aim.verdict();
    format!("{what} | {sign} {bound:.digits$} {unit} | {measured:.digits$} | {verdict}")
}

fn route(measured: &Measured) -> String {
    let Measured {
        name,
        sample,
        rate_ratio,
        cpu_ratio,
        ..
    } = measured;
    format!(
        "{name} | {:.1} µs | {cpu_ratio:.2} | {:.0} | {rate_ratio:.2} | {:.2} ms | {:.2} ms",
        sample.cpu_us,
        sample.rate,
        sample.p50_us / 1000.0,
        sample.p99_us / 1000.0,
    )
}

fn call(call: &Call) -> String {
    format!(
        "{} | {:.2} µs | {:.2} µs",
        call.name, call.cpu_us, call.more_us
    )
}

fn part(part: &Part) -> String {
    format!("{} | {:.2} µs", part.name, part.nanoseconds / 1000.0)
}
