//! `parallax check SCENE`: every problem, or what is in the scene.

use std::process::ExitCode;

use super::output::tell;
use super::{CheckArgs, PROBLEMS_FOUND, could_not};
use crate::problem::Problem;
use crate::scene::{Document, DocumentPlace, ImportReport, Scene};
use crate::session::{self, DrawingMatch, Opened};

/// So many notes of one kind are printed.
const MOST_NOTES: usize = 20;

/// Prints every problem of the scene, its imports and its models, else a summary.
pub fn check(args: &CheckArgs) -> ExitCode {
    match session::open(&args.scene) {
        Ok(opened) => {
            let lost = session::lost_documents(&opened);
            if lost.is_empty() {
                print_summary(&opened);
                return ExitCode::SUCCESS;
            }
            // The plant is shown without them; their author wants to know.
            let file = opened.file.display().to_string();
            for problem in lost {
                tell!("{}", problem.located(&file));
            }
            ExitCode::from(PROBLEMS_FOUND)
        }
        Err(error) if error.is_about_content() => {
            tell!("{error}");
            ExitCode::from(PROBLEMS_FOUND)
        }
        Err(error) => could_not(error),
    }
}

fn print_summary(opened: &Opened) {
    let scene = &opened.scene;
    let measured = scene
        .signals
        .iter()
        .filter(|signal| signal.measured)
        .count();
    let limits: usize = scene.signals.iter().map(|signal| signal.limits.len()).sum();
    tell!("{}: no problems", opened.file.display());
    tell!("scene      {}", scene.name);
    for report in &scene.imports {
        print_import(report);
    }
    for found in session::matches(scene, &opened.drawings) {
        print_drawing(&found, scene.assets.len());
    }
    for (file, unread) in session::unread_of(scene, &opened.drawings) {
        tell!("drawing    {file}: passed over: {}", unread.join(", "));
    }
    tell!("assets     {}", scene.assets.len());
    tell!(
        "signals    {} ({measured} measured, {limits} limits)",
        scene.signals.len()
    );
    tell!("models     {}", or_none(opened.plant.model_names()));
    tell!(
        "computed   {} signals, over {} connections",
        opened.plant.outputs().len(),
        scene.connections.len()
    );
    let sources = scene
        .sources
        .iter()
        .map(|source| format!("{} ({})", source.name, source.broker));
    tell!("sources    {}", or_none(sources));
    tell!(
        "scenarios  {}",
        or_none(scene.scenarios.iter().map(|scenario| &scenario.name))
    );
    print_documents(scene);
    tell!(
        "bookmarks  {}",
        or_none(scene.bookmarks.iter().map(|bookmark| &bookmark.name))
    );
}

/// How much there is to read.
fn print_documents(scene: &Scene) {
    let pages = |document: &&Document| matches!(document.place, DocumentPlace::Page(_));
    let pages = scene.documents.iter().filter(pages).count();
    let files = scene.documents.len() - pages;
    tell!("documents  {files} files, {pages} web pages");
}

/// What a drawing and the scene know of each other, as far as it fits a screen.
fn print_drawing(found: &DrawingMatch, assets: usize) {
    let some = |names: &[String]| {
        let first = names.iter().take(MOST_NOTES).cloned();
        let mut text = first.collect::<Vec<_>>().join(", ");
        if names.len() > MOST_NOTES {
            text.push_str(&format!(", and {} more", names.len() - MOST_NOTES));
        }
        text
    };
    tell!("drawing    {}", found.file);
    tell!(
        "  matched  {} of {assets} assets: {}",
        found.matched.len(),
        some(&found.matched)
    );
    if !found.scenery.is_empty() {
        tell!(
            "  scenery  nodes that are no asset: {}",
            some(&found.scenery)
        );
    }
}

/// What became of an imported file, as far as it fits a screen.
fn print_import(report: &ImportReport) {
    tell!("import     {}", report.file);
    let matched = report.matched.iter().filter(|(_, count)| *count > 0);
    let matched: Vec<_> = matched
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    tell!("  matched  {}", matched.join(", "));
    print_notes("guessed", &report.guessed);
    print_notes("ignored", &report.ignored);
}

fn print_notes(title: &str, notes: &[Problem]) {
    for (place, note) in notes.iter().take(MOST_NOTES).enumerate() {
        let title = if place == 0 { title } else { "" };
        let line = note.line.map(|line| format!("line {line}: "));
        tell!("  {title:8} {}{}", line.unwrap_or_default(), note.message);
        if !note.hint.is_empty() {
            tell!("             {}", note.hint);
        }
    }
    if let Some(more) = notes.len().checked_sub(MOST_NOTES + 1) {
        tell!("             and {} more", more + 1);
    }
}

fn or_none(names: impl Iterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.map(|name| name.as_ref().to_owned()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
