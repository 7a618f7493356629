//! Redis, where servers share what they count for rate limits.

use super::finding::Finding;
use crate::{settings::Settings, shared_permits::try_at};

const SUBJECT: &str = "rate limits";

/// Takes a permit, as servers do; Redis keeps the key `countersign:probe` for a minute.
pub(super) fn check(settings: &Settings) -> Finding {
    let Some(redis) = &settings.redis else {
        return Finding::ok(SUBJECT, "counted by each server alone");
    };
    match try_at(redis) {
        Ok(()) => Finding::ok(SUBJECT, format!("shared in {redis}, which answers")),
        Err(fault) => Finding::problem(
            SUBJECT,
            format!("{redis}: {fault}: each server counts by itself"),
            "start Redis, correct limits.redis_url (COUNTERSIGN__LIMITS__REDIS_URL), or leave it out",
        ),
    }
}
