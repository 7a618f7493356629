//! RFC 3339 date-times, to the nanosecond.

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

/// Writes an instant as the dialects do: RFC 3339 in UTC with milliseconds, `2026-04-24T12:00:00.000Z`.
/// What is finer is cut off.
pub fn format_instant(instant: OffsetDateTime) -> String {
    let utc = instant.to_offset(UtcOffset::UTC);
    let (date, time) = (utc.date(), utc.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second, milli) = (
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond(),
    );
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Reads an RFC 3339 date-time: zone mandatory, real calendar dates, any number of fraction
/// digits (cut after the ninth), second 60 taken as the first instant after 59.
pub(crate) fn parse(text: &str) -> Option<OffsetDateTime> {
    let bytes = text.as_bytes();
    let year = number(bytes.get(0..4)?)?;
    let month = Month::try_from(u8::try_from(number(bytes.get(5..7)?)?).ok()?).ok()?;
    let day = u8::try_from(number(bytes.get(8..10)?)?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, day).ok()?;
    let separated = bytes[4] == b'-' && bytes[7] == b'-' && matches!(bytes.get(10)?, b'T' | b't');
    let (hour, minute, second) = clock(bytes.get(11..19)?)?;
    let (nanosecond, zone) = fraction(bytes.get(19..)?)?;
    let time = Time::from_hms_nano(hour, minute, second.min(59), nanosecond).ok()?;
    let leap = if second == 60 {
        Duration::SECOND
    } else {
        Duration::ZERO
    };
    let local = date.with_time(time).checked_add(leap)?;
    separated.then(|| local.assume_utc().checked_sub(offset(zone)?))?
}

/// `hh:mm:ss`, hours to 23 and seconds to 60.
fn clock(bytes: &[u8]) -> Option<(u8, u8, u8)> {
    let [hour, minute, second] =
        [0, 3, 6].map(|at| number(&bytes[at..at + 2]).and_then(|n| u8::try_from(n).ok()));
    let (hour, minute, second) = (hour?, minute?, second?);
    (bytes[2] == b':' && bytes[5] == b':' && hour <= 23 && minute <= 59 && second <= 60)
        .then_some((hour, minute, second))
}

/// `["." 1*DIGIT]` as nanoseconds, and what follows it.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let Some(digits) = bytes.strip_prefix(b".") else {
        return Some((0, bytes));
    };
    let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let nanosecond = (0..9).fold(0, |n, at| {
        n * 10
            + if at < length {
                u32::from(digits[at] - b'0')
            } else {
                0
            }
    });
    Some((nanosecond, &digits[length..]))
}

/// `Z` or `±hh:mm`.
fn offset(zone: &[u8]) -> Option<Duration> {
    if matches!(zone, b"Z" | b"z") {
        return Some(Duration::ZERO);
    }
    let &[sign, h1, h2, b':', m1, m2] = zone else {
        return None;
    };
    let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let offset = Duration::minutes(i64::from(hours * 60 + minutes));
    match sign {
        b'+' => Some(offset),
        b'-' => Some(-offset),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn date_times_are_read_to_the_nanosecond() {
        for (text, expected) in [
            ("2026-03-01T12:00:00Z", datetime!(2026-03-01 12:00 UTC)),
            (
                "2026-03-01t12:00:00.5z",
                datetime!(2026-03-01 12:00:00.5 UTC),
            ),
            (
                "2026-03-01T12:00:00.123456789123Z",
                datetime!(2026-03-01 12:00:00.123456789 UTC),
            ),
            ("2026-03-01T12:00:00+02:30", datetime!(2026-03-01 09:30 UTC)),
            ("2026-03-01T23:30:00-23:59", datetime!(2026-03-02 23:29 UTC)),
            ("2016-12-31T23:59:60Z", datetime!(2017-01-01 00:00 UTC)),
            ("2024-02-29T00:00:00Z", datetime!(2024-02-29 00:00 UTC)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_date_times() {
        for text in [
            "",
            "never",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-03-01 12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:60:00Z",
            "2026-03-01T12:00:61Z",
            "2026-03-01T12:00:00.Z",
            "2026-03-01T12:00:00+24:00",
            "2026-03-01T12:00:00+0100",
            "2026-03-01T12:00:00ZZ",
            "+026-03-01T12:00:00Z",
            "2026-03-01T12:00:0éZ",
            "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-00:01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_written_with_milliseconds() {
        assert_eq!(
            format_instant(datetime!(2026-04-24 14:00:00.0015 +2)),
            "2026-04-24T12:00:00.001Z"
        );
    }
}
