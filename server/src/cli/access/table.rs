//! `countersign access test`: a table of expectations, held against the rules.

use std::path::PathBuf;

use clap::Args;
use countersign_core::{profile::Profile, service::Held};

use super::{
    super::{Common, Outcome, print},
    profile,
    verdict::{Verdict, held},
};

/// A table to test.
#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// The table, a line for each expectation
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// What is expected of one request.
struct Expectation<'a> {
    profile: Profile,
    method: &'a str,
    path: &'a str,
    held: Held,
    status: u16,
}

pub(super) fn run(asked: &Test) -> Outcome {
    let settings = asked.common.settings()?;
    let shown = asked.file.display();
    let text = std::fs::read_to_string(&asked.file).map_err(|error| format!("{shown}: {error}"))?;
    let mut report = String::new();
    let (mut made, mut unmet) = (0, 0);
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let expected = read(line).map_err(|error| format!("{shown}, line {number}: {error}"))?;
        let Some(expected) = expected else { continue };
        let rules = settings.rules(expected.profile);
        let verdict = Verdict::of(
            (expected.profile, &rules),
            expected.method,
            expected.path,
            Ok(expected.held),
        );
        made += 1;
        if verdict.status != expected.status {
            unmet += 1;
            let (line, rule) = (line.trim(), verdict.rule_in_words());
            report += &format!("line {number}: {line}\n  got {}; {rule}\n", verdict.status);
        }
    }
    if made == 0 {
        return Err(format!("{shown}: expected at least one expectation").into());
    }
    if unmet > 0 {
        print(&report)?;
        return Err(format!("{unmet} of {made} expectations are not met").into());
    }
    print(&format!("all {made} expectations are met\n"))?;
    Ok(())
}

/// Reads a line; `None` where there is nothing but a comment.
fn read(line: &str) -> Result<Option<Expectation<'_>>, String> {
    // A path never has one.
    let line = line.split('#').next().unwrap_or_default();
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    let [dialect, method, path, holder, status] = words[..] else {
        return match words.len() {
            0 => Ok(None),
            _ => Err("expected dialect, method, path, what the caller holds, status".to_owned()),
        };
    };
    let profile = profile(dialect)?;
    let status = match status {
        "200" => 200,
        "400" => 400,
        "401" => 401,
        "403" => 403,
        _ => return Err("expected the status to be 200, 400, 401 or 403".to_owned()),
    };
    Ok(Some(Expectation {
        profile,
        method,
        path: path.split('?').next().unwrap_or_default(),
        held: held(profile, holder)?,
        status,
    }))
}
