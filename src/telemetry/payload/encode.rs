//! Samples to the payload that [`decode`](super::decode) reads back.

use serde_json::{Map, Value, json};

use super::format::{Field, Format};
use crate::scene::{Signal, TimeFormat};
use crate::signal::{Clock, Quality, Sample};
use crate::time::Timestamp;

/// The payload of one or several samples of `signal`; an array if there are several.
///
/// `key` is the signal's name inside the payload, where the topic does not tell it.
/// A good quality is not written, nor is a time that was only that of arrival.
/// Values are written in the signal's unit with 15 significant digits.
pub fn encode(format: &Format, key: Option<&str>, signal: &Signal, samples: &[Sample]) -> String {
    let written = |sample: &Sample| one(format, key, signal, sample);
    match samples {
        [sample] => written(sample).to_string(),
        several => Value::Array(several.iter().map(written).collect()).to_string(),
    }
}

fn one(format: &Format, key: Option<&str>, signal: &Signal, sample: &Sample) -> Value {
    let mut object = Map::new();
    put(&mut object, &format.value, value(signal, sample.value));
    if sample.clock == Clock::Source {
        put(
            &mut object,
            &format.time,
            time(format.time_format, sample.at),
        );
    }
    if sample.quality != Quality::Good {
        put(&mut object, &format.quality, json!(sample.quality.name()));
    }
    match key {
        Some(key) => json!({ key: object }),
        None => Value::Object(object),
    }
}

/// Writes `value` where `field` points to, with the objects on the way there.
fn put(object: &mut Map<String, Value>, field: &Field, value: Value) {
    let Some((last, way)) = field.path().split_last() else {
        return;
    };
    let mut at = object;
    for key in way {
        let inner = at.entry(key).or_insert_with(|| json!({}));
        if !inner.is_object() {
            *inner = json!({});
        }
        let Value::Object(inner) = inner else {
            return;
        };
        at = inner;
    }
    at.insert(last.clone(), value);
}

/// The value in the signal's unit, without the dust of the conversion.
fn value(signal: &Signal, si: f64) -> Value {
    let value = signal.unit.from_si(si);
    let tidy = format!("{value:.14e}").parse().unwrap_or(value);
    json!(tidy)
}

fn time(format: TimeFormat, at: Timestamp) -> Value {
    match format {
        TimeFormat::Auto | TimeFormat::Rfc3339 => json!(at.to_string()),
        TimeFormat::Secs => json!(at.nanos() as f64 / 1e9),
        TimeFormat::Millis => json!(at.nanos() as f64 / 1e6),
        TimeFormat::Micros => json!(at.nanos() as f64 / 1e3),
        TimeFormat::Nanos => json!(at.nanos()),
    }
}
