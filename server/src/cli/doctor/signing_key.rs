//! The keys that sign session tokens.

use countersign_core::{Clock, clock::SystemClock};

use super::finding::{Finding, quoted};
use crate::{
    settings::Settings,
    signing_keys::{KeyFiles, KeySet, KeyState, SigningKeyError},
};

const SUBJECT: &str = "signing keys";

/// Whether others can read them is found with the other private files.
pub(super) fn check(settings: &Settings) -> Finding {
    let shown = settings.signing_keys_dir.display();
    match KeyFiles::of(settings).look() {
        Ok(keys) => Finding::ok(SUBJECT, format!("{shown}: {}", told(&keys))),
        Err(SigningKeyError::None(_)) => {
            Finding::ok(SUBJECT, format!("{shown}: none yet; serve makes one"))
        }
        Err(error) => Finding::problem(SUBJECT, error.fault(), error.cure(quoted)),
    }
}

fn told(keys: &KeySet) -> String {
    let states: Vec<_> = (keys.states(SystemClock.now()))
        .map(|(_, state)| state)
        .collect();
    let count = |is: fn(&KeyState) -> bool| states.iter().filter(|state| is(state)).count();
    let signing = keys.signing_at(SystemClock.now()).published();
    let mut told = format!("{} signs", signing.id);
    for (count, what) in [
        (count(|state| *state == KeyState::Published), "to come"),
        (
            count(|state| matches!(state, KeyState::Retired { .. })),
            "retired",
        ),
        (count(|state| *state == KeyState::Expired), "expired"),
    ] {
        if count > 0 {
            told += &format!(", {count} {what}");
        }
    }
    told
}
