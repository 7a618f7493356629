//! Origins and URIs of a configuration, as meant.

use countersign_core::origin::Origin;

use super::{InvalidSetting, invalid};
use crate::config::Config;

/// Cookies and signatures travel to this address, so it is https unless it is this machine.
pub(super) fn public_url(text: &str) -> Result<Origin, InvalidSetting> {
    let setting = "server.public_url";
    let origin: Origin = text
        .parse()
        .map_err(|error| invalid(setting, text, error))?;
    if origin.scheme() == "https" || (origin.scheme() == "http" && origin.is_loopback()) {
        return Ok(origin);
    }
    Err(invalid(
        setting,
        text,
        "expected an https origin, or http for localhost only",
    ))
}

pub(super) fn browser_origins(config: &Config) -> Result<Option<Vec<Origin>>, InvalidSetting> {
    let read = |list: &Vec<String>| origins("browser.origins", list);
    config.browser.origins.as_ref().map(read).transpose()
}

pub(super) fn uris(list: &[String]) -> Result<Vec<String>, InvalidSetting> {
    let is_wrong = |text: &&String| !countersign_core::message::is_uri(text);
    match list.iter().find(is_wrong) {
        Some(text) => Err(invalid(
            "sign_in.uris",
            text,
            "expected absolute RFC 3986 URIs",
        )),
        None => Ok(list.to_vec()),
    }
}

pub(super) fn origins(
    setting: &'static str,
    list: &[String],
) -> Result<Vec<Origin>, InvalidSetting> {
    list.iter()
        .map(|text| text.parse().map_err(|error| invalid(setting, text, error)))
        .collect()
}

/// Browsers are sent there, and people sign in there, so it is https unless it is this machine.
pub(super) fn sign_in_url(text: Option<&str>) -> Result<Option<String>, InvalidSetting> {
    let Some(text) = text else {
        return Ok(None);
    };
    let is_safe = |origin: Origin| {
        origin.scheme() == "https" || (origin.scheme() == "http" && origin.is_loopback())
    };
    if !text.contains('#') && Origin::of_uri(text).is_some_and(is_safe) {
        return Ok(Some(text.to_owned()));
    }
    let expected = "an https URL without a fragment, or http for localhost only";
    Err(invalid(
        "access.sign_in_url",
        text,
        format!("expected {expected}"),
    ))
}
