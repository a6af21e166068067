//! Models: their names. A configuration stays text; its model reads it later.

use super::check;
use super::findings::{Findings, Place};
use crate::scene::ModelText;
use crate::scene::spec::ModelSpec;

pub(super) fn compile(
    specs: &[ModelSpec<'_>],
    imported: Vec<ModelText>,
    text: &str,
    findings: &mut Findings,
) -> Vec<ModelText> {
    let root = Place::Scene;
    let list = root.key("models");
    let names = specs.iter().map(|spec| spec.name.as_str());
    let names = names.chain(imported.iter().map(|model| model.name.as_str()));
    check::unique(findings, &list, "name", "model", names);
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        check::title(
            findings,
            &place.key("name"),
            "name of the model",
            &spec.name,
        );
        check::title(
            findings,
            &place.key("kind"),
            "kind of the model",
            &spec.kind,
        );
    }
    let own = specs.iter().map(|spec| {
        let config = spec.config.get_ron();
        ModelText {
            name: spec.name.clone(),
            kind: spec.kind.clone(),
            text: config.to_owned(),
            prefix: String::new(),
            file: None,
            first_line: line_of(config, text),
        }
    });
    own.chain(imported).collect()
}

/// The line on which `part`, a slice of `text`, begins.
fn line_of(part: &str, text: &str) -> u32 {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + before.iter().filter(|byte| **byte == b'\n').count() as u32
}
