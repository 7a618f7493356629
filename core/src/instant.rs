//! Instants as they are stored: Unix milliseconds.

use time::OffsetDateTime;

/// The milliseconds since 1970 (UTC) at an instant; what is finer is dropped.
pub fn milliseconds(instant: OffsetDateTime) -> i64 {
    instant.unix_timestamp() * 1000 + i64::from(instant.millisecond())
}

/// The instant of these milliseconds; `None` for what is no date of the calendar.
///
/// ```
/// use countersign_core::instant::{from_milliseconds, milliseconds};
///
/// for instant in [-1, 0, 1_772_366_400_123] {
///     assert_eq!(from_milliseconds(instant).map(milliseconds), Some(instant));
/// }
/// assert_eq!(from_milliseconds(i64::MAX), None);
/// ```
pub fn from_milliseconds(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}
