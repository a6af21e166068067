//! Cells as texts: what every format writes and reads in the same words.

use crate::recording::row::Series;
use crate::signal::{Clock, Quality};
use crate::time::Timestamp;

/// The state's name of a value of `series`; empty where it has none.
pub(in crate::recording) fn state_text(series: &Series, value: Option<f64>) -> &str {
    let place = value.filter(|value| *value >= 0.0 && value.fract() == 0.0);
    let state = place.and_then(|place| series.states.get(place as usize));
    state.map_or("", String::as_str)
}

/// As it stands in the column `clock`.
pub(in crate::recording) const fn clock_text(clock: Clock) -> &'static str {
    match clock {
        Clock::Source => "source",
        Clock::Receiver => "receiver",
    }
}

/// From the column `clock`; the source's where it is empty.
pub(in crate::recording) fn read_clock(text: &str) -> Result<Clock, (String, String)> {
    match text {
        "" | "source" => Ok(Clock::Source),
        "receiver" => Ok(Clock::Receiver),
        _ => Err((
            format!("`{}` in `clock` is nobody's clock", short(text)),
            "write `source` or `receiver`".to_owned(),
        )),
    }
}

/// A quality by its name in OPC UA or by its status code; good where it is empty.
pub(super) fn read_quality(text: &str) -> Result<Quality, (String, String)> {
    if text.is_empty() {
        return Ok(Quality::Good);
    }
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let code = match hex {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    // The specification parts its words by `_`, the names in software do not.
    let named = || Quality::from_name(&text.replace('_', ""));
    code.map(Quality::from_code).or_else(named).ok_or_else(|| {
        (
            format!("`{}` in `quality` is no quality", short(text)),
            "write a name or a status code of OPC UA, such as Good, BadNotConnected or 0x808A0000"
                .to_owned(),
        )
    })
}

/// An instant.
pub(super) fn read_time(column: &str, text: &str) -> Result<Timestamp, (String, String)> {
    text.parse().map_err(|_| {
        (
            format!("`{}` in `{column}` is not a time", short(text)),
            "write RFC 3339 between 1677 and 2262, such as 2026-03-01T06:00:00.25Z".to_owned(),
        )
    })
}

/// A text of a file, short enough for a message.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
