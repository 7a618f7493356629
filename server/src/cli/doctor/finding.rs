//! What a check found, and what to do about it.

use std::{fmt, path::Path};

/// One check's outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at.
    subject: &'static str,
    /// What was found there.
    found: String,
    verdict: Verdict,
}

/// How bad a finding is. Whatever is not well has a cure: a command or a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// It works, and will surprise somebody.
    Warning {
        cure: String,
    },
    /// It does not work, or is not safe.
    Problem {
        cure: String,
    },
}

impl Finding {
    /// All is well.
    pub(super) fn ok(subject: &'static str, found: impl Into<String>) -> Self {
        Self {
            subject,
            found: found.into(),
            verdict: Verdict::Ok,
        }
    }

    /// It works, and will surprise somebody.
    pub(super) fn warning(
        subject: &'static str,
        found: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            found: found.into(),
            verdict: Verdict::Warning { cure: cure.into() },
        }
    }

    /// It does not work, or is not safe.
    pub(super) fn problem(
        subject: &'static str,
        found: impl Into<String>,
        cure: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            found: found.into(),
            verdict: Verdict::Problem { cure: cure.into() },
        }
    }
}

/// One line, and one for the cure.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, cure) = match &self.verdict {
            Verdict::Ok => ("ok", None),
            Verdict::Warning { cure } => ("warning", Some(cure)),
            Verdict::Problem { cure } => ("problem", Some(cure)),
        };
        let (subject, found) = (self.subject, one_line(&self.found));
        writeln!(f, "{level:<8} {subject:<16} {found}")?;
        cure.map_or(Ok(()), |cure| {
            writeln!(f, "{:<8} {:<16} {}", "", "cure:", one_line(cure))
        })
    }
}

/// All findings, in the order of the checks, and how many are not well.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

impl Report {
    /// Adds what a check found.
    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.0.extend(findings);
    }

    /// Whether the server would not work, or not safely.
    pub(super) fn has_problem(&self) -> bool {
        self.count().0 > 0
    }

    /// Problems and warnings.
    fn count(&self) -> (usize, usize) {
        self.0.iter().fold((0, 0), |(problems, warnings), finding| {
            match finding.verdict {
                Verdict::Ok => (problems, warnings),
                Verdict::Warning { .. } => (problems, warnings + 1),
                Verdict::Problem { .. } => (problems + 1, warnings),
            }
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|finding| finding.fmt(f))?;
        let counted = |count: usize, what: &str| match count {
            0 => format!("no {what}s"),
            1 => format!("1 {what}"),
            _ => format!("{count} {what}s"),
        };
        let (problems, warnings) = self.count();
        let (problems, warnings) = (counted(problems, "problem"), counted(warnings, "warning"));
        writeln!(f, "{problems}, {warnings}")
    }
}

/// What others wrote, such as a file's name or an error, must not pass for lines of ours.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let control = |character: char| match character.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => character,
    };
    words.join(" ").chars().map(control).collect()
}

/// A path as a shell reads it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_line_by_line() {
        let mut report = Report::default();
        assert!(!report.has_problem());
        report.extend([
            Finding::ok("clock", "right"),
            Finding::warning("log", "too\n much", "less"),
        ]);
        assert!(!report.has_problem());
        report.extend([Finding::problem("disk", "full\u{1b}[2J", "room")]);
        assert!(report.has_problem());
        assert_eq!(
            report.to_string(),
            "ok       clock            right\n\
             warning  log              too much\n         cure:            less\n\
             problem  disk             full\u{fffd}[2J\n         cure:            room\n\
             1 problem, 1 warning\n"
        );
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_would_misread_it() {
        for (path, expected) in [
            ("/var/lib/countersign-1.0", "/var/lib/countersign-1.0"),
            ("/a b", "'/a b'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
        ] {
            assert_eq!(quoted(Path::new(path)), expected);
        }
    }
}
