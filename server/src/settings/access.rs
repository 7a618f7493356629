//! Who may do what on a platform, as meant.

use countersign_core::{
    profile::Profile,
    scope::Scope,
    service::{Admits, CanonicalPath, KeyAdmission, PathPattern, Rule},
};

use super::{InvalidSetting, invalid};
use crate::config;

/// Enough for every route of a platform; each is compared with what is asked for.
const MAX_RULES: usize = 1000;

/// The rules that take the place of a dialect's own.
pub(super) fn rules(
    profile: Profile,
    written: Option<&Vec<config::Rule>>,
) -> Result<Option<Vec<Rule>>, InvalidSetting> {
    let Some(written) = written else {
        return Ok(None);
    };
    if written.len() > MAX_RULES {
        let expected = format!("at most {MAX_RULES} rules");
        return Err(invalid(
            setting(profile),
            &written.len().to_string(),
            expected,
        ));
    }
    written
        .iter()
        .map(|rule| read(profile, rule))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn setting(profile: Profile) -> &'static str {
    match profile {
        Profile::Ocx => "access.ocx",
        Profile::Aura => "access.aura",
    }
}

fn read(profile: Profile, rule: &config::Rule) -> Result<Rule, InvalidSetting> {
    let refuse = |expected: String| invalid(setting(profile), &rule.path, expected);
    let is_method = |text: &String| {
        (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    if rule.methods.is_empty() || !rule.methods.iter().all(is_method) {
        return Err(refuse(
            "its methods to be one or more in upper case, such as GET".to_owned(),
        ));
    }
    if !is_pattern(&rule.path) {
        let expected = "a path in its plain spelling, in which * stands for a segment and a last ** for any number of them";
        return Err(refuse(expected.to_owned()));
    }
    if rule.is_order && profile == Profile::Aura {
        return Err(refuse(
            "no is_order: Aura has no limit on orders".to_owned(),
        ));
    }
    Ok(Rule {
        methods: rule.methods.clone(),
        path: PathPattern::new(&rule.path),
        admits: admits(profile, &rule.admits).map_err(refuse)?,
        is_order_path: rule.is_order,
    })
}

/// A pattern that no request could fit would look like a rule and be none.
fn is_pattern(path: &str) -> bool {
    let body = path.strip_suffix("/**").unwrap_or(path);
    let body = if body.is_empty() { "/" } else { body };
    CanonicalPath::new(body).is_some() && body.split('/').all(|segment| segment != "**")
}

fn admits(profile: Profile, written: &[String]) -> Result<Admits, String> {
    let mut admits = Admits {
        anonymous: false,
        session: false,
        key: KeyAdmission::Never,
        reads_credentials: true,
    };
    for (at, text) in written.iter().enumerate() {
        if written[..at].contains(text) {
            return Err(format!("its admits to name {text} once"));
        }
        match text.as_str() {
            "anonymous" => admits.anonymous = true,
            // In Aura nobody has one.
            "session" if profile == Profile::Ocx => admits.session = true,
            other => {
                if admits.key != KeyAdmission::Never {
                    return Err("its admits to say one thing of keys".to_owned());
                }
                admits.key = key(profile, other).ok_or_else(|| expected(profile))?;
            }
        }
    }
    // Whoever holds nothing passes, so a session would only lose by being shown.
    if admits.anonymous && profile == Profile::Ocx && !admits.session {
        return Err("its admits to have session where it has anonymous".to_owned());
    }
    Ok(admits)
}

fn key(profile: Profile, text: &str) -> Option<KeyAdmission> {
    if text == "key" {
        return Some(KeyAdmission::Any);
    }
    let scope = Scope::parse(text.strip_prefix("key:")?)?;
    Scope::of(profile)
        .contains(&scope)
        .then_some(KeyAdmission::With(scope))
}

fn expected(profile: Profile) -> String {
    let scopes = Scope::of(profile)
        .iter()
        .map(|scope| format!("key:{scope}"));
    let session = (profile == Profile::Ocx).then(|| "session".to_owned());
    let known = ["anonymous".to_owned()]
        .into_iter()
        .chain(session)
        .chain(["key".to_owned()])
        .chain(scopes);
    format!(
        "its admits to be some of {}",
        known.collect::<Vec<_>>().join(", ")
    )
}

#[cfg(test)]
mod tests {
    use countersign_core::service::Rules;

    use super::*;

    fn rule(methods: &[&str], path: &str, admits: &[&str]) -> config::Rule {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        config::Rule {
            methods: owned(methods),
            path: path.to_owned(),
            admits: owned(admits),
            is_order: false,
        }
    }

    fn is_about(rules: &[Rule], method: &str, path: &str) -> bool {
        let path = CanonicalPath::new(path).unwrap();
        Rules::only(rules.to_vec()).find(method, path).is_some()
    }

    fn refusal(profile: Profile, written: config::Rule) -> String {
        rules(profile, Some(&vec![written]))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        let written = rule(&["GET", "POST"], "/a/*/b/**", &["session", "key:trade"]);
        let read = rules(Profile::Ocx, Some(&vec![written])).unwrap().unwrap();
        assert_eq!(read[0].admits, Admits::with(Scope::Trade));
        assert!(is_about(&read, "HEAD", "/a/1/b/2/3") && !is_about(&read, "PUT", "/a/1/b"));
        let everything = rule(&["GET"], "/**", &["anonymous", "session", "key"]);
        let read = rules(Profile::Ocx, Some(&vec![everything]))
            .unwrap()
            .unwrap();
        assert_eq!(read[0].admits, Admits::EVERYBODY);
        assert!(is_about(&read, "GET", "/") && is_about(&read, "GET", "/a/b"));
        let nobody = rules(
            Profile::Ocx,
            Some(&vec![rule(&["GET"], "/internal/**", &[])]),
        )
        .unwrap()
        .unwrap();
        assert_eq!(nobody[0].admits.key, KeyAdmission::Never);
        assert!(rules(Profile::Ocx, None).unwrap().is_none());
    }

    #[test]
    fn what_could_not_mean_anything_is_refused() {
        for (methods, path, admits, expected) in [
            (&["get"][..], "/a", &["key"][..], "upper case"),
            (&[], "/a", &["key"], "upper case"),
            (&["GET"], "a", &["key"], "plain spelling"),
            (&["GET"], "/a/", &["key"], "plain spelling"),
            (&["GET"], "/a/**/b", &["key"], "plain spelling"),
            (&["GET"], "/%61", &["key"], "plain spelling"),
            (&["GET"], "/a?b", &["key"], "plain spelling"),
            (
                &["GET"],
                "/a",
                &["keys"],
                "some of anonymous, session, key, key:read, key:trade",
            ),
            (&["GET"], "/a", &["key:write:tx"], "some of"),
            (&["GET"], "/a", &["key", "key:read"], "one thing of keys"),
            (&["GET"], "/a", &["session", "session"], "once"),
            (&["GET"], "/a", &["anonymous"], "have session"),
        ] {
            let refusal = refusal(Profile::Ocx, rule(methods, path, admits));
            assert!(refusal.contains(expected), "{path} {admits:?}: {refusal}");
        }
        let refusal = refusal(Profile::Aura, rule(&["GET"], "/v1/a", &["session"]));
        assert!(
            refusal.contains("some of anonymous, key, key:read, key:write:tx"),
            "{refusal}"
        );
    }
}
