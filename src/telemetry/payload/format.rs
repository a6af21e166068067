//! How the payloads of one topic pattern are written: which fields, which times.

use std::collections::HashMap;

use super::json::Json;
use crate::scene::TimeFormat;
use crate::scene::spec::TopicSpec;

/// How payloads are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    /// Where the value is.
    pub value: Field,
    /// Where the source time is.
    pub time: Field,
    /// Where the quality is.
    pub quality: Field,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Payload keys that are called otherwise in the scene.
    pub renamed: HashMap<String, String>,
}

/// A place in a payload: a field of its object, or an RFC 6901 pointer into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The keys from the outside in; at least one.
    path: Vec<String>,
}

impl Format {
    /// The format of a topic entry.
    pub fn new(spec: &TopicSpec) -> Self {
        Self {
            value: Field::new(&spec.value),
            time: Field::new(&spec.time),
            quality: Field::new(&spec.quality),
            time_format: spec.time_format,
            renamed: spec
                .fields
                .iter()
                .map(|(key, name)| (key.clone(), name.clone()))
                .collect(),
        }
    }

    /// The scene's name for a payload key.
    pub(super) fn name_of<'k>(&'k self, key: &'k str) -> &'k str {
        self.renamed.get(key).map_or(key, String::as_str)
    }

    /// The payload key for a name of the scene.
    pub(in crate::telemetry) fn key_of(&self, name: &str) -> String {
        let renamed = self.renamed.iter().filter(|(_, to)| *to == name);
        // The least key, so that the choice does not depend on the map's order.
        let key = renamed.map(|(key, _)| key).min();
        key.map_or(name, String::as_str).to_owned()
    }

    /// True if `key` holds the time or the quality, or the way to them.
    pub(super) fn is_about(&self, key: &str) -> bool {
        self.time.path[0] == key || self.quality.path[0] == key
    }
}

impl Field {
    /// From a field name such as `v`, or a pointer such as `/data/0/v`.
    pub fn new(text: &str) -> Self {
        let path = match text.strip_prefix('/') {
            Some(pointer) => pointer
                .split('/')
                .map(|key| key.replace("~1", "/").replace("~0", "~"))
                .collect(),
            None => vec![text.to_owned()],
        };
        Self { path }
    }

    /// The keys from the outside in.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// What stands at this place of `object`.
    pub(super) fn find<'j, 'a>(&self, object: &'j Entries<'a>) -> Option<&'j Json<'a>> {
        let (first, rest) = self.path.split_first()?;
        let start = get(object, first)?;
        rest.iter().try_fold(start, |at, key| match at {
            Json::Object(entries) => get(entries, key),
            Json::Array(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }
}

/// The entries of a JSON object.
pub(super) type Entries<'a> = [(std::borrow::Cow<'a, str>, Json<'a>)];

fn get<'j, 'a>(entries: &'j Entries<'a>, key: &str) -> Option<&'j Json<'a>> {
    entries
        .iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value)
}
