//! The file of mappings beside a scene: each of a source and a signal that there are.

use std::collections::HashSet;

use super::check::quoted;
use super::findings::{Findings, Place};
use super::names::Names;
use super::read;
use crate::problem::Problem;
use crate::scene::mapping::MappingsSpec;
use crate::scene::spec::MqttSpec;
use crate::scene::{FORMAT_VERSION, Mapping, Scene};

/// Reads a file of mappings for `scene`, or everything that is wrong with it.
pub fn read_mappings(text: &str, scene: &Scene) -> Result<Vec<Mapping>, Vec<Problem>> {
    let spec: MappingsSpec = read::read_as(text).map_err(|problem| vec![problem])?;
    if spec.format != FORMAT_VERSION {
        let (message, hint) = read::foreign_format(spec.format);
        return Err(vec![Problem::new(None, message, hint)]);
    }
    let mut findings = Findings::default();
    let sound = HashSet::new();
    let names = Names::new(scene, &sound);
    let root = Place::Scene;
    let list = root.key("mappings");
    // A scene without sources is fed by one that is called so.
    let usual = MqttSpec::plain("").name;
    for (index, mapping) in spec.mappings.iter().enumerate() {
        let place = list.item(index);
        let mut sources = scene.sources.iter().map(|source| &source.name);
        let is_usual = scene.sources.is_empty() && mapping.source == usual;
        if !is_usual && !sources.any(|name| *name == mapping.source) {
            let message = format!("there is no source {}", quoted(&mapping.source));
            let hint = "write the `name` of one of the scene's sources";
            findings.add(&place.key("source"), message, hint);
        }
        names.signal(&mut findings, &place.key("signal"), &mapping.signal);
        if let Err(error) = mapping.check(&spec.mappings[..index]) {
            let hint = "give each field of a topic to one signal";
            findings.add(&place.key("topic"), error.to_string(), hint);
        }
    }
    match findings.count() {
        0 => Ok(spec.mappings),
        _ => Err(findings.into_problems(text)),
    }
}
