//! The files that scenarios name, and the lines that name them: for whoever opens a scene.

use super::findings::Place;
use super::read;
use crate::problem::Outline;

/// A forcing that comes from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForcingFile {
    /// The signal, `tag.signal`.
    pub signal: String,
    /// The file, from the scene's folder.
    pub file: String,
    /// Its column.
    pub column: String,
    /// The line of the scene that names it.
    pub line: Option<u32>,
}

/// The files that the scenarios of a scene's text name, in its order; none of a text that is no
/// scene.
pub fn forcing_files(text: &str) -> Vec<ForcingFile> {
    let Ok(spec) = read::read(text) else {
        return Vec::new();
    };
    let outline = Outline::of(text);
    let root = Place::Scene;
    let list = root.key("scenarios");
    let mut files = Vec::new();
    for (place, scenario) in spec.scenarios.iter().enumerate() {
        let item = list.item(place);
        let forcing = item.key("forcing");
        for (place, spec) in scenario.forcing.iter().enumerate() {
            let Some(file) = &spec.file else { continue };
            let column = spec.column.clone();
            files.push(ForcingFile {
                signal: spec.signal.clone(),
                file: file.clone(),
                column: column.unwrap_or_else(|| spec.signal.clone()),
                line: outline.line(&forcing.item(place).key("file").path()),
            });
        }
    }
    files
}
