//! The results that criterion has left in files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::report::{Section, table};

/// A benchmark of a part.
struct Part {
    /// What was measured.
    name: String,
    /// Nanoseconds, the median.
    nanoseconds: f64,
}

/// All results below `CRITERION_HOME`, sorted by name; none without it.
pub(crate) fn read() -> Section {
    let home = std::env::var_os("CRITERION_HOME").map(PathBuf::from);
    let mut parts = vec![];
    if let Some(home) = home {
        collect(&home, &mut parts);
    }
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let row = |part: &Part| format!("{} | {:.2} µs", part.name, part.nanoseconds / 1000.0);
    Section {
        aims: vec![],
        text: match parts.is_empty() {
            true => String::new(),
            false => table("part | time", parts.iter().map(row)),
        },
    }
}

/// Criterion writes a folder `new` for each benchmark's last run.
fn collect(directory: &Path, parts: &mut Vec<Part>) {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        match part(&path) {
            Some(part) if path.ends_with("new") => parts.push(part),
            _ => collect(&path, parts),
        }
    }
}

fn part(directory: &Path) -> Option<Part> {
    let json = |name| {
        let text = fs::read_to_string(directory.join(name)).ok()?;
        serde_json::from_str::<Value>(&text).ok()
    };
    Some(Part {
        name: json("benchmark.json")?["full_id"].as_str()?.to_owned(),
        nanoseconds: json("estimates.json")?["median"]["point_estimate"].as_f64()?,
    })
}
