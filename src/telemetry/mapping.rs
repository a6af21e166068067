//! What a topic would mean if a signal were read from it: told before it is so.

use thiserror::Error;

use super::payload::{self, Arrival, Format, Rejection, Rejections, leaves};
use super::topic::{Subject, TopicMap, Unmapped, route_in};
use crate::scene::spec::MqttSpec;
use crate::scene::{Mapping, MappingError, Scene, mapped};
use crate::signal::{Origin, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

/// Why a topic cannot be given to a signal.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CannotMap {
    /// The scene has no such source.
    #[error("there is no source `{0}`")]
    NoSource(String),
    /// The scene has no such signal.
    #[error("there is no signal `{0}`")]
    NoSignal(String),
    /// It cannot stand beside the mappings that there are.
    #[error(transparent)]
    Beside(#[from] MappingError),
    /// A pattern of the scene carries the topic.
    #[error("the scene's pattern `{pattern}` reads this topic already; change it there")]
    Carried {
        /// The pattern.
        pattern: String,
    },
}

/// The source called `name`; a scene without sources has one by the usual name.
fn source_of(scene: &Scene, name: &str) -> Option<MqttSpec> {
    let usual = MqttSpec::plain("");
    if scene.sources.is_empty() && name == usual.name {
        return Some(usual);
    }
    let mut sources = scene.sources.iter();
    sources.find(|source| source.name == name).cloned()
}

/// Whether `mapping` can be added to those of `scene`.
pub fn check(mapping: &Mapping, scene: &Scene) -> Result<(), CannotMap> {
    let Some(source) = source_of(scene, &mapping.source) else {
        return Err(CannotMap::NoSource(mapping.source.clone()));
    };
    if scene.find_signal(&mapping.signal).is_none() {
        return Err(CannotMap::NoSignal(mapping.signal.clone()));
    }
    mapping.check(&scene.mappings)?;
    match route_in(&source, scene, &mapping.topic) {
        Ok(route) => Err(CannotMap::Carried {
            pattern: source.topics[route.pattern].pattern.clone(),
        }),
        // The pattern names an asset or a signal that there is none of: the mapping helps.
        Err(Unmapped::NoPattern | Unmapped::UnknownAsset | Unmapped::UnknownSignal) => Ok(()),
    }
}

/// What `mapping` reads from a payload: the newest sample, SI, or why there is none.
pub fn preview(
    mapping: &Mapping,
    scene: &Scene,
    payload: &[u8],
    arrival: Arrival,
) -> Result<Sample, Rejection> {
    let source = MqttSpec {
        name: mapping.source.clone(),
        topics: Vec::new(),
        ..MqttSpec::plain("")
    };
    let alone = mapped(std::slice::from_ref(mapping), &source);
    let Ok(route) = route_in(&alone, scene, &mapping.topic) else {
        return Err(Rejection::UnknownSignal);
    };
    let mut batch = SampleBatch::new(Origin::Measured);
    let mut rejected = Rejections::default();
    let format = Format::new(&alone.topics[route.pattern]);
    payload::decode(
        payload,
        route.subject,
        &format,
        scene,
        arrival,
        &mut batch,
        &mut rejected,
    );
    let newest = batch.samples.last().map(|(_, sample)| *sample);
    let why = rejected.iter().next().map(|(why, _)| why);
    newest.ok_or(why.unwrap_or(Rejection::NoValue))
}

/// A value inside a payload, and the field that a mapping names it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadField {
    /// The field, or the pointer; `None` for a payload that is one value.
    pub field: Option<String>,
    /// The value as text.
    pub value: String,
}

/// At most so many values of a payload are listed.
pub const MAX_FIELDS: usize = 200;

/// The values in a payload, in order; none if it is no JSON but text.
pub fn fields(payload: &str) -> Vec<PayloadField> {
    leaves(payload, MAX_FIELDS)
        .into_iter()
        .map(|(path, value)| PayloadField {
            field: field_of(&path),
            value,
        })
        .collect()
}

/// A plain name where the place is a top-level field, else a pointer.
fn field_of(path: &[String]) -> Option<String> {
    match path {
        [] => None,
        [name] if !name.starts_with('/') && !name.is_empty() => Some(name.clone()),
        deep => Some(deep.iter().fold(String::new(), |pointer, key| {
            format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
        })),
    }
}

/// What a topic leads to now, in words: `TK-1.level`, `pump P-1`, or why nowhere.
pub fn route_text(topics: &TopicMap, topic: &str) -> Result<String, Unmapped> {
    let route = topics.find(topic)?;
    let scene = topics.scene();
    Ok(match route.subject {
        Subject::Signal(signal) => scene.signal(signal).full_name.clone(),
        Subject::Asset(asset) => scene.asset(asset).tag.clone(),
        Subject::Plant => "the plant".to_owned(),
    })
}

/// The measured signals that were never heard of, or not for longer than they may be silent.
///
/// `latest` tells when a signal was heard of last.
pub fn silent_signals(
    scene: &Scene,
    now: Timestamp,
    latest: impl Fn(SignalId) -> Option<Timestamp>,
) -> Vec<(SignalId, Option<Timestamp>)> {
    let measured = scene.signal_ids().filter(|id| scene.signal(*id).measured);
    let mut silent: Vec<_> = measured
        .map(|id| (id, latest(id)))
        .filter(|(id, heard)| {
            let most = scene.signal(*id).max_age.as_secs_f64();
            heard.is_none_or(|at| now.secs_since(at) > most)
        })
        .collect();
    // Never heard of first, then those silent for the longest.
    silent.sort_by_key(|(id, heard)| (*heard, *id));
    silent
}
