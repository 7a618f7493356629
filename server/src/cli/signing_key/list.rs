//! `countersign signing-key list`

use countersign_core::{Clock, clock::SystemClock, message::format_instant};
use serde_json::{Value, json};

use crate::{
    cli::{Common, Outcome, print},
    signing_keys::{KeyFiles, KeyState, Turn},
};

pub(super) fn run(common: &Common, json: bool) -> Outcome {
    let settings = common.settings()?;
    let keys = KeyFiles::of(&settings).read()?;
    let states = keys.states(SystemClock.now());
    let text = if json {
        let listed: Value = states.map(|(turn, state)| written(turn, state)).collect();
        format!("{listed:#}\n")
    } else {
        let heading = row("KID", "SIGNS FROM", "STATE", "FILE");
        let rows = states.map(|(turn, state)| {
            let file = turn.file.display().to_string();
            row(kid(turn), &since(turn), &state.to_string(), &file)
        });
        heading + &rows.collect::<String>()
    };
    print(&text)?;
    Ok(())
}

/// A kid is 43 characters long, an instant 24.
fn row(kid: &str, since: &str, state: &str, file: &str) -> String {
    format!("{kid:<43}  {since:<24}  {state:<38}  {file}\n")
}

fn kid(turn: &Turn) -> &str {
    &turn.key.published().id
}

fn since(turn: &Turn) -> String {
    let first = || "the beginning".to_owned();
    turn.since.map_or_else(first, format_instant)
}

fn written(turn: &Turn, state: KeyState) -> Value {
    let (state, until) = match state {
        KeyState::Published => ("published", None),
        KeyState::Signing => ("signing", None),
        KeyState::Retired { until } => ("retired", Some(format_instant(until))),
        KeyState::Expired => ("expired", None),
    };
    json!({
        "kid": kid(turn),
        "state": state,
        "signsFrom": turn.since.map(format_instant),
        "publishedUntil": until,
        "file": turn.file,
    })
}
