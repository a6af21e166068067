//! The source time of a sample, as text or as an epoch number.
//!
//! A number without a declared unit is told by its size: below 1e11 it counts seconds
//! (until the year 5138), below 1e14 milliseconds, below 1e17 microseconds, else
//! nanoseconds. The four ranges meet in 1973, so only times before that are misread,
//! and those are refused anyway.

use super::json::Json;
use super::rejection::Rejection;
use crate::scene::TimeFormat;
use crate::time::Timestamp;

/// 1990-01-01: an earlier time comes from a clock that was never set.
const EARLIEST: Timestamp = Timestamp::from_secs(631_152_000);
/// How far a source's clock may run ahead of ours, s.
const MAX_AHEAD_SECS: f64 = 86_400.0;

/// Reads a time and checks it against `received`, when it arrived.
pub(super) fn read(
    value: &Json<'_>,
    format: TimeFormat,
    received: Timestamp,
) -> Result<Timestamp, Rejection> {
    let at = match value {
        Json::Integer(number) => from_integer(*number, format),
        Json::Float(number) => from_float(*number, format),
        Json::Text(text) => from_text(text, format),
        _ => None,
    };
    check(at.ok_or(Rejection::BadTime)?, received)
}

/// Reads a time from text: RFC 3339, or a number of the format's unit.
pub(in crate::telemetry) fn from_text(text: &str, format: TimeFormat) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return from_integer(number, format);
    }
    if let Ok(number) = text.parse::<f64>() {
        return from_float(number, format);
    }
    match format {
        TimeFormat::Auto | TimeFormat::Rfc3339 => text.parse().ok(),
        _ => None,
    }
}

/// Refuses times that no working clock can have sent.
fn check(at: Timestamp, received: Timestamp) -> Result<Timestamp, Rejection> {
    if at.secs_since(received) > MAX_AHEAD_SECS {
        Err(Rejection::TooFarInFuture)
    } else if at < EARLIEST {
        Err(Rejection::TooOld)
    } else {
        Ok(at)
    }
}

/// Nanoseconds per unit of a number, by format or by size.
fn nanos_per_unit(magnitude: f64, format: TimeFormat) -> Option<i64> {
    match format {
        TimeFormat::Rfc3339 => None,
        TimeFormat::Secs => Some(1_000_000_000),
        TimeFormat::Millis => Some(1_000_000),
        TimeFormat::Micros => Some(1_000),
        TimeFormat::Nanos => Some(1),
        TimeFormat::Auto if magnitude < 1e11 => Some(1_000_000_000),
        TimeFormat::Auto if magnitude < 1e14 => Some(1_000_000),
        TimeFormat::Auto if magnitude < 1e17 => Some(1_000),
        TimeFormat::Auto => Some(1),
    }
}

fn from_integer(number: i64, format: TimeFormat) -> Option<Timestamp> {
    let per_unit = nanos_per_unit((number as f64).abs(), format)?;
    number.checked_mul(per_unit).map(Timestamp::from_nanos)
}

fn from_float(number: f64, format: TimeFormat) -> Option<Timestamp> {
    let per_unit = nanos_per_unit(number.abs(), format)?;
    if !number.is_finite() {
        return None;
    }
    // The cast saturates: what it cuts off lies far outside of what is accepted.
    let whole = (number.trunc() as i64).checked_mul(per_unit)?;
    // A double of epoch seconds resolves 0.24 µs: finer digits are noise.
    let micros = (number.fract() * per_unit as f64 / 1e3).round() as i64;
    whole.checked_add(micros * 1_000).map(Timestamp::from_nanos)
}
