//! `parallax check SCENE`: every problem, or what is in the scene.

use std::process::ExitCode;

use super::{CheckArgs, PROBLEMS_FOUND, could_not};
use crate::problem::Problem;
use crate::scene::ImportReport;
use crate::session::{self, Opened};

/// So many notes of one kind are printed.
const MOST_NOTES: usize = 20;

/// Prints every problem of the scene, its imports and its models, else a summary.
pub fn check(args: &CheckArgs) -> ExitCode {
    match session::open(&args.scene) {
        Ok(opened) => {
            print_summary(&opened);
            ExitCode::SUCCESS
        }
        Err(error) if error.is_about_content() => {
            println!("{error}");
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
    println!("{}: no problems", opened.file.display());
    println!("scene      {}", scene.name);
    for report in &scene.imports {
        print_import(report);
    }
    println!("assets     {}", scene.assets.len());
    println!(
        "signals    {} ({measured} measured, {limits} limits)",
        scene.signals.len()
    );
    println!("models     {}", or_none(opened.plant.model_names()));
    println!(
        "computed   {} signals, over {} connections",
        opened.plant.outputs().len(),
        scene.connections.len()
    );
    let sources = scene
        .sources
        .iter()
        .map(|source| format!("{} ({})", source.name, source.broker));
    println!("sources    {}", or_none(sources));
    println!(
        "scenarios  {}",
        or_none(scene.scenarios.iter().map(|scenario| &scenario.name))
    );
    println!(
        "bookmarks  {}",
        or_none(scene.bookmarks.iter().map(|bookmark| &bookmark.name))
    );
}

/// What became of an imported file, as far as it fits a screen.
fn print_import(report: &ImportReport) {
    println!("import     {}", report.file);
    let matched = report.matched.iter().filter(|(_, count)| *count > 0);
    let matched: Vec<_> = matched
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    println!("  matched  {}", matched.join(", "));
    print_notes("guessed", &report.guessed);
    print_notes("ignored", &report.ignored);
}

fn print_notes(title: &str, notes: &[Problem]) {
    for (place, note) in notes.iter().take(MOST_NOTES).enumerate() {
        let title = if place == 0 { title } else { "" };
        let line = note.line.map(|line| format!("line {line}: "));
        println!("  {title:8} {}{}", line.unwrap_or_default(), note.message);
        if !note.hint.is_empty() {
            println!("             {}", note.hint);
        }
    }
    if let Some(more) = notes.len().checked_sub(MOST_NOTES + 1) {
        println!("             and {} more", more + 1);
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
