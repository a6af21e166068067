//! Imports: what other files add to the scene file, before anything is resolved.

use super::check;
use super::findings::{Findings, Place};
use crate::problem::Problem;
use crate::scene::spec::{ImportSpec, SceneSpec};
use crate::scene::{Fragment, ImportReport, ModelText};

/// Reads an import line's file: what it adds to the scene, or all that is wrong with it.
///
/// A problem that names no file is one of the import line.
pub type Importer<'a> = dyn FnMut(&ImportSpec) -> Result<Fragment, Vec<Problem>> + 'a;

/// What the imports add that has no place in a scene file.
#[derive(Debug, Default)]
pub(super) struct Imported {
    pub(super) models: Vec<ModelText>,
    pub(super) reports: Vec<ImportReport>,
}

/// Adds what the imports hold to `spec`; `None` if one of them cannot be used.
pub(super) fn merge(
    spec: &mut SceneSpec<'_>,
    importer: &mut Importer<'_>,
    findings: &mut Findings,
) -> Option<Imported> {
    let root = Place::Scene;
    let list = root.key("imports");
    let imports = std::mem::take(&mut spec.imports);
    let mut imported = Imported::default();
    let before = findings.count();
    for (index, import) in imports.iter().enumerate() {
        let place = list.item(index);
        let ImportSpec::Epanet(epanet) = import;
        check::point(findings, &place.key("origin"), "origin", epanet.origin);
        check::scale(findings, &place.key("scale"), "scale", epanet.scale);
        check::scale(findings, &place.key("vertical"), "scale", epanet.vertical);
        match importer(import) {
            Ok(fragment) => add(fragment, spec, &mut imported, findings),
            Err(problems) => {
                for problem in problems {
                    findings.add_problem(&place, problem);
                }
            }
        }
    }
    (findings.count() == before).then_some(imported)
}

fn add(
    fragment: Fragment,
    spec: &mut SceneSpec<'_>,
    imported: &mut Imported,
    findings: &mut Findings,
) {
    if spec.name.is_empty() {
        spec.name = fragment.title;
    }
    if spec.description.is_empty() {
        spec.description = fragment.description;
    }
    for (name, kind) in fragment.types {
        spec.types.entry(name).or_insert(kind);
    }
    findings.attribute("assets", spec.assets.len(), &fragment.report.file);
    spec.assets.extend(fragment.assets);
    for scenario in fragment.scenarios {
        if !spec.scenarios.iter().any(|own| own.name == scenario.name) {
            spec.scenarios.push(scenario);
        }
    }
    for bookmark in fragment.bookmarks {
        if !spec.bookmarks.iter().any(|own| own.name == bookmark.name) {
            spec.bookmarks.push(bookmark);
        }
    }
    if spec.heat.is_none() {
        spec.heat = fragment.heat;
    }
    imported.models.extend(fragment.models);
    imported.reports.push(fragment.report);
}
