//! The plugins: whether each would be loaded, and whether the running server still asks it.

use countersign_plugin_host::{Grant, Isolation, LoadError, PluginSet, Policy};
use serde_json::Value;

use super::{finding::Finding, in_use::InUse};
use crate::{
    chains::reserved,
    cli::{block_on, plugin::child_program},
    control::{self, Order},
    settings::Settings,
};

const SUBJECT: &str = "plugins";

pub(super) fn check(settings: &Settings, in_use: &InUse) -> Vec<Finding> {
    let grants = &settings.plugins.plugins;
    if grants.is_empty() {
        return vec![Finding::ok(SUBJECT, "none")];
    }
    let loaded = grants.iter().map(|grant| try_to_load(settings, grant));
    loaded.chain(running(settings, in_use)).collect()
}

/// Loads it as the server does, but always into a process of its own.
fn try_to_load(settings: &Settings, grant: &Grant) -> Finding {
    let policy = Policy {
        child: Some(child_program()),
        plugins: vec![Grant {
            isolation: Isolation::Process,
            optional: false,
            ..grant.clone()
        }],
        ..settings.plugins.clone()
    };
    let loaded = block_on(PluginSet::load(&policy, &reserved(), &PluginSet::default()));
    let name = &grant.name;
    match loaded {
        Ok(Ok(set)) => {
            let reports = set.reports();
            let version = reports.first().and_then(|report| report.version.as_deref());
            let way = match grant.isolation {
                Isolation::Process => "in jailed processes",
                Isolation::InProcess => {
                    "in the server's own process, with all that the server may do"
                }
            };
            let found = format!(
                "{name} {}: loads and passes its own tests; {way}",
                version.unwrap_or_default()
            );
            Finding::ok(SUBJECT, found)
        }
        Ok(Err(LoadError { refusal, .. })) if grant.optional => {
            let found = format!("{name}: {refusal}; it is optional, its chains answer 503");
            Finding::warning(SUBJECT, found, refusal.fix())
        }
        Ok(Err(LoadError { refusal, .. })) => {
            Finding::problem(SUBJECT, format!("{name}: {refusal}"), refusal.fix())
        }
        Err(error) => Finding::problem(
            SUBJECT,
            format!("{name}: cannot be tried: {error}"),
            "look for a limit on threads or processes of this user (ulimit -u)",
        ),
    }
}

/// Those that the running server does not ask any more.
fn running(settings: &Settings, in_use: &InUse) -> Vec<Finding> {
    if !in_use.data_dir {
        return vec![];
    }
    let plugins = match control::ask(&settings.data_dir, Order::Plugins) {
        Ok(plugins) => plugins,
        Err(error) => {
            let cure = "run doctor as the server's user or as root";
            return vec![Finding::warning(SUBJECT, error, cure)];
        }
    };
    let plugins = plugins.as_array().map(Vec::as_slice).unwrap_or_default();
    plugins.iter().filter_map(put_aside).collect()
}

fn put_aside(plugin: &Value) -> Option<Finding> {
    let [name, state, reason] = ["name", "state", "reason"].map(|field| plugin[field].as_str());
    if state != Some("quarantined") {
        return None;
    }
    let (name, reason) = (name.unwrap_or_default(), reason.unwrap_or_default());
    let found = format!("{name}: the running server does not ask it any more: {reason}");
    let cure = "`countersign plugin reload` loads it again; check the library with `countersign plugin check` first";
    Some(Finding::problem(SUBJECT, found, cure))
}
