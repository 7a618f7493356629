//! The clock, on which every expiry depends.

use std::path::Path;

use time::{Duration, OffsetDateTime, macros::datetime};

use super::finding::Finding;

const SUBJECT: &str = "clock";
/// Before this the version did not exist. A release moves it on.
const MADE_AT: OffsetDateTime = datetime!(2026-11-23 0:00 UTC);
/// Nobody runs a version for so long; a clock that says so has lost its battery.
const LONGEST_USE: Duration = Duration::days(20 * 365);
/// How far a row may lie ahead: clocks are corrected in small steps.
const STEP: Duration = Duration::minutes(1);
/// Exists once systemd-timesyncd has set the clock.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";
const SET_THE_CLOCK: &str = "timedatectl set-ntp true";

/// `newest` is when the newest row of the database was written.
pub(super) fn check(now: OffsetDateTime, newest: Option<OffsetDateTime>) -> Vec<Finding> {
    let faults: Vec<_> = implausible(now)
        .into_iter()
        .chain(newest.and_then(|newest| behind(now, newest)))
        .collect();
    if !faults.is_empty() {
        return faults;
    }
    let synchronised = if Path::new(SYNCHRONISED).exists() {
        "synchronised by systemd-timesyncd"
    } else {
        "whether it is synchronised is not known here; timedatectl says"
    };
    vec![Finding::ok(
        SUBJECT,
        format!("{}; {synchronised}", text(now)),
    )]
}

fn implausible(now: OffsetDateTime) -> Option<Finding> {
    let why = if now < MADE_AT {
        "before this version of countersign was made"
    } else if now > MADE_AT + LONGEST_USE {
        "more than 20 years after this version of countersign was made"
    } else {
        return None;
    };
    let found = format!(
        "{}, which is {why}: everything expires at a wrong time",
        text(now)
    );
    Some(Finding::problem(SUBJECT, found, SET_THE_CLOCK))
}

fn behind(now: OffsetDateTime, newest: OffsetDateTime) -> Option<Finding> {
    (newest > now + STEP).then(|| {
        let found = format!(
            "{}, but the database holds a row of {}: what expired may be accepted again",
            text(now),
            text(newest)
        );
        let cure = format!(
            "{SET_THE_CLOCK}; if it is right now and ran ahead before, wait until the time of that row"
        );
        Finding::problem(SUBJECT, found, cure)
    })
}

fn text(instant: OffsetDateTime) -> String {
    let (hour, minute, second) = instant.to_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", instant.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(now: OffsetDateTime, newest: Option<OffsetDateTime>) -> String {
        let lines: String = check(now, newest).iter().map(Finding::to_string).collect();
        lines.split(' ').next().unwrap().to_owned()
    }

    #[test]
    fn a_clock_outside_the_life_of_a_version_is_a_problem() {
        for (now, expected) in [
            (datetime!(1970-01-01 0:00 UTC), "problem"),
            (datetime!(2026-11-22 23:59 UTC), "problem"),
            (MADE_AT, "ok"),
            (datetime!(2040-01-01 0:00 UTC), "ok"),
            (datetime!(2099-01-01 0:00 UTC), "problem"),
        ] {
            assert_eq!(level(now, None), expected, "{now}");
        }
    }

    #[test]
    fn a_clock_behind_the_newest_row_is_a_problem() {
        let now = MADE_AT + Duration::days(9);
        for (ahead, expected) in [
            (Duration::hours(-5), "ok"),
            (STEP, "ok"),
            (STEP * 2, "problem"),
        ] {
            assert_eq!(level(now, Some(now + ahead)), expected, "{ahead}");
        }
    }
}
