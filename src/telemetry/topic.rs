//! What topics mean: patterns of a source, and the signals or assets that they name.
//!
//! [`TopicMap`] answers in both directions: [`TopicMap::find`] for what arrives, and
//! [`TopicMap::address`] for what is published. [`RouteCache`] makes the first a single
//! hash lookup for every topic but new ones.

use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use super::payload::Format;
use crate::scene::spec::{MqttSpec, TopicSpec};
use crate::scene::{AssetIndex, Scene};
use crate::signal::SignalId;

/// What a payload speaks of, as far as its topic tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One signal.
    Signal(SignalId),
    /// One asset; the payload names its signals.
    Asset(AssetIndex),
    /// The whole plant; the payload names `tag.signal`.
    Plant,
}

/// Where a message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// What its payload speaks of.
    pub subject: Subject,
    /// Which entry of the source's topics it fits, for [`TopicMap::format`].
    pub pattern: usize,
}

/// Why a topic leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unmapped {
    /// No pattern of the source fits.
    #[error("no pattern fits")]
    NoPattern,
    /// The topic names an asset that the scene does not have.
    #[error("unknown asset")]
    UnknownAsset,
    /// The topic names a signal that its asset does not have.
    #[error("unknown signal")]
    UnknownSignal,
}

/// Where and how a signal is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The topic.
    pub topic: String,
    /// Which entry of the source's topics it follows.
    pub pattern: usize,
    /// The key of the signal inside the payload, where the topic does not tell it.
    pub key: Option<String>,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// No text at all.
    #[error("an empty topic pattern")]
    Empty,
    /// `#` stands before the end.
    #[error("`#` must be the last level: `{pattern}`")]
    RestNotLast {
        /// The pattern.
        pattern: String,
    },
    /// A wildcard or placeholder shares its level with text.
    #[error("`{level}` must be `+`, `#`, `{{asset}}`, `{{signal}}` or plain text: `{pattern}`")]
    MixedLevel {
        /// The level.
        level: String,
        /// The pattern.
        pattern: String,
    },
    /// A placeholder stands twice.
    #[error("`{placeholder}` stands twice: `{pattern}`")]
    Twice {
        /// The placeholder.
        placeholder: &'static str,
        /// The pattern.
        pattern: String,
    },
    /// The fixed asset does not exist.
    #[error("unknown asset `{asset}`: `{pattern}`")]
    UnknownAsset {
        /// The tag.
        asset: String,
        /// The pattern.
        pattern: String,
    },
    /// The fixed signal does not exist.
    #[error("unknown signal `{signal}`: `{pattern}`")]
    UnknownSignal {
        /// The signal.
        signal: String,
        /// The pattern.
        pattern: String,
    },
}

#[derive(Debug, PartialEq, Eq)]
enum Level {
    Text(String),
    Any,
    Rest,
    Asset,
    Signal,
}

#[derive(Debug)]
struct Pattern {
    text: String,
    levels: Vec<Level>,
    asset: Option<AssetIndex>,
    signal: FixedSignal,
    format: Format,
}

/// The signal that an entry names where its pattern does not.
#[derive(Debug)]
enum FixedSignal {
    None,
    One(SignalId),
    /// Of whichever asset the topic names.
    Named(String),
}

/// What the topics of one source mean.
#[derive(Debug)]
pub struct TopicMap {
    scene: Arc<Scene>,
    patterns: Vec<Pattern>,
}

impl TopicMap {
    /// Compiles the topics of `spec`, which must belong to `scene`.
    pub fn new(spec: &MqttSpec, scene: Arc<Scene>) -> Result<Self, PatternError> {
        let patterns = spec
            .topics
            .iter()
            .map(|topic| Pattern::compile(topic, &scene))
            .collect::<Result<_, _>>()?;
        Ok(Self { scene, patterns })
    }

    /// The scene whose signals are meant.
    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// How payloads of this entry are written.
    ///
    /// # Panics
    /// If `pattern` is of another map.
    pub fn format(&self, pattern: usize) -> &Format {
        &self.patterns[pattern].format
    }

    /// The patterns, in order.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| pattern.text.as_str())
    }

    /// What to subscribe to, each once. A broker may send what fits two filters twice, so a
    /// single topic that a wider pattern hears already is not asked for again.
    pub fn filters(&self) -> Vec<String> {
        let mut filters: Vec<String> = Vec::new();
        for pattern in &self.patterns {
            let filter = pattern.filter();
            let heard = pattern.is_plain() && self.patterns.iter().any(|one| one.hears(&filter));
            if !heard && !filters.contains(&filter) {
                filters.push(filter);
            }
        }
        filters
    }

    /// Where a message on `topic` belongs. The first pattern that fits counts.
    pub fn find(&self, topic: &str) -> Result<Route, Unmapped> {
        find_in(&self.patterns, &self.scene, topic)
    }

    /// Where and how `signal` is published: by the first entry that can carry it.
    pub fn address(&self, signal: SignalId) -> Option<Address> {
        self.patterns
            .iter()
            .enumerate()
            .find_map(|(place, pattern)| {
                let (topic, key) = pattern.address(signal, &self.scene)?;
                Some(Address {
                    topic,
                    pattern: place,
                    key,
                })
            })
    }

    /// The measured signals that this source can carry: those that go stale with its link.
    pub fn signals(&self) -> Vec<SignalId> {
        self.scene
            .signal_ids()
            .filter(|id| self.scene.signal(*id).measured)
            .filter(|id| {
                self.patterns
                    .iter()
                    .any(|pattern| pattern.carries(*id, &self.scene))
            })
            .collect()
    }
}

/// The same as [`TopicMap::find`] for who asks once; nowhere if a pattern cannot be used.
pub fn route_in(spec: &MqttSpec, scene: &Scene, topic: &str) -> Result<Route, Unmapped> {
    let patterns = spec.topics.iter();
    let patterns = patterns.map(|entry| Pattern::compile(entry, scene));
    let patterns: Result<Vec<_>, _> = patterns.collect();
    find_in(&patterns.unwrap_or_default(), scene, topic)
}

fn find_in(patterns: &[Pattern], scene: &Scene, topic: &str) -> Result<Route, Unmapped> {
    let fitting = patterns
        .iter()
        .enumerate()
        .find_map(|(place, pattern)| Some((place, pattern.names_in(topic)?)));
    let (place, names) = fitting.ok_or(Unmapped::NoPattern)?;
    let subject = patterns[place].subject(&names, scene)?;
    Ok(Route {
        subject,
        pattern: place,
    })
}

/// What a topic's levels say at the placeholders.
struct Names<'t> {
    asset: Option<&'t str>,
    signal: Option<&'t str>,
}

impl Pattern {
    fn compile(spec: &TopicSpec, scene: &Scene) -> Result<Self, PatternError> {
        let text = spec.pattern.clone();
        let levels = parse_levels(&text)?;
        let asset = match &spec.asset {
            Some(tag) => Some(
                scene
                    .find_asset(tag)
                    .ok_or_else(|| PatternError::UnknownAsset {
                        asset: tag.clone(),
                        pattern: text.clone(),
                    })?,
            ),
            None => None,
        };
        let signal = match &spec.signal {
            Some(name) => fixed_signal(name, asset, levels.contains(&Level::Asset), scene)
                .ok_or_else(|| PatternError::UnknownSignal {
                    signal: name.clone(),
                    pattern: text.clone(),
                })?,
            None => FixedSignal::None,
        };
        Ok(Self {
            text,
            levels,
            asset,
            signal,
            format: Format::new(spec),
        })
    }

    fn filter(&self) -> String {
        let levels = self.levels.iter().map(|level| match level {
            Level::Text(text) => text.as_str(),
            Level::Any | Level::Asset | Level::Signal => "+",
            Level::Rest => "#",
        });
        levels.collect::<Vec<_>>().join("/")
    }

    /// True if it fits one topic only.
    fn is_plain(&self) -> bool {
        let text = |level: &Level| matches!(level, Level::Text(_));
        self.levels.iter().all(text)
    }

    /// True if it is wider than one topic, and its filter takes in this one.
    fn hears(&self, topic: &str) -> bool {
        // What begins with $ is the broker's own, and hidden from wildcards.
        let begins_wide = !matches!(self.levels.first(), Some(Level::Text(_)));
        let hidden = topic.starts_with('$') && begins_wide;
        !self.is_plain() && !hidden && self.names_in(topic).is_some()
    }

    /// The names at the placeholders if `topic` fits, else `None`.
    fn names_in<'t>(&self, topic: &'t str) -> Option<Names<'t>> {
        let mut names = Names {
            asset: None,
            signal: None,
        };
        let mut parts = topic.split('/');
        for level in &self.levels {
            if *level == Level::Rest {
                // `a/#` also means `a` itself.
                return Some(names);
            }
            let part = parts.next()?;
            match level {
                Level::Text(text) if text != part => return None,
                Level::Asset => names.asset = Some(part),
                Level::Signal => names.signal = Some(part),
                Level::Text(_) | Level::Any | Level::Rest => {}
            }
        }
        parts.next().is_none().then_some(names)
    }

    fn subject(&self, names: &Names<'_>, scene: &Scene) -> Result<Subject, Unmapped> {
        let asset = match names.asset {
            Some(tag) => Some(scene.find_asset(tag).ok_or(Unmapped::UnknownAsset)?),
            None => self.asset,
        };
        let name = match (&self.signal, names.signal) {
            (_, Some(name)) => name,
            (FixedSignal::One(id), None) => return Ok(Subject::Signal(*id)),
            (FixedSignal::Named(name), None) => name,
            (FixedSignal::None, None) => {
                return Ok(asset.map_or(Subject::Plant, Subject::Asset));
            }
        };
        let id = match asset {
            Some(asset) => signal_of_asset(scene, asset, name),
            None => scene.find_signal(name),
        };
        id.map(Subject::Signal).ok_or(Unmapped::UnknownSignal)
    }

    /// The topic of `signal`, and its key inside the payload where one is needed.
    fn address(&self, signal: SignalId, scene: &Scene) -> Option<(String, Option<String>)> {
        if !self.carries(signal, scene) {
            return None;
        }
        let about = scene.signal(signal);
        let tag = &scene.asset(about.asset).tag;
        let knows_asset = self.asset.is_some() || self.levels.contains(&Level::Asset);
        let levels = self.levels.iter().map(|level| match level {
            Level::Text(text) => Some(text.as_str()),
            Level::Asset => Some(tag.as_str()),
            Level::Signal if knows_asset => Some(about.name.as_str()),
            Level::Signal => Some(about.full_name.as_str()),
            Level::Any | Level::Rest => None,
        });
        let topic = levels.collect::<Option<Vec<_>>>()?.join("/");
        let key = match (&self.signal, knows_asset) {
            _ if self.levels.contains(&Level::Signal) => None,
            (FixedSignal::One(_) | FixedSignal::Named(_), _) => None,
            (FixedSignal::None, true) => Some(self.format.key_of(&about.name)),
            (FixedSignal::None, false) => Some(self.format.key_of(&about.full_name)),
        };
        Some((topic, key))
    }

    fn carries(&self, signal: SignalId, scene: &Scene) -> bool {
        let about = scene.signal(signal);
        let asset_fits = self.levels.contains(&Level::Asset)
            || self.asset.is_none_or(|asset| asset == about.asset);
        let signal_fits = self.levels.contains(&Level::Signal)
            || match &self.signal {
                FixedSignal::None => true,
                FixedSignal::One(id) => *id == signal,
                FixedSignal::Named(name) => *name == about.name,
            };
        asset_fits && signal_fits
    }
}

fn parse_levels(pattern: &str) -> Result<Vec<Level>, PatternError> {
    if pattern.is_empty() {
        return Err(PatternError::Empty);
    }
    let mut levels = Vec::new();
    for part in pattern.split('/') {
        if levels.contains(&Level::Rest) {
            return Err(PatternError::RestNotLast {
                pattern: pattern.to_owned(),
            });
        }
        let level = match part {
            "+" => Level::Any,
            "#" => Level::Rest,
            "{asset}" => Level::Asset,
            "{signal}" => Level::Signal,
            text if text.contains(['+', '#', '{', '}']) => {
                return Err(PatternError::MixedLevel {
                    level: text.to_owned(),
                    pattern: pattern.to_owned(),
                });
            }
            text => Level::Text(text.to_owned()),
        };
        let placeholder = match level {
            Level::Asset => Some("{asset}"),
            Level::Signal => Some("{signal}"),
            _ => None,
        };
        if let Some(placeholder) = placeholder.filter(|_| levels.contains(&level)) {
            return Err(PatternError::Twice {
                placeholder,
                pattern: pattern.to_owned(),
            });
        }
        levels.push(level);
    }
    Ok(levels)
}

fn fixed_signal(
    name: &str,
    asset: Option<AssetIndex>,
    asset_in_topic: bool,
    scene: &Scene,
) -> Option<FixedSignal> {
    if let Some(id) = asset.and_then(|asset| signal_of_asset(scene, asset, name)) {
        return Some(FixedSignal::One(id));
    }
    if let Some(id) = scene.find_signal(name) {
        return Some(FixedSignal::One(id));
    }
    let known = scene.signals.iter().any(|signal| signal.name == name);
    (asset_in_topic && known).then(|| FixedSignal::Named(name.to_owned()))
}

/// The signal called `name` of `asset`.
pub(super) fn signal_of_asset(scene: &Scene, asset: AssetIndex, name: &str) -> Option<SignalId> {
    scene
        .asset(asset)
        .signal_ids()
        .find(|id| scene.signal(*id).name == name)
}

/// Topics whose route is known already.
///
/// Only topics that lead somewhere are kept, so that a storm of strange topics
/// neither fills it nor pushes out the good ones.
#[derive(Debug, Default)]
pub struct RouteCache {
    routes: HashMap<String, Route>,
}

/// Beyond this many topics the cache starts anew: a `#` pattern may have no end of them.
const MAX_CACHED_TOPICS: usize = 262_144;

impl RouteCache {
    /// The same as [`TopicMap::find`], by one hash lookup if `topic` was asked for before.
    pub fn find(&mut self, map: &TopicMap, topic: &str) -> Result<Route, Unmapped> {
        if let Some(route) = self.routes.get(topic) {
            return Ok(*route);
        }
        let route = map.find(topic)?;
        if self.routes.len() >= MAX_CACHED_TOPICS {
            self.routes.clear();
        }
        self.routes.insert(topic.to_owned(), route);
        Ok(route)
    }

    /// How many topics are kept.
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// True if no topic is kept.
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}
