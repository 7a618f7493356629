//! The plugins of a configuration, as meant.

use std::time::Duration;

use countersign_core::chain::{ChainId, Namespace};
use countersign_plugin_abi::MAX_CONFIG_LEN;
use countersign_plugin_host::{Grant, Isolation, LAYERS, Policy, is_plugin_name};

use super::{InvalidSetting, invalid};
use crate::config::{self, Plugin, Plugins};

const SETTING: &str = "plugins.load";
const MAX_DEADLINE_MS: u32 = 60_000;
const MAX_PROCESSES: u32 = 64;

/// What the operator permits. Which program runs processes of their own is not for configuration to say.
pub(super) fn policy(config: &Plugins) -> Result<Policy, InvalidSetting> {
    let names: Vec<_> = config.load.iter().map(|plugin| &plugin.name).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return Err(invalid(SETTING, name, "expected each name once"));
        }
    }
    Ok(Policy {
        directory: config.dir.clone(),
        child: None,
        plugins: config.load.iter().map(grant).collect::<Result<_, _>>()?,
    })
}

fn grant(plugin: &Plugin) -> Result<Grant, InvalidSetting> {
    let refuse = |expected: String| invalid(SETTING, &plugin.name, expected);
    let field = |name: &str, expected: String| refuse(format!("its {name} to be {expected}"));
    if !is_plugin_name(&plugin.name) {
        return Err(refuse("a name of 3 to 32 of a-z, 0-9 and -".to_owned()));
    }
    let sha256 = pin(&plugin.sha256);
    let sha256 = sha256.ok_or_else(|| field("sha256", "64 hex digits".to_owned()))?;
    let namespaces = plugin.namespaces.iter().map(|name| Namespace::new(name));
    let namespaces: Vec<_> = namespaces
        .collect::<Result<_, _>>()
        .map_err(|error| field("namespaces", error.expected.to_owned()))?;
    if namespaces.is_empty() {
        return Err(field("namespaces", "at least one".to_owned()));
    }
    if let Some(layer) = plugin
        .without
        .iter()
        .find(|name| !LAYERS.contains(&name.as_str()))
    {
        let layers = LAYERS.join(", ");
        return Err(field("without", format!("some of {layers}, not {layer}")));
    }
    if !(1..=MAX_DEADLINE_MS).contains(&plugin.deadline_ms) {
        return Err(field("deadline_ms", format!("1 to {MAX_DEADLINE_MS}")));
    }
    if !(1..=MAX_PROCESSES).contains(&plugin.processes) {
        return Err(field("processes", format!("1 to {MAX_PROCESSES}")));
    }
    let config = serde_json::Value::from(plugin.config.clone()).to_string();
    if config.len() > MAX_CONFIG_LEN as usize {
        return Err(field(
            "config",
            format!("at most {MAX_CONFIG_LEN} bytes of JSON"),
        ));
    }
    Ok(Grant {
        name: plugin.name.clone(),
        file: plugin.file.clone(),
        sha256,
        chain_ids: chain_ids(plugin, &namespaces)
            .map_err(|expected| field("chain_ids", expected))?,
        namespaces,
        address_is_key: plugin.address_is_key,
        isolation: isolation(plugin.isolation),
        deadline: Duration::from_millis(plugin.deadline_ms.into()),
        processes: plugin.processes as usize,
        optional: plugin.optional,
        without: plugin.without.clone(),
        config,
    })
}

fn chain_ids(plugin: &Plugin, namespaces: &[Namespace]) -> Result<Option<Vec<ChainId>>, String> {
    let Some(ids) = &plugin.chain_ids else {
        return Ok(None);
    };
    let read = |text: &String| {
        let id = text.parse::<ChainId>().ok();
        let id = id.filter(|id| namespaces.contains(id.namespace()));
        id.ok_or_else(|| format!("CAIP-2 ids of its namespaces, not {text:?}"))
    };
    let ids: Vec<_> = ids.iter().map(read).collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Err("absent, or at least one CAIP-2 id".to_owned());
    }
    Ok(Some(ids))
}

fn pin(text: &str) -> Option<[u8; 32]> {
    let mut pin = [0; 32];
    hex::decode_to_slice(text, &mut pin).ok()?;
    Some(pin)
}

fn isolation(written: config::Isolation) -> Isolation {
    match written {
        config::Isolation::Process => Isolation::Process,
        config::Isolation::InProcess => Isolation::InProcess,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin() -> Plugin {
        let stanza = serde_json::json!({
            "name": "toy", "file": "toy.so", "sha256": "00".repeat(32), "namespaces": ["toy"],
        });
        serde_json::from_value(stanza).unwrap()
    }

    #[test]
    fn what_is_not_written_is_the_safe_choice() {
        let grant = grant(&plugin()).unwrap();
        assert_eq!(grant.isolation, Isolation::Process);
        assert_eq!((grant.optional, grant.address_is_key), (false, false));
        assert_eq!((grant.config.as_str(), grant.chain_ids), ("{}", None));
        assert_eq!(grant.deadline, Duration::from_millis(200));
    }

    #[test]
    fn a_refusal_names_the_plugin_and_the_field() {
        let refusal = |change: fn(&mut Plugin)| {
            let mut plugin = plugin();
            change(&mut plugin);
            grant(&plugin).map(drop).unwrap_err().to_string()
        };
        for (text, expected) in [
            (refusal(|p| p.name = "Toy".into()), "a name of 3 to 32"),
            (
                refusal(|p| p.sha256 = "e3b0".into()),
                "its sha256 to be 64 hex digits",
            ),
            (
                refusal(|p| p.namespaces.clear()),
                "its namespaces to be at least one",
            ),
            (
                refusal(|p| p.chain_ids = Some(vec!["eip155:1".into()])),
                "not \"eip155:1\"",
            ),
            (
                refusal(|p| p.chain_ids = Some(vec![])),
                "its chain_ids to be absent",
            ),
            (
                refusal(|p| p.without = vec!["all".into()]),
                "its without to be some of",
            ),
            (refusal(|p| p.deadline_ms = 0), "its deadline_ms to be 1 to"),
            (refusal(|p| p.processes = 65), "its processes to be 1 to 64"),
        ] {
            assert!(text.starts_with("plugins.load = "), "{text}");
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_name_is_loaded_once() {
        let load = vec![plugin(), plugin()];
        let config = Plugins {
            load,
            ..Plugins::default()
        };
        let refused = policy(&config).map(drop).unwrap_err().to_string();
        assert_eq!(refused, "plugins.load = \"toy\": expected each name once");
    }
}
