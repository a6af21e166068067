//! Scenarios, stories and mappings that were made in the program, kept in files beside the scene.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ExportError;
use super::draft::Draft;
use super::open::SCENE_FILE;
use crate::scene::{self, Mapping, Scenario, Scene, Story};

/// What stands at the head of the file.
const HEAD: &str =
    "// Scenarios that were made in the program, which writes this file anew when one is kept.\n";

/// What stands at the head of the file of stories.
const STORIES_HEAD: &str =
    "// Stories that were recorded in the program, which writes this file anew when one is kept.\n";

/// What stands at the head of the file of mappings.
const MAPPINGS_HEAD: &str =
    "// Topics that were given to signals in the program, which writes this file anew.\n";

/// The file in which the program keeps scenarios of the scene in `file`.
pub fn kept_scenarios(file: &Path) -> PathBuf {
    beside(file, "scenarios.ron")
}

/// The file in which the program keeps stories of the scene in `file`.
pub fn kept_stories(file: &Path) -> PathBuf {
    beside(file, "stories.ron")
}

/// The file in which the program keeps mappings of the scene in `file`.
pub fn kept_mappings(file: &Path) -> PathBuf {
    beside(file, "topics.ron")
}

/// Keeps mappings beside the scene in `file`, in the place of those that were kept; with none
/// the file goes.
pub fn keep_mappings(file: &Path, mappings: &[Mapping]) -> Result<PathBuf, ExportError> {
    let target = kept_mappings(file);
    if mappings.is_empty() {
        remove(&target)?;
        return Ok(target);
    }
    let (draft, mut out) = Draft::create(&target)?;
    let text = scene::mappings_text(mappings);
    out.write_all(MAPPINGS_HEAD.as_bytes())
        .and_then(|()| out.write_all(text.as_bytes()))
        .map_err(|source| draft.refused(source))?;
    draft.place(out)?;
    Ok(target)
}

/// Removes a file; one that is not there is as good as removed.
fn remove(target: &Path) -> Result<(), ExportError> {
    match fs::remove_file(target) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ExportError::Write {
            path: target.to_owned(),
            source,
        }),
        _ => Ok(()),
    }
}

fn beside(file: &Path, name: &str) -> PathBuf {
    if file.file_name().is_some_and(|name| name == SCENE_FILE) {
        return file.with_file_name(name);
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.{name}"))
}

/// Keeps stories beside the scene in `file`, in the place of those that were kept.
pub fn keep_stories(file: &Path, scene: &Scene, kept: &[&Story]) -> Result<PathBuf, ExportError> {
    let target = kept_stories(file);
    let (draft, mut out) = Draft::create(&target)?;
    let text = scene::stories_text(kept.iter().copied(), scene);
    out.write_all(STORIES_HEAD.as_bytes())
        .and_then(|()| out.write_all(text.as_bytes()))
        .map_err(|source| draft.refused(source))?;
    draft.place(out)?;
    Ok(target)
}

/// Keeps scenarios beside the scene in `file`, in the place of those that were kept; with none
/// the file goes.
pub fn keep_scenarios(file: &Path, scene: &Scene, kept: &[&Scenario]) -> Result<(), ExportError> {
    let target = kept_scenarios(file);
    if kept.is_empty() {
        return remove(&target);
    }
    let (draft, mut out) = Draft::create(&target)?;
    let text = scene::scenarios_text(kept.iter().copied(), scene);
    out.write_all(HEAD.as_bytes())
        .and_then(|()| out.write_all(text.as_bytes()))
        .map_err(|source| draft.refused(source))?;
    draft.place(out)
}
