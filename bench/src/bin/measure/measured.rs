//! What came of the rounds: medians, and ratios within a round.

use crate::{
    plan::Plan,
    rounds::{self, Load, Sample},
};

/// One load, over all rounds.
pub(crate) struct Measured {
    /// What was asked.
    pub name: String,
    /// Medians.
    pub sample: Sample,
    /// Each round by itself.
    pub rounds: Vec<Sample>,
}

impl Measured {
    /// The median of the multiples of another load, round by round.
    pub(crate) fn ratio_to(&self, other: &Self, value: fn(&Sample) -> f64) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(sample, other)| value(sample) / value(other)))
    }

    /// The median of what it has more than another load, round by round.
    pub(crate) fn more_than(&self, other: &Self, value: impl Fn(&Sample) -> f64) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(sample, other)| value(sample) - value(other)))
    }
}

/// Gives every load its turns.
pub(crate) async fn measure(loads: &[Load], plan: &Plan) -> Vec<Measured> {
    let samples = rounds::run(loads, plan).await;
    let summed_up = loads.iter().zip(samples);
    summed_up
        .map(|(load, rounds)| Measured {
            name: load.name.clone(),
            sample: sum_up(&rounds),
            rounds,
        })
        .collect()
}

/// The load of this name.
pub(crate) fn find<'a>(loads: &'a [Measured], name: &str) -> &'a Measured {
    let found = loads.iter().find(|measured| measured.name == name);
    found.unwrap_or_else(|| panic!("{name} is measured"))
}

fn sum_up(samples: &[Sample]) -> Sample {
    let median_of = |value: &dyn Fn(&Sample) -> f64| median(samples.iter().map(value));
    Sample {
        rate: median_of(&|sample| sample.rate),
        cpu_us: median_of(&|sample| sample.cpu_us),
        cpu_us_of: (0..samples[0].cpu_us_of.len())
            .map(|at| median_of(&|sample| sample.cpu_us_of[at]))
            .collect(),
        p50_us: median_of(&|sample| sample.p50_us),
        p99_us: median_of(&|sample| sample.p99_us),
    }
}

/// The one in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
