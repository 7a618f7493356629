//! What is logged.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::finding::Finding;

const SUBJECT: &str = "log";

pub(super) fn check(filter: &str) -> Finding {
    let most = EnvFilter::new(filter).max_level_hint();
    let shown = format!("log.filter = {filter:?}");
    match most {
        Some(LevelFilter::OFF) => Finding::warning(
            SUBJECT,
            format!("{shown}: nothing is logged, errors neither"),
            "set log.filter = \"error\" at least, or leave it out",
        ),
        Some(level) if level <= LevelFilter::INFO => Finding::ok(SUBJECT, shown),
        _ => Finding::warning(
            SUBJECT,
            format!("{shown}: several lines a request, which cost time and room"),
            "set log.filter = \"info\", or leave it out",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_info_and_nothing_at_all_are_warnings() {
        for (filter, expected) in [
            ("info,poem=warn,sea_orm_migration=warn,sqlx=warn", "ok"),
            ("error", "ok"),
            ("debug", "warning"),
            ("info,poem=debug", "warning"),
            ("trace", "warning"),
            ("off", "warning"),
        ] {
            let line = check(filter).to_string();
            assert!(line.starts_with(expected), "{filter}: {line}");
        }
    }
}
