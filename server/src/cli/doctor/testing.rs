//! Settings that exist for trying and testing.

use super::finding::Finding;
use crate::config::Config;

const SUBJECT: &str = "for testing";

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let demo = config.demo.then(|| {
        Finding::warning(
            SUBJECT,
            "demo = true: stand-in routes of a trading platform are served",
            "set demo = false",
        )
    });
    let scale = (config.limits.scale != 1).then(|| {
        Finding::warning(
            SUBJECT,
            format!(
                "limits.scale = {}: every rate limit is multiplied",
                config.limits.scale
            ),
            "set limits.scale = 1",
        )
    });
    let allow = config.allow_unsafe.then(|| {
        Finding::warning(
            SUBJECT,
            "allow_unsafe = true: demo and limits.scale are permitted where others can reach them",
            "set allow_unsafe = false",
        )
    });
    let found: Vec<_> = [demo, scale, allow].into_iter().flatten().collect();
    if found.is_empty() {
        return vec![Finding::ok(
            SUBJECT,
            "demo, limits.scale and allow_unsafe are off",
        )];
    }
    found
}
