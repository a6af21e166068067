//! Payloads: from the bytes of a message to samples in SI, and back.
//!
//! [`decode`] understands, without being told which it is:
//!
//! ```text
//! 12.4    true    running                      a bare number, truth value or state
//! {"v": 12.4, "t": "2026-03-01T06:00:00Z"}     a value with its time and quality
//! {"level": 1.2, "flow": {"v": 3.4}, "t": …}   several signals of one asset
//! {"P-101.flow": 3.4, "P-102": {"flow": 1}}    several signals of the plant
//! [ …, … ]                                     any number of these
//! ```
//!
//! The time and quality of an outer object hold for what is inside it, unless that has
//! its own. Without any time a sample has the time of its arrival, marked
//! [`Clock::Receiver`]. What cannot be used is counted by [`Rejection`] and rejects
//! only itself. Of the keys that name no signal, texts are passed over as remarks;
//! other values count as unknown signals.

mod encode;
mod fixes;
mod format;
pub(super) mod instant;
mod json;
mod leaves;
mod quality;
mod rejection;
pub(super) mod value;

use std::collections::HashSet;

pub use encode::encode;
pub use fixes::{decode_fixes, encode_fixes};
pub use format::{Field, Format};
pub(super) use leaves::leaves;
pub use rejection::{Rejection, Rejections};

use self::format::Entries;
use self::json::Json;
use super::topic::{Subject, signal_of_asset};
use crate::scene::Scene;
use crate::signal::{Clock, Quality, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Larger payloads are refused unread.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

/// How a message reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// True if the broker had kept it: nobody knows how old it is.
    pub retained: bool,
}

/// Appends the samples of `payload` to `out` and counts what gave none.
///
/// Never fails: whatever the bytes, they become finite samples or counted rejections,
/// at least one of the two.
pub fn decode(
    payload: &[u8],
    subject: Subject,
    format: &Format,
    scene: &Scene,
    arrival: Arrival,
    out: &mut SampleBatch,
    rejections: &mut Rejections,
) {
    let mut walk = Walk {
        format,
        scene,
        arrival,
        out,
        rejections,
        arrays: 0,
        seen: HashSet::new(),
    };
    let outcome = parse(payload).and_then(|content| match content {
        Content::Json(json) => walk.value(&json, subject, Context::default()),
        Content::Text(text) => walk.text(text, subject),
    });
    if let Err(reason) = outcome {
        rejections.count(reason);
    }
}

enum Content<'a> {
    Json(Json<'a>),
    Text(&'a str),
}

fn parse(payload: &[u8]) -> Result<Content<'_>, Rejection> {
    if payload.len() > MAX_PAYLOAD_BYTES {
        return Err(Rejection::TooLarge);
    }
    let text = std::str::from_utf8(payload).map_err(|_| Rejection::NotUtf8)?;
    let text = text.trim();
    match text.as_bytes().first() {
        None => Err(Rejection::NoValue),
        Some(b'{' | b'[' | b'"') => serde_json::from_str(text)
            .map(Content::Json)
            .map_err(|error| explain(&error)),
        Some(_) if text == "null" => Err(Rejection::NoValue),
        Some(_) => Ok(Content::Text(text)),
    }
}

/// serde_json tells its reasons as text only.
fn explain(error: &serde_json::Error) -> Rejection {
    let message = error.to_string();
    if message.starts_with("recursion limit") {
        Rejection::TooDeep
    } else if message.starts_with("number out of range") {
        Rejection::NotFinite
    } else {
        Rejection::NotJson
    }
}

/// What the objects around a value say about it.
#[derive(Clone, Copy, Default)]
struct Context {
    time: Option<Timestamp>,
    quality: Quality,
    /// The time stands in the innermost object, beside the value itself.
    own_time: bool,
}

struct Walk<'w> {
    format: &'w Format,
    scene: &'w Scene,
    arrival: Arrival,
    out: &'w mut SampleBatch,
    rejections: &'w mut Rejections,
    /// How many arrays are open.
    arrays: usize,
    /// What was pushed inside arrays with a time that is not its own.
    seen: HashSet<(SignalId, Timestamp)>,
}

impl Walk<'_> {
    /// One value of any shape. An `Err` is for the value as a whole; its parts count
    /// their own.
    fn value(
        &mut self,
        json: &Json<'_>,
        subject: Subject,
        context: Context,
    ) -> Result<(), Rejection> {
        match json {
            Json::Array(items) => {
                self.arrays += 1;
                for item in items {
                    let context = Context {
                        own_time: false,
                        ..context
                    };
                    let outcome = self.value(item, subject, context);
                    self.note(outcome);
                }
                self.arrays -= 1;
                if items.is_empty() {
                    return Err(Rejection::NoValue);
                }
                Ok(())
            }
            Json::Object(entries) => self.object(entries, subject, context),
            scalar => match subject {
                Subject::Signal(signal) => self.scalar(scalar, signal, context),
                Subject::Asset(_) | Subject::Plant => Err(Rejection::UnknownSignal),
            },
        }
    }

    fn object(
        &mut self,
        entries: &Entries<'_>,
        subject: Subject,
        mut context: Context,
    ) -> Result<(), Rejection> {
        let format = self.format;
        match format.time.find(entries) {
            None | Some(Json::Null) => context.own_time = false,
            Some(time) => {
                let at = instant::read(time, format.time_format, self.arrival.at)?;
                context.time = Some(at);
                context.own_time = true;
            }
        }
        match format.quality.find(entries) {
            None | Some(Json::Null) => {}
            Some(quality) => context.quality = quality::read(quality),
        }
        match (format.value.find(entries), subject) {
            (Some(value), Subject::Signal(_)) => self.value(value, subject, context),
            (None, Subject::Signal(_)) => Err(Rejection::NoValue),
            (Some(value), _) if value.is_container() => self.value(value, subject, context),
            _ => self.signals(entries, subject, context),
        }
    }

    /// An object whose keys name signals, or assets with their signals.
    fn signals(
        &mut self,
        entries: &Entries<'_>,
        subject: Subject,
        context: Context,
    ) -> Result<(), Rejection> {
        let mut known = false;
        for (key, value) in entries {
            let named = self.named(self.format.name_of(key), subject);
            if let Some(subject) = named {
                known = true;
                let outcome = self.value(value, subject, context);
                self.note(outcome);
            } else if !self.format.is_about(key) && !matches!(value, Json::Text(_) | Json::Null) {
                known = true;
                self.rejections.count(Rejection::UnknownSignal);
            }
        }
        if known {
            Ok(())
        } else {
            Err(Rejection::NoValue)
        }
    }

    /// What a key of an object means.
    fn named(&self, name: &str, subject: Subject) -> Option<Subject> {
        let within = match subject {
            Subject::Asset(asset) => signal_of_asset(self.scene, asset, name).map(Subject::Signal),
            Subject::Plant => self.scene.find_asset(name).map(Subject::Asset),
            Subject::Signal(_) => None,
        };
        within.or_else(|| self.scene.find_signal(name).map(Subject::Signal))
    }

    /// A payload that is not JSON.
    fn text(&mut self, text: &str, subject: Subject) -> Result<(), Rejection> {
        let Subject::Signal(id) = subject else {
            return Err(Rejection::UnknownSignal);
        };
        let value =
            value::from_text(text, self.scene.signal(id)).map_err(|reason| match reason {
                Rejection::NotANumber => Rejection::NotJson,
                other => other,
            })?;
        self.push(id, value, Context::default())
    }

    fn scalar(&mut self, json: &Json<'_>, id: SignalId, context: Context) -> Result<(), Rejection> {
        let value = value::read(json, self.scene.signal(id))?;
        self.push(id, value, context)
    }

    fn push(&mut self, id: SignalId, value: f64, context: Context) -> Result<(), Rejection> {
        let at = context.time.unwrap_or(self.arrival.at);
        if self.arrays > 0 && !context.own_time && !self.seen.insert((id, at)) {
            return Err(Rejection::NoTime);
        }
        let clock = match context.time {
            Some(_) => Clock::Source,
            None => Clock::Receiver,
        };
        let of_unknown_age = self.arrival.retained && clock == Clock::Receiver;
        let quality = match context.quality {
            Quality::Good if of_unknown_age => Quality::UncertainLastUsable,
            quality => quality,
        };
        self.out.push(
            id,
            Sample {
                at,
                value,
                quality,
                clock,
                received: self.arrival.at,
            },
        );
        Ok(())
    }

    fn note(&mut self, outcome: Result<(), Rejection>) {
        if let Err(reason) = outcome {
            self.rejections.count(reason);
        }
    }
}
