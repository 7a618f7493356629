//! What `/metrics` says, with the questions tests ask of it.

use std::collections::BTreeMap;

use crate::Answer;

/// All metrics of a server at one time.
#[derive(Debug)]
pub struct Metrics {
    lines: Vec<Line>,
}

/// One sample.
#[derive(Debug)]
pub struct Line {
    /// The name without its prefix, such as `sign_ins_total`.
    pub name: String,
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
}

const PREFIX: &str = "countersign_";

impl Metrics {
    /// Reads the answer of `/metrics`, every line of which must be well-formed.
    pub fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        assert_eq!(answer.header("content-type"), kind);
        Self::parse(&answer.text)
    }

    /// Reads the text.
    pub fn parse(text: &str) -> Self {
        let samples = text.strip_suffix("# EOF\n").expect("the end is marked");
        let samples = samples.lines().filter(|line| !line.starts_with("# "));
        Self {
            lines: samples.map(Line::parse).collect(),
        }
    }

    /// All samples.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The sum of all samples of this name that have all of these labels, given as `key=value` with a
    /// space between.
    pub fn value(&self, name: &str, labels: &str) -> f64 {
        let wanted = || labels.split(' ').filter_map(|label| label.split_once('='));
        let has = |line: &Line, (key, value): (&str, &str)| {
            line.labels.get(key).is_some_and(|found| found == value)
        };
        let lines = self.lines.iter();
        let found =
            lines.filter(|line| line.name == name && wanted().all(|label| has(line, label)));
        found.map(|line| line.value).sum()
    }
}

impl Line {
    /// `countersign_name{key="value",...} number`
    fn parse(line: &str) -> Self {
        let (sample, value) = line.rsplit_once(' ').expect("a value");
        let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
        let labels = labels.strip_suffix('}').expect("labels end with a brace");
        let label = |label: &str| {
            let (key, value) = label.split_once("=\"").expect("a key");
            let value = value.strip_suffix('"').expect("a value ends with a quote");
            (key.to_owned(), value.to_owned())
        };
        let labels = labels.split(',').filter(|text| !text.is_empty());
        Self {
            name: name.strip_prefix(PREFIX).expect("the prefix").to_owned(),
            labels: labels.map(label).collect(),
            value: value.parse().expect("a number"),
        }
    }
}
