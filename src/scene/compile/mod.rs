//! From text to [`Scene`]: everything is checked, every name resolved, every value made SI.
//!
//! All mistakes are found in one pass over the parts of the scene, each part in a file of
//! its own. A part whose ground is unsound (an asset of an unknown type) raises no second
//! problem in those that stand on it.

mod alarms;
mod assets;
mod check;
mod connections;
mod cycle;
mod document_files;
mod documents;
mod drawings;
mod emulator;
mod fields;
mod findings;
mod forcing_files;
mod imports;
mod kpis;
mod layers;
mod limits;
mod mappings;
mod models;
mod names;
mod overrides;
mod prognoses;
mod read;
mod recentre;
mod replay;
mod scenarios;
mod site;
mod sources;
mod stories;
mod topics;
mod types;
mod uncertain;
mod views;
mod writes;

pub use document_files::{DocumentFile, document_files};
use findings::{Findings, Place};
pub use forcing_files::{ForcingFile, forcing_files};
use imports::Imported;
pub use imports::Importer;
pub use mappings::read_mappings;
use names::Names;
pub(crate) use read::read_as;
pub use stories::read_stories;

use super::spec::SceneSpec;
use super::{FORMAT_VERSION, Scene, Shape};
use crate::problem::Problem;

/// A longer text is refused unread: 64 MiB.
pub const MAX_BYTES: usize = 64 << 20;
/// More assets are refused.
const MAX_ASSETS: usize = 1_000_000;
/// More signals are refused.
const MAX_SIGNALS: usize = 10_000_000;

/// Reads a scene that imports nothing, or everything that is wrong with it, in the order of
/// its lines.
pub fn parse(text: &str) -> Result<Scene, Vec<Problem>> {
    parse_with(text, &mut |_| {
        let message = "this text has no folder, so it cannot import a file";
        Err(vec![Problem::new(None, message, "open the scene's file")])
    })
}

/// Like [`parse`], with `importer` for the files that the scene imports.
pub fn parse_with(text: &str, importer: &mut Importer<'_>) -> Result<Scene, Vec<Problem>> {
    parse_with_kept(text, None, importer)
}

/// Like [`parse_with`], with name and text of the file of scenarios beside the scene.
pub fn parse_with_kept(
    text: &str,
    kept: Option<(&str, &str)>,
    importer: &mut Importer<'_>,
) -> Result<Scene, Vec<Problem>> {
    if text.len() > MAX_BYTES {
        let message = format!("the scene is {} MiB long", text.len() >> 20);
        let hint = format!("a scene may have {} MiB", MAX_BYTES >> 20);
        return Err(vec![Problem::new(None, message, hint)]);
    }
    let mut spec = read::read(text).map_err(|problem| vec![problem])?;
    let mut findings = Findings::default();
    if let Some((file, text)) = kept {
        spec.kept = read::read_scenarios(text).map_err(|problem| {
            let file = Some(file.to_owned());
            vec![Problem { file, ..problem }]
        })?;
    }
    let scene = read_all(
        &mut spec,
        text,
        kept.map(|(file, _)| file),
        importer,
        &mut findings,
    );
    if findings.count() == 0 {
        Ok(scene)
    } else {
        Err(findings.into_problems(text))
    }
}

fn read_all(
    spec: &mut SceneSpec<'_>,
    text: &str,
    kept: Option<&str>,
    importer: &mut Importer<'_>,
    findings: &mut Findings,
) -> Scene {
    if spec.format != FORMAT_VERSION {
        // What follows has another meaning in another format.
        let (message, hint) = read::foreign_format(spec.format);
        findings.add(&Place::Scene.key("format"), message, hint);
        return Scene::default();
    }
    // Without an imported file, every name that it holds would be missing.
    let Some(imported) = imports::merge(spec, importer, findings) else {
        return Scene::default();
    };
    if let Some(file) = kept {
        findings.attribute("scenarios", spec.scenarios.len(), file);
    }
    compile(spec, imported, text, findings)
}

fn compile(spec: &SceneSpec<'_>, imported: Imported, text: &str, findings: &mut Findings) -> Scene {
    let mut scene = Scene {
        name: spec.name.clone(),
        description: spec.description.clone(),
        heat: spec.heat.clone(),
        imports: imported.reports,
        ..Scene::default()
    };
    let root = Place::Scene;
    check::title(findings, &root.key("name"), "name of the scene", &spec.name);

    let types = types::compile(&spec.types, &mut scene.documents, findings);
    if !fits(spec, &types, findings) {
        return scene;
    }
    scene.layers = layers::layers(spec, &types);
    scene.storeys = layers::storeys(spec, findings);
    let doubtful = assets::stand(&mut scene, &spec.assets, &types, findings);
    scene.index_names();
    assets::join(&mut scene, &spec.assets, &doubtful, findings);

    let names = Names::new(&scene, &doubtful);
    let connections = connections::compile(&spec.connections, &names, findings);
    let sources = sources::compile(&spec.sources, &names, findings);
    let replay = replay::compile(spec.replay.as_ref(), &names, findings);
    let models = models::compile(&spec.models, imported.models, text, findings);
    let scenarios = scenarios::compile(&spec.scenarios, &spec.kept, &names, findings);
    let estimate = uncertain::compile(&spec.estimate, &names, &root.key("estimate"), findings);
    let kpis = kpis::compile(&spec.kpis, &names, findings);
    let bookmarks = views::compile(&spec.bookmarks, &names, findings);
    let stories = stories::compile(&spec.stories, &bookmarks, &scenarios, &names, findings);
    let drawings = drawings::compile(spec, findings);
    let emulator = emulator::compile(&spec.emulator, &names, findings);
    let fields = fields::compile(&spec.fields, &scene, &names, findings);
    let alarms = alarms::compile(&spec.alarms, &names, findings);
    let suppressions = alarms::suppressions(&spec.suppressions, &alarms, &names, findings);
    if let Some(heat) = &spec.heat {
        names.signal_of_any(findings, &root.key("heat"), heat);
    }
    let flat = [Shape::Unseen, Shape::Pipe];
    let stands = |shape: Shape| !flat.contains(&shape) && !shape.follows_route();
    let looks = types.iter().filter(|(_, kind)| stands(kind.shape));
    let looks = looks.map(|(name, kind)| ((*name).to_owned(), (kind.shape, kind.size)));
    let looks = looks.collect();
    let site = site::compile(spec.site.as_ref(), findings);
    recentre::recentre(Scene {
        site,
        looks,
        connections,
        sources,
        replay,
        models,
        scenarios,
        estimate,
        kpis,
        bookmarks,
        drawings,
        stories,
        emulator,
        fields,
        alarms,
        suppressions,
        ..scene
    })
}

/// True if the scene is of a size that can be held.
fn fits(spec: &SceneSpec<'_>, types: &types::Types<'_>, findings: &mut Findings) -> bool {
    let root = Place::Scene;
    let place = root.key("assets");
    if spec.assets.len() > MAX_ASSETS {
        let message = format!("the scene has {} assets", spec.assets.len());
        findings.add(&place, message, format!("a scene may have {MAX_ASSETS}"));
        return false;
    }
    let signals: usize = spec
        .assets
        .iter()
        .filter_map(|asset| types.get(asset.kind.as_str()))
        .map(|kind| kind.signals.len())
        .sum();
    if signals > MAX_SIGNALS {
        let message = format!("the assets have {signals} signals in all");
        findings.add(&place, message, format!("a scene may have {MAX_SIGNALS}"));
        return false;
    }
    true
}
