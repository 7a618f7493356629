//! The configuration: read in full, even if parts of it are wrong.

use std::{os::unix::fs::PermissionsExt, path::Path};

use super::{
    super::Common,
    finding::{Finding, Report, quoted},
};
use crate::{
    config::{Config, Draft, Fault, NearMiss},
    settings::Settings,
};

const SUBJECT: &str = "configuration";

/// Reads what the other checks are about. What is wrong is reported, and its default looked at instead.
pub(super) fn check(common: &Common, report: &mut Report) -> (Config, Settings) {
    let mut draft = Draft::read(common.config.as_deref(), common.overrides());
    let (config, settings) = draft.settle();
    if draft.faults.is_empty() {
        let found = sources(&common.sources());
        report.extend([Finding::ok(SUBJECT, found)]);
    }
    report.extend(draft.faults.into_iter().map(fault));
    report.extend(draft.sources.iter().filter_map(|file| writable(file)));
    report.extend(NearMiss::all().into_iter().map(near_miss));
    (config, settings)
}

fn fault(fault: Fault) -> Finding {
    let source = fault.source.map(|source| format!("{source}: "));
    let rest = match fault.is_replaced {
        true => "; the checks below take the default instead",
        false => "",
    };
    let found = format!("{}{}{rest}", source.unwrap_or_default(), fault.text);
    Finding::problem(SUBJECT, found, fault.cure)
}

/// Where the settings come from. Whoever started this in another directory than the server sees it here.
fn sources(sources: &[String]) -> String {
    if sources.is_empty() {
        let here = std::env::current_dir().unwrap_or_default();
        return format!(
            "no countersign.toml in {}, no variable, no flag: every setting has its default",
            here.display()
        );
    }
    format!("read from {}; all of it is valid", sources.join(", "))
}

/// Who can write to the configuration decides whom the server believes.
fn writable(file: &str) -> Option<Finding> {
    let path = Path::new(file);
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o022 != 0).then(|| {
        Finding::warning(
            SUBJECT,
            format!("{file} can be written to by other users of this machine"),
            format!("chmod go-w {}", quoted(path)),
        )
    })
}

fn near_miss(NearMiss { written, meant }: NearMiss) -> Finding {
    Finding::warning(
        SUBJECT,
        format!(
            "the variable {written} is not read; names of variables begin with COUNTERSIGN__ and have two underscores between section and key"
        ),
        format!("call it {meant}, or unset it"),
    )
}
