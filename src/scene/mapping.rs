//! Topics that a person gave to signals: what the file beside a scene keeps of them.
//!
//! A mapping becomes an entry of its source's topics, before those of the scene. Two fields of
//! one topic become one entry, since the first entry that fits a topic counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::scenario_text::text_of;
use super::spec::{MqttSpec, TopicSpec};
use super::{FORMAT_VERSION, Scene};

/// A topic, or a field of its payload, that a signal is read from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename = "Mapping", deny_unknown_fields)]
pub struct Mapping {
    /// The source's name.
    pub source: String,
    /// The topic, without wildcards.
    pub topic: String,
    /// The field of the payload, or an RFC 6901 pointer into it; the whole payload if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The signal, `tag.signal`.
    pub signal: String,
}

/// A file of mappings beside a scene.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename = "Topics", deny_unknown_fields)]
pub(super) struct MappingsSpec {
    /// The version of this format; 1.
    pub(super) format: u32,
    /// The mappings.
    pub(super) mappings: Vec<Mapping>,
}

/// Why a mapping cannot stand beside the others.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MappingError {
    /// A topic that no entry could name.
    #[error("`{topic}` cannot be mapped: a topic with +, #, {{ or }} is no single topic")]
    NotPlain {
        /// The topic.
        topic: String,
    },
    /// The field is taken already.
    #[error("this is read as {signal} already; take that back first")]
    Taken {
        /// The signal that is read from it.
        signal: String,
    },
    /// Fields of one topic that no entry could hold together.
    #[error("{signal} is read from this topic too: only top-level fields can be mapped together")]
    NotTogether {
        /// The other signal.
        signal: String,
    },
}

impl Mapping {
    /// Whether it can stand beside `others`, which may hold it already.
    pub fn check<'m>(
        &self,
        others: impl IntoIterator<Item = &'m Self>,
    ) -> Result<(), MappingError> {
        if self.topic.is_empty() || self.topic.contains(['+', '#', '{', '}', '\0']) {
            let topic = self.topic.clone();
            return Err(MappingError::NotPlain { topic });
        }
        let others = others.into_iter().filter(|other| *other != self);
        for other in others.filter(|other| other.is_of(&self.source, &self.topic)) {
            let signal = other.signal.clone();
            if other.field == self.field {
                return Err(MappingError::Taken { signal });
            }
            if !(self.is_top_level() && other.is_top_level()) {
                return Err(MappingError::NotTogether { signal });
            }
        }
        Ok(())
    }

    fn is_of(&self, source: &str, topic: &str) -> bool {
        self.source == source && self.topic == topic
    }

    /// True if it names a field of the outermost object.
    fn is_top_level(&self) -> bool {
        let field = self.field.as_ref();
        field.is_some_and(|field| !field.starts_with('/'))
    }
}

impl Scene {
    /// The source with the topics that people gave to signals, before its own.
    pub fn mapped(&self, source: &MqttSpec) -> MqttSpec {
        mapped(&self.mappings, source)
    }
}

/// The source with those of `mappings` that are its own, before the topics that it has.
pub fn mapped(mappings: &[Mapping], source: &MqttSpec) -> MqttSpec {
    let mut entries: Vec<TopicSpec> = Vec::new();
    let own = || mappings.iter().filter(|one| one.source == source.name);
    for mapping in own() {
        if entries.iter().any(|entry| entry.pattern == mapping.topic) {
            continue;
        }
        let together: Vec<&Mapping> = own().filter(|one| one.topic == mapping.topic).collect();
        entries.push(match &together[..] {
            [one] => entry_of_one(one),
            several => entry_of_several(several),
        });
    }
    entries.extend(source.topics.iter().cloned());
    MqttSpec {
        topics: entries,
        ..source.clone()
    }
}

fn entry_of_one(mapping: &Mapping) -> TopicSpec {
    let mut entry = TopicSpec::plain(&mapping.topic);
    entry.signal = Some(mapping.signal.clone());
    if let Some(field) = &mapping.field {
        entry.value.clone_from(field);
    }
    entry
}

fn entry_of_several(mappings: &[&Mapping]) -> TopicSpec {
    let mut entry = TopicSpec::plain(&mappings[0].topic);
    let fields = mappings.iter().filter_map(|mapping| {
        let field = mapping.field.clone()?;
        Some((field, mapping.signal.clone()))
    });
    entry.fields = fields.collect::<BTreeMap<_, _>>();
    entry
}

/// The file of mappings that is kept beside a scene.
pub fn mappings_text(mappings: &[Mapping]) -> String {
    let spec = MappingsSpec {
        format: FORMAT_VERSION,
        mappings: mappings.to_vec(),
    };
    text_of(&spec, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(topic: &str, field: Option<&str>, signal: &str) -> Mapping {
        Mapping {
            source: "plant".to_owned(),
            topic: topic.to_owned(),
            field: field.map(str::to_owned),
            signal: signal.to_owned(),
        }
    }

    #[test]
    fn only_top_level_fields_share_a_topic() {
        let known = [
            mapping("raw/1", Some("lvl"), "TK-1.level"),
            mapping("raw/2", Some("/data/0"), "TK-1.level"),
            mapping("raw/3", None, "TK-1.level"),
        ];
        let check = |topic: &str, field, expected: &str| {
            let found = mapping(topic, field, "P-1.flow").check(&known);
            let told = found.map_or_else(|error| error.to_string(), |()| String::new());
            assert!(
                told.contains(expected) && told.is_empty() == expected.is_empty(),
                "{topic} {field:?}: `{told}`"
            );
        };
        check("raw/1", Some("flow"), "");
        check("raw/1", Some("lvl"), "read as TK-1.level already");
        check("raw/1", None, "only top-level fields");
        check("raw/1", Some("/data/0"), "only top-level fields");
        check("raw/2", Some("flow"), "only top-level fields");
        check("raw/3", Some("flow"), "only top-level fields");
        check("raw/4", None, "");
        check("raw/+", None, "no single topic");
        check("", None, "no single topic");
        let mut elsewhere = mapping("raw/3", None, "P-1.flow");
        elsewhere.source = "other".to_owned();
        assert_eq!(elsewhere.check(&known), Ok(()));
        assert_eq!(known[0].check(&known), Ok(()));
    }

    #[test]
    fn mappings_stand_before_the_topics_of_the_scene() {
        let mut scene = Scene::default();
        let source = MqttSpec::plain("mqtt://127.0.0.1:1883");
        scene.mappings = vec![
            mapping("raw/1", Some("lvl"), "TK-1.level"),
            mapping("raw/2", Some("/data/0"), "TK-2.level"),
            mapping("raw/1", Some("flow"), "P-1.flow"),
        ];
        scene.mappings.push(Mapping {
            source: "other".to_owned(),
            ..mapping("raw/9", None, "P-1.flow")
        });
        let topics = scene.mapped(&source).topics;
        let patterns: Vec<_> = topics.iter().map(|topic| topic.pattern.as_str()).collect();
        assert_eq!(patterns, ["raw/1", "raw/2", "{asset}/{signal}"]);
        assert_eq!(topics[0].fields["lvl"], "TK-1.level");
        assert_eq!(topics[0].fields["flow"], "P-1.flow");
        assert_eq!(topics[1].value, "/data/0");
        assert_eq!(topics[1].signal.as_deref(), Some("TK-2.level"));
    }
}
