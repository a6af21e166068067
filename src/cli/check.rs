//! `parallax check SCENE`: every problem, or what is in the scene.

use std::process::ExitCode;

use super::{CheckArgs, PROBLEMS_FOUND, could_not};
use crate::session::{self, Opened};

/// Prints every problem of the scene and its models, else a summary.
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

fn or_none(names: impl Iterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.map(|name| name.as_ref().to_owned()).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
