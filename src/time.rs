//! Instants and spans of plant time. Floor 0: everything above speaks in these.
//!
//! A [`Timestamp`] is read from RFC 3339 text or from an epoch number and written as
//! RFC 3339 in UTC. Nothing here reads a clock: the edges (floor 4 and up) do.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An instant: nanoseconds since the Unix epoch, UTC.
///
/// An integer, so that equal instants compare equal. Epoch seconds in an `f64`
/// would resolve only 0.24 µs. Arithmetic saturates at the years 1677 and 2262.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a time; write RFC 3339, such as 2026-03-01T06:00:00Z")]
pub struct TimestampError {
    text: String,
}

/// Why a text is not a span of time.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a duration; write a number and a unit, such as 20s, 5min or 24h")]
pub struct DurationError {
    text: String,
}

impl Timestamp {
    /// The earliest instant that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant `nanos` nanoseconds after the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The instant `secs` whole seconds after the Unix epoch.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` to `self`; negative if `self` comes first.
    pub fn secs_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 * 1e-9
    }

    /// The span from `earlier` to `self`, or zero if `self` comes first.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The instant `secs` seconds later, or earlier if negative.
    pub fn plus_secs(self, secs: f64) -> Self {
        // A float cast saturates, so even nonsense stays an instant.
        Self(self.0.saturating_add((secs * 1e9).round() as i64))
    }

    /// The UTC calendar reading, such as `2026-03-01 06:00:00`, with no fraction.
    pub fn to_clock_text(self) -> String {
        self.format("%Y-%m-%d %H:%M:%S")
    }

    /// UTC text by a `strftime` pattern; sub-second parts by `%.3f`.
    pub fn format(self, pattern: &str) -> String {
        let instant = jiff::Timestamp::from_nanosecond(i128::from(self.0));
        instant.map_or_else(
            |_| self.0.to_string(),
            |instant| instant.strftime(pattern).to_string(),
        )
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        let nanos = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(nanos))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        let nanos = i64::try_from(span.as_nanos()).unwrap_or(i64::MAX);
        Self(self.0.saturating_sub(nanos))
    }
}

/// RFC 3339 in UTC with as many decimals as needed: `2026-03-01T06:00:00.25Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(i128::from(self.0)) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339, with `T` or a space between date and time; without an
    /// offset it is taken as UTC.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let text = text.trim();
        let error = || TimestampError {
            text: text.chars().take(60).collect(),
        };
        let instant = text
            .parse::<jiff::Timestamp>()
            .or_else(|_| {
                let civil = text.parse::<jiff::civil::DateTime>()?;
                jiff::tz::TimeZone::UTC.to_timestamp(civil)
            })
            .map_err(|_| error())?;
        i64::try_from(instant.as_nanosecond())
            .map(Self)
            .map_err(|_| error())
    }
}

/// Reads a span such as `20s`, `5min`, `1h30m` or `2 days`; never negative.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError {
        text: text.chars().take(60).collect(),
    };
    let span: jiff::Span = text.trim().parse().map_err(|_| error())?;
    let span = span
        .to_duration(jiff::SpanRelativeTo::days_are_24_hours())
        .map_err(|_| error())?;
    Duration::try_from(span).map_err(|_| error())
}

/// A span as people read it, two parts at most: `1 h 50 min`, `35 s`, `0.4 s`.
pub fn duration_text(secs: f64) -> String {
    let magnitude = secs.abs();
    let sign = if secs < 0.0 { "−" } else { "" };
    if magnitude < 10.0 {
        return format!("{sign}{} s", (magnitude * 10.0).round() / 10.0);
    }
    let whole = magnitude.round() as u64;
    let (days, hours, minutes, seconds) = (
        whole / 86_400,
        whole / 3_600 % 24,
        whole / 60 % 60,
        whole % 60,
    );
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{seconds} s"),
        (0, 0, 1..=9) => format!("{sign}{minutes} min {seconds} s"),
        (0, 0, _) => format!("{sign}{minutes} min"),
        (0, _, _) => format!("{sign}{hours} h {minutes} min"),
        _ => format!("{sign}{days} d {hours} h"),
    }
}

/// A span as [`parse_duration`] reads it back: `24h`, `90min`, `1h 30min`.
pub fn exact_duration_text(span: Duration) -> String {
    let secs = span.as_secs_f64();
    let whole = secs as u64;
    if secs != whole as f64 {
        return format!("{}ms", (secs * 1e3).round());
    }
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    let parts = [(hours, "h"), (minutes, "min"), (seconds, "s")];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_instant_round_trip() {
        for text in ["2026-03-01T06:00:00Z", "1999-12-31T23:59:59.123456789Z"] {
            assert_eq!(
                text.parse::<Timestamp>().map(|at| at.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn an_offset_is_honoured_and_none_means_utc() {
        let utc = "2020-03-09T10:14:33Z".parse::<Timestamp>();
        assert_eq!("2020-03-09T12:14:33+02:00".parse(), utc);
        assert_eq!("2020-03-09 10:14:33".parse(), utc);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "9999-01-01T00:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, secs) in [
            ("20s", 20.0),
            ("5min", 300.0),
            ("24h", 86_400.0),
            ("1h30m", 5_400.0),
            ("2 days", 172_800.0),
            ("250ms", 0.25),
        ] {
            assert_eq!(
                parse_duration(text).map(|span| span.as_secs_f64()),
                Ok(secs),
                "{text}"
            );
        }
        assert!(parse_duration("-5s").is_err());
        assert!(parse_duration("5 parsecs").is_err());
    }

    #[test]
    fn a_span_survives_its_text() {
        for secs in [
            0.0, 0.25, 5.0, 60.0, 90.0, 300.0, 5_400.0, 86_400.0, 93_784.0,
        ] {
            let span = Duration::from_secs_f64(secs);
            let text = exact_duration_text(span);
            assert_eq!(parse_duration(&text), Ok(span), "{text}");
        }
    }
}
