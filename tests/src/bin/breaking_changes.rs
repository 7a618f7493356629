//! `breaking-changes OLD NEW`: prints what in the new document breaks clients of the old one, a line each, and
//! fails if there is any.

use std::{error::Error, io::Write, process::ExitCode};

use countersign_tests::breaking_changes;
use serde_json::Value;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [old, new] = &arguments[..] else {
        return Err("usage: breaking-changes OLD NEW, both OpenAPI documents in JSON".into());
    };
    let found = breaking_changes(&read(old)?, &read(new)?);
    let mut stdout = std::io::stdout().lock();
    for line in &found {
        writeln!(stdout, "{line}")?;
    }
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(path: &str) -> Result<Value, Box<dyn Error>> {
    let text = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{path}: {error}"))?)
}
