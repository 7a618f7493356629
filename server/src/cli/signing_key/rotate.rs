//! `countersign signing-key rotate`

use std::path::Path;

use clap::Args;
use countersign_core::{Clock, clock::SystemClock, message::format_instant};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use crate::{
    cli::{Common, Outcome, print},
    control::{self, Order},
    data_dir::Lock,
    random::SystemRandom,
    session_token::TokenKey,
    signing_keys::{KeyFiles, MAX_AGE, READ_EVERY},
};

/// How a new key takes its turn.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rotate {
    #[command(flatten)]
    common: Common,
    /// Seconds until the new key signs, at least 305
    ///
    /// Until then others learn it: they may keep a list of keys for 300 seconds, and servers look for new keys every 5.
    #[arg(long, value_name = "SECONDS", value_parser = lead, default_value_t = 2 * MAX_AGE)]
    after: u32,
    /// The new key signs at once; whoever keeps a list of keys may refuse its tokens for up to 300 seconds
    #[arg(long, conflicts_with = "after")]
    at_once: bool,
    /// A key is in wrong hands: the new one signs at once, and the files of all others are deleted
    ///
    /// Within 300 seconds whoever verifies tokens offline refuses those that the other keys signed, forged or not. This
    /// server needs no signature: its sessions go on.
    #[arg(long, conflicts_with_all = ["after", "at_once"])]
    leaked: bool,
}

fn lead(text: &str) -> Result<u32, String> {
    let least = MAX_AGE + READ_EVERY;
    let seconds = text.parse().ok().filter(|seconds| *seconds >= least);
    seconds.ok_or_else(|| {
        format!(
            "expected a number of seconds, at least {least}: others may not know the key earlier; --at-once does not wait for them"
        )
    })
}

pub(super) fn run(asked: &Rotate) -> Outcome {
    let settings = asked.common.settings()?;
    let files = KeyFiles::of(&settings);
    // What a server refuses is not made worse.
    files.read()?;
    let pem = TokenKey::generate(&SystemRandom);
    let file = files.add(asked.since(SystemClock.now()), &pem)?;
    let kid = TokenKey::from_pem(&pem)?.published().id.clone();
    print(&format!("new key {kid} in {}\n", file.display()))?;
    if asked.leaked {
        for removed in files.remove_all_but(&file)? {
            print(&format!("deleted {}\n", removed.display()))?;
        }
    }
    let keys = files.read()?;
    let turn = keys.states(SystemClock.now());
    let turn = turn.map(|(turn, _)| turn).find(|turn| turn.file == file);
    let since = turn.and_then(|turn| turn.since).map(format_instant);
    print(&asked.told(&since.unwrap_or_default()))?;
    print(&taken_up(&settings.data_dir, &kid)?)?;
    Ok(())
}

impl Rotate {
    /// The instant from which the new key signs, in whole seconds: the present one, or not before the lead is over.
    fn since(&self, now: OffsetDateTime) -> OffsetDateTime {
        let whole = now.replace_nanosecond(0).unwrap_or(now);
        if self.at_once || self.leaked {
            return whole;
        }
        whole + Duration::seconds(i64::from(self.after) + 1)
    }

    fn told(&self, since: &str) -> String {
        if self.leaked {
            return format!(
                "it signs from {since} on; tokens of other keys are refused by whoever verifies them offline, at the latest \
                 after {MAX_AGE} seconds\ndelete those keys wherever else they were copied to, and copy this one there\n"
            );
        }
        if self.at_once {
            return format!(
                "it signs from {since} on; whoever keeps a list of keys may refuse its tokens for up to {MAX_AGE} seconds\n"
            );
        }
        format!("it signs from {since} on; servers that share the keys need the file before\n")
    }
}

/// Has a running server publish the key, and says what became of it.
fn taken_up(data_dir: &Path, kid: &str) -> Result<String, String> {
    if !Lock::is_held(&data_dir.join("lock")).unwrap_or(false) {
        let shown = data_dir.display();
        return Ok(format!(
            "no server runs on {shown}: the next one takes it up, and should start {MAX_AGE} seconds before it signs\n"
        ));
    }
    let by_itself = format!("servers look for new keys every {READ_EVERY} seconds by themselves");
    if !control::is_open(data_dir) {
        return Ok(format!("the running server cannot be asked; {by_itself}\n"));
    }
    let failed = |error| {
        format!(
            "the key is there, and the running server has not taken it up: {error}\n{by_itself}"
        )
    };
    let published = control::ask(data_dir, Order::Keys).map_err(failed)?;
    let published = published.as_array().map(Vec::as_slice).unwrap_or_default();
    if !published.contains(&json!(kid)) {
        return Err(failed("it does not list it".to_owned()));
    }
    Ok("the running server publishes it now\n".to_owned())
}
