//! One value: from what a source writes to SI.

use super::json::Json;
use super::rejection::Rejection;
use crate::scene::Signal;
use crate::units::Quantity;

/// The largest value, SI, that a plant can have. A larger one is a broken instrument.
const MAX_PLAUSIBLE: f64 = 1e15;

/// The SI value of a scalar.
pub(super) fn read(value: &Json<'_>, signal: &Signal) -> Result<f64, Rejection> {
    match value {
        Json::Integer(number) => to_si(*number as f64, signal),
        Json::Float(number) => to_si(*number, signal),
        Json::Bool(truth) => from_bool(*truth, signal),
        Json::Text(text) => from_text(text, signal),
        Json::Null => Err(Rejection::NoValue),
        Json::Array(_) | Json::Object(_) => Err(Rejection::NotANumber),
    }
}

/// The SI value of a text: a state of the signal, a number, or a truth value.
pub(in crate::telemetry) fn from_text(text: &str, signal: &Signal) -> Result<f64, Rejection> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Rejection::NoValue);
    }
    let state = |name: &String| name.eq_ignore_ascii_case(text);
    if let Some(place) = signal.states.iter().position(state) {
        return Ok(place as f64);
    }
    if let Ok(number) = text.parse() {
        return to_si(number, signal);
    }
    match text {
        _ if text.eq_ignore_ascii_case("true") => from_bool(true, signal),
        _ if text.eq_ignore_ascii_case("false") => from_bool(false, signal),
        _ => Err(Rejection::NotANumber),
    }
}

/// A truth value is 1 or 0 of a plain number; nothing is `true` bar.
fn from_bool(truth: bool, signal: &Signal) -> Result<f64, Rejection> {
    if signal.unit.quantity() == Quantity::Number {
        Ok(f64::from(u8::from(truth)))
    } else {
        Err(Rejection::NotANumber)
    }
}

fn to_si(number: f64, signal: &Signal) -> Result<f64, Rejection> {
    let si = signal.unit.to_si(number);
    if !si.is_finite() {
        Err(Rejection::NotFinite)
    } else if si.abs() > MAX_PLAUSIBLE {
        Err(Rejection::Implausible)
    } else {
        Ok(si)
    }
}
