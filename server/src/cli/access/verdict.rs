//! What the rules say of a request, in the words of forward-auth.

use countersign_core::{
    Error,
    profile::Profile,
    scope::{Scope, ScopeSet},
    service::{Held, Rule, Rules, is_canonical_path},
};

use crate::{
    aura,
    http::fault::{CANONICAL, Fault},
    ocx,
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
        if !is_canonical_path(path) {
            let header = "The path";
            let expected = CANONICAL;
            return Self::refused(
                None,
                of_fault(profile, Fault::Unjudgeable { header, expected }),
            );
        }
        let Some((at, rule)) = rules.find(method, path) else {
            return Self::refused(None, of_fault(profile, Fault::NoRule));
        };
        let rule = Some((at + 1, rule));
        match held.and_then(|held| rule.map_or(Ok(()), |(_, rule)| rule.admits.check(held))) {
            Ok(()) => Self {
                rule,
                status: 200,
                refusal: None,
            },
            Err(error) => Self::refused(rule, of_error(profile, error)),
        }
    }

    fn refused(
        rule: Option<(usize, &'a Rule)>,
        (status, code, sentence): (u16, String, String),
    ) -> Self {
        Self {
            rule,
            status,
            refusal: Some((code, sentence)),
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

fn of_fault(profile: Profile, fault: Fault) -> (u16, String, String) {
    let sentence = fault.sentence();
    let failure = match profile {
        Profile::Ocx => ocx::ApiError::from(fault).example(),
        Profile::Aura => aura::ApiError::from(fault).example(),
    };
    (failure.status, failure.code, sentence)
}

fn of_error(profile: Profile, error: Error) -> (u16, String, String) {
    let failure = match profile {
        Profile::Ocx => ocx::ApiError::from(error).example(),
        Profile::Aura => aura::ApiError::from(error).example(),
    };
    let body = &failure.body;
    let sentence = body["message"]
        .as_str()
        .or(body["error"]["message"].as_str());
    let sentence = sentence.unwrap_or_default().to_owned();
    (failure.status, failure.code, sentence)
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
