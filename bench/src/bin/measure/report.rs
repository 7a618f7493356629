//! The tables.

use crate::{
    aims::{Aim, Bound},
    measured::Measured,
};

/// A part of the report.
pub(crate) struct Section {
    /// What was aimed at.
    pub aims: Vec<Aim>,
    /// Its tables; empty if it has none.
    pub text: String,
}

/// The aims of all sections, and then their tables.
pub(crate) fn write(sections: &[Section]) -> String {
    let aims: Vec<_> = sections.iter().flat_map(|section| &section.aims).collect();
    let mut parts: Vec<_> = sections
        .iter()
        .map(|section| section.text.clone())
        .collect();
    if !aims.is_empty() {
        let rows = aims.into_iter().map(aim);
        parts.insert(0, table("aim | at most / least | measured | ", rows));
    }
    parts.retain(|text| !text.is_empty());
    parts.join("\n")
}

/// A table of these columns.
pub(crate) fn table(columns: &str, rows: impl Iterator<Item = String>) -> String {
    let rule = "|---".repeat(columns.split('|').count());
    let rows: String = rows.map(|row| format!("| {row} |\n")).collect();
    format!("| {columns} |\n{rule}|\n{rows}")
}

/// A table of loads that are compared with the first one.
pub(crate) fn loads_table(head: &str, first: &str, loads: &[Measured]) -> String {
    let columns = format!("{head} | CPU | of {first} | a second | of {first} | p50 | p99");
    let row = |load: &Measured| {
        let sample = &load.sample;
        format!(
            "{} | {:.1} µs | {:.2} | {:.0} | {:.2} | {} | {}",
            load.name,
            sample.cpu_us,
            load.ratio_to(&loads[0], |sample| sample.cpu_us),
            sample.rate,
            load.ratio_to(&loads[0], |sample| sample.rate),
            milliseconds(sample.p50_us),
            milliseconds(sample.p99_us),
        )
    };
    table(&columns, loads.iter().map(row))
}

/// With the unit.
pub(crate) fn milliseconds(microseconds: f64) -> String {
    format!("{:.2} ms", microseconds / 1000.0)
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
