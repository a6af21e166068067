//! The quality of a sample, in the notations that plants use.
//!
//! | written | means |
//! | --- | --- |
//! | a name of OPC UA, any case | that quality: `Good`, `bad`, `BadSensorFailure` |
//! | `true`, `false` | good, bad |
//! | a number from 0 to 255 | OPC DA: 192 and more good, 64 to 127 uncertain, else bad |
//! | a larger number | an OPC UA status code |
//!
//! The number 0 is bad: OPC DA's bad and OPC UA's good are both written so, and a
//! sample must never look better than it is. Anything else is uncertain, as we do not
//! know what the source meant by it.

use super::json::Json;
use crate::signal::Quality;

/// Reads a quality.
pub(super) fn read(value: &Json<'_>) -> Quality {
    match value {
        Json::Bool(true) => Quality::Good,
        Json::Bool(false) => Quality::Bad,
        Json::Integer(code) => from_code(*code),
        Json::Float(code) if code.fract() == 0.0 => from_code(*code as i64),
        Json::Text(text) => Quality::from_name(text)
            .or_else(|| text.trim().parse().ok().map(from_code))
            .unwrap_or(Quality::Uncertain),
        _ => Quality::Uncertain,
    }
}

fn from_code(code: i64) -> Quality {
    match code {
        192..=255 => Quality::Good,
        64..=127 => Quality::Uncertain,
        0..=191 => Quality::Bad,
        _ => u32::try_from(code).map_or(Quality::Uncertain, Quality::from_code),
    }
}
