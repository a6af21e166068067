//! Scenarios that were made in the program, kept in a file beside the scene.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ExportError;
use super::draft::Draft;
use super::open::SCENE_FILE;
use crate::scene::{self, Scenario, Scene};

/// What stands at the head of the file.
const HEAD: &str =
    "// Scenarios that were made in the program, which writes this file anew when one is kept.\n";

/// The file in which the program keeps scenarios of the scene in `file`.
pub fn kept_scenarios(file: &Path) -> PathBuf {
    if file.file_name().is_some_and(|name| name == SCENE_FILE) {
        return file.with_file_name("scenarios.ron");
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}.scenarios.ron"))
}

/// Keeps scenarios beside the scene in `file`, in the place of those that were kept; with none
/// the file goes.
pub fn keep_scenarios(file: &Path, scene: &Scene, kept: &[&Scenario]) -> Result<(), ExportError> {
    let target = kept_scenarios(file);
    if kept.is_empty() {
        return match fs::remove_file(&target) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ExportError::Write {
                path: target,
                source,
            }),
            _ => Ok(()),
        };
    }
    let (draft, mut out) = Draft::create(&target)?;
    let text = scene::scenarios_text(kept.iter().copied(), scene);
    out.write_all(HEAD.as_bytes())
        .and_then(|()| out.write_all(text.as_bytes()))
        .map_err(|source| draft.refused(source))?;
    draft.place(out)
}
