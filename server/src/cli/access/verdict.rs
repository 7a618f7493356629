//! What the rules say of a request, in the words of forward-auth.

use countersign_core::{
    Error,
    profile::Profile,
    scope::{Scope, ScopeSet},
    service::{CanonicalPath, Held, Rule, Rules},
};

use crate::{
    denial::Denial,
    http::fault::{CANONICAL, Fault},
};

/// What the rules say of one request.
pub(super) struct Verdict<'a> {
    /// The rule that decides, and its place, from 1.
    pub rule: Option<(usize, &'a Rule)>,
    /// 200, or the status of the refusal.
    pub status: u16,
    /// The code and sentence of the refusal.
    pub refusal: Option<(String, String)>,
}

impl<'a> Verdict<'a> {
    /// What the rules of a dialect say of a request by whoever holds this; or what was wrong before they were asked.
    pub(super) fn of(
        (profile, rules): (Profile, &'a Rules),
        method: &str,
        path: &str,
        held: Result<Held, Error>,
    ) -> Self {
        let Some(path) = CanonicalPath::new(path) else {
            let fault = Fault::Unjudgeable {
                header: "The path",
                expected: CANONICAL,
            };
            return Self::refused(profile, None, fault);
        };
        let Some((at, rule)) = rules.find(method, path) else {
            return Self::refused(profile, None, Fault::NoRule);
        };
        let rule = Some((at + 1, rule));
        match held.and_then(|held| rule.map_or(Ok(()), |(_, rule)| rule.admits.check(held))) {
            Ok(()) => Self {
                rule,
                status: 200,
                refusal: None,
            },
            Err(error) => Self::refused(profile, rule, error),
        }
    }

    fn refused(profile: Profile, rule: Option<(usize, &'a Rule)>, why: impl Into<Denial>) -> Self {
        let (failure, _) = why.into().answer(profile);
        let body = &failure.body;
        let sentence = body["message"]
            .as_str()
            .or(body["error"]["message"].as_str());
        let sentence = sentence.unwrap_or_default().to_owned();
        Self {
            rule,
            status: failure.status,
            refusal: Some((failure.code, sentence)),
        }
    }

    /// The rule in words.
    pub(super) fn rule_in_words(&self) -> String {
        match self.rule {
            None => "no rule fits".to_owned(),
            Some((at, rule)) => {
                let order = if rule.is_order_path {
                    "; counts as an order"
                } else {
                    ""
                };
                format!(
                    "rule {at}: {} {} admits {}{order}",
                    rule.methods.join(", "),
                    rule.path,
                    rule.admits
                )
            }
        }
    }
}

/// Reads what a caller holds: `anonymous`, `session`, `key`, or `key:` and scopes with + between.
pub(super) fn held(profile: Profile, text: &str) -> Result<Held, String> {
    let scopes = Scope::of(profile);
    match text {
        "anonymous" => return Ok(Held::Nothing),
        "session" if profile == Profile::Ocx => return Ok(Held::Session),
        "key" => return Ok(Held::ApiKey(ScopeSet::default())),
        _ => {}
    }
    let named = text.strip_prefix("key:").map(|named| named.split('+'));
    let known = |name: &str| Scope::parse(name).filter(|scope| scopes.contains(scope));
    let read = named.and_then(|names| names.map(known).collect::<Option<ScopeSet>>());
    read.map(Held::ApiKey).ok_or_else(|| {
        let names: Vec<_> = scopes.iter().map(ToString::to_string).collect();
        let session = if profile == Profile::Ocx {
            "session, "
        } else {
            ""
        };
        let names = names.join(", ");
        format!("expected anonymous, {session}key, or key: and some of {names} with + between")
    })
}
