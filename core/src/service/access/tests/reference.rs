//! The engine decides as a plain and slow reading of the rules does, on requests and rules made at random.

use super::*;
use crate::{Random, freshness::OneProcess};

const CASES: usize = 100_000;
/// Requests that one list of rules is asked about.
const REQUESTS: usize = 25;

const SEGMENTS: [&str; 9] = [
    "a", "b", "orders", "A", "x%20y", "%C3%A9", "%c3%a9", "a:b", "a%3Ab",
];
/// What makes a path ambiguous, or seem so.
const ODD: [&str; 13] = [
    "", ".", "..", "%61", "%2e", "a%2Fb", "a;b", "a\\b", "%00", "%zz", "...", "..%3B", "%C0%AE",
];
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"];

/// Choices that a seed decides.
struct Dice(SeededRandom);

impl Dice {
    fn below(&self, end: usize) -> usize {
        let mut byte = [0];
        self.0.fill(&mut byte);
        usize::from(byte[0]) % end
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn path(&self) -> String {
        let segments = (0..self.below(4)).map(|_| match self.below(12) {
            0 => self.pick(&ODD),
            _ => self.pick(&SEGMENTS),
        });
        format!("/{}", segments.collect::<Vec<_>>().join("/"))
    }

    fn pattern(&self) -> String {
        let segments = (0..self.below(3)).map(|_| match self.below(4) {
            0 => "*",
            _ => self.pick(&SEGMENTS),
        });
        let mut segments: Vec<_> = segments.collect();
        if self.below(3) == 0 {
            segments.push("**");
        }
        format!("/{}", segments.join("/"))
    }

    fn rule(&self) -> Rule {
        let keys = [
            KeyAdmission::Never,
            KeyAdmission::Any,
            KeyAdmission::With(Scope::Read),
            KeyAdmission::With(Scope::Trade),
        ];
        let anonymous = self.below(3) == 0;
        Rule {
            methods: (0..=self.below(2))
                .map(|_| self.pick(&METHODS).to_owned())
                .collect(),
            path: PathPattern::new(&self.pattern()),
            admits: Admits {
                anonymous,
                session: anonymous || self.below(2) == 0,
                key: self.pick(&keys),
                reads_credentials: true,
            },
            is_order_path: false,
        }
    }
}

/// Who asks, as far as rules can tell.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    Nobody,
    Stranger,
    Reader,
    Trader,
}

/// What the rules come to, read from the top, one thing after the other.
fn reading(
    rules: &[Rule],
    patterns: &[String],
    method: &str,
    path: &str,
    who: Who,
) -> &'static str {
    if respelled(path).as_deref() != Some(path) {
        return "no rule";
    }
    let method = if method == "HEAD" { "GET" } else { method };
    let first = |respell: fn(&str) -> String| {
        let path = respell(path);
        let mut all = rules.iter().zip(patterns);
        all.position(|(rule, pattern)| {
            rule.methods.contains(&method.to_owned())
                && matches(&segments(&respell(pattern)), &segments(&path))
        })
    };
    // The spellings that stand for the same, put into one.
    let plain = |text: &str| text.replace("%c3%a9", "%C3%A9").replace("%3A", ":");
    if let Some(place) = first(str::to_owned).filter(|place| first(plain) == Some(*place)) {
        let rule = &rules[place];
        return match (who, rule.admits.key) {
            (Who::Stranger, _) => "invalid credential",
            (Who::Nobody, _) if rule.admits.anonymous => "passes",
            (Who::Nobody, _) => "missing credential",
            (_, KeyAdmission::Any) => "passes",
            (_, KeyAdmission::Never) => "session required",
            (_, KeyAdmission::With(Scope::Read)) => "passes",
            (Who::Trader, KeyAdmission::With(Scope::Trade)) => "passes",
            (_, KeyAdmission::With(_)) => "insufficient scope",
        };
    }
    "no rule"
}

fn segments(path: &str) -> Vec<&str> {
    path[1..].split('/').collect()
}

fn matches(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        (["**"], _) => true,
        ([], []) => true,
        (["*", pattern @ ..], [segment, path @ ..]) => {
            !segment.is_empty() && matches(pattern, path)
        }
        ([expected, pattern @ ..], [segment, path @ ..]) => {
            expected == segment && matches(pattern, path)
        }
        // `/a/**` is about `/a`, too.
        _ => false,
    }
}

/// The one spelling of a path; `None` if it has none.
fn respelled(path: &str) -> Option<String> {
    let mut segments = Vec::new();
    for segment in path.strip_prefix('/')?.split('/') {
        let mut spelled = String::new();
        let mut meant = Vec::new();
        let mut bytes = segment.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                spelled.push(char::from(byte));
                meant.push(byte);
                continue;
            }
            let digits = [bytes.next()?, bytes.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            let byte = u8::from_str_radix(digits, 16).ok()?;
            meant.push(byte);
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                spelled.push(char::from(byte));
            } else if b"/\\;#?".contains(&byte) || byte < 0x20 || byte == 0x7f {
                return None;
            } else {
                spelled.push('%');
                spelled.push_str(digits);
            }
        }
        String::from_utf8(meant).ok()?;
        match spelled.as_str() {
            "." | ".." => return None,
            _ if spelled.contains([';', '\\', '#', '?', ' ']) || !spelled.is_ascii() => {
                return None;
            }
            _ => segments.push(spelled),
        }
    }
    let is_root = segments == [""];
    (is_root || !segments.contains(&String::new())).then(|| format!("/{}", segments.join("/")))
}

fn told(verdict: Result<Caller, Error>) -> &'static str {
    match verdict {
        Ok(_) => "passes",
        Err(Error::NoRule) => "no rule",
        Err(Error::MissingCredential) => "missing credential",
        Err(Error::InvalidCredential) => "invalid credential",
        Err(Error::SessionRequired) => "session required",
        Err(Error::InsufficientScope { .. }) => "insufficient scope",
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_engine_decides_as_a_plain_reading_does() {
    let world = world();
    let credentials = Arc::new(Credentials::new(
        world.store.clone(),
        world.clock.clone(),
        Arc::new(OneProcess),
        1000,
    ));
    let limits = Arc::new(Limits::new(Quotas::default(), 1_000_000, &Nodes::Alone));
    let dice = Dice(SeededRandom::new(7));
    let callers = [
        (Who::Nobody, Presented::Nothing),
        (Who::Stranger, Presented::Malformed(Transport::Header)),
        (Who::Reader, world.key(Profile::Ocx, 1, "read").await),
        (Who::Trader, world.key(Profile::Ocx, 2, "trade").await),
    ];
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..CASES / REQUESTS {
        let patterned: Vec<_> = (0..=dice.below(6))
            .map(|_| (dice.pattern(), dice.rule()))
            .collect();
        let (patterns, rules): (Vec<_>, Vec<_>) = patterned
            .into_iter()
            .map(|(pattern, rule)| {
                (
                    pattern.clone(),
                    Rule {
                        path: PathPattern::new(&pattern),
                        ..rule
                    },
                )
            })
            .unzip();
        let access = Access::new(
            Profile::Ocx,
            Rules::only(rules.clone()),
            credentials.clone(),
            limits.clone(),
            world.clock.clone(),
        );
        for _ in 0..REQUESTS {
            let (method, path) = (dice.pick(&METHODS), dice.path());
            let (who, presented) = &callers[dice.below(callers.len())];
            let expected = reading(&rules, &patterns, method, &path, *who);
            let decision = decide(&access, &format!("{method} {path}"), presented, HOME).await;
            assert_eq!(
                told(decision.verdict),
                expected,
                "{method} {path} by {who:?}: {rules:?}"
            );
            *seen.entry(expected).or_insert(0) += 1;
        }
    }
    let rarest = seen.values().min().copied().unwrap_or_default();
    assert!(seen.len() == 6 && rarest > 500, "{seen:?}");
}
