//! Instants as columns hold them: Unix milliseconds.

use time::OffsetDateTime;

pub(super) fn milliseconds(instant: OffsetDateTime) -> i64 {
    let milliseconds = instant.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(milliseconds).expect("no calendar date is 292 million years away")
}

/// `None` for what is no date of the calendar, which this server never writes.
pub(super) fn from_milliseconds(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}
