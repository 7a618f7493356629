//! `countersign access explain`

use std::{error::Error as StdError, io::Read, net::IpAddr};

use clap::Args;
use countersign_core::{
    Clock, Error, api_key, client_address::ClientAddress, clock::SystemClock, profile::Profile,
    secret::HashedSecret, service::Held,
};

use super::{
    super::{Common, Outcome, block_on, print},
    profile,
    verdict::{Verdict, held},
};
use crate::{
    session_token::SessionTokens,
    settings::Settings,
    store::{find_api_key, find_session},
};

/// A request to explain.
#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// The dialect whose rules decide: ocx or aura
    #[arg(long, value_parser = profile)]
    profile: Profile,
    /// The method of the request, in upper case
    #[arg(long)]
    method: String,
    /// Its path, as it is sent; a query is not looked at
    #[arg(long)]
    path: String,
    /// The API key or session token that it shows; - reads it from standard input
    #[arg(long, value_name = "SECRET", conflicts_with = "shown")]
    key: Option<String>,
    /// What it shows instead: anonymous, session, key, or key: and scopes such as key:read
    #[arg(long = "as", value_name = "WHAT", default_value = "anonymous")]
    shown: String,
    /// Where it comes from, for keys that are good from some addresses only
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(asked: &Explain) -> Outcome {
    let settings = asked.common.settings()?;
    let shown = match &asked.key {
        Some(key) => block_on(asked.look_up(&settings, &secret(key)?))??,
        None => Shown {
            words: asked.shown.clone(),
            held: Ok(held(asked.profile, &asked.shown)?),
        },
    };
    let rules = settings.rules(asked.profile);
    let path = asked.path.split('?').next().unwrap_or_default();
    let verdict = Verdict::of((asked.profile, &rules), &asked.method, path, shown.held);
    let outcome = match &verdict.refusal {
        None => "passes".to_owned(),
        Some((code, sentence)) => format!("{} {code}: {sentence}", verdict.status),
    };
    print(&format!(
        "{} {path}: {outcome}\n{}\nthe caller holds: {}\n",
        asked.method,
        verdict.rule_in_words(),
        shown.words
    ))?;
    Ok(())
}

/// What a caller shows, and what it is worth.
struct Shown {
    words: String,
    held: Result<Held, Error>,
}

impl Shown {
    fn bad(words: &str, why: Error) -> Self {
        let words = words.to_owned();
        Self {
            words,
            held: Err(why),
        }
    }
}

fn secret(argument: &str) -> std::io::Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().take(8192).read_to_string(&mut text)?;
    Ok(text.trim_end().to_owned())
}

impl Explain {
    async fn look_up(&self, settings: &Settings, secret: &str) -> Result<Shown, Box<dyn StdError>> {
        let hash = HashedSecret::of(secret.as_bytes());
        if api_key::has_form(self.profile, secret) {
            let key = find_api_key(&settings.database, &hash).await?;
            let key = key.filter(|key| key.profile == self.profile);
            return Ok(key.map_or_else(
                || Shown::bad("an API key that nobody issued", Error::InvalidCredential),
                |key| self.key(&key),
            ));
        }
        if self.profile == Profile::Ocx && SessionTokens::has_form(secret.as_bytes()) {
            let session = find_session(&settings.database, &hash)
                .await?
                .filter(|session| session.profile == self.profile);
            let now = SystemClock.now();
            return Ok(match session {
                None => Shown::bad(
                    "a session token that nobody issued",
                    Error::InvalidCredential,
                ),
                Some(session) if session.revoked_at.is_some() => {
                    Shown::bad("a session that was ended", Error::RevokedCredential)
                }
                Some(session) if now >= session.expires_at => {
                    Shown::bad("a session that has expired", Error::ExpiredCredential)
                }
                Some(session) => Shown {
                    words: format!("a session of {}", session.wallet),
                    held: Ok(Held::Session),
                },
            });
        }
        Ok(Shown::bad(
            "a text that is no credential of this dialect, or was mistyped",
            Error::InvalidCredential,
        ))
    }

    fn key(&self, key: &api_key::ApiKey) -> Shown {
        let client = self.ip.map(ClientAddress::Known);
        let is_allowed = match client {
            Some(client) => key.allowlist.allows(client),
            None => key.allowlist.networks().is_empty(),
        };
        let held = if key.revoked_at.is_some() {
            Err(Error::RevokedCredential)
        } else if key.expires_at.is_some_and(|end| SystemClock.now() >= end) {
            Err(Error::ExpiredCredential)
        } else if is_allowed {
            Ok(Held::ApiKey(key.scopes))
        } else {
            Err(Error::AddressNotAllowed)
        };
        let from = match (key.allowlist.networks().is_empty(), self.ip) {
            (true, _) => "good from everywhere".to_owned(),
            (false, Some(ip)) => format!("good from {}, asked about from {ip}", key.allowlist),
            (false, None) => format!("good from {}; --ip says from where", key.allowlist),
        };
        let words = format!(
            "the API key {} of {} with {}, {from}",
            key.id, key.wallet, key.scopes
        );
        Shown { words, held }
    }
}
