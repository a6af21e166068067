//! The documents that a scene names, and the lines that name them: for whoever opens a scene.

use super::findings::Place;
use super::read;
use crate::problem::Outline;
use crate::scene::spec::DocumentSpec;

/// A document that is a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFile {
    /// From the scene's folder.
    pub file: String,
    /// The line of the scene that names it.
    pub line: Option<u32>,
}

/// The files that types and assets of a scene's text name, those of types first; none of a text
/// that is no scene.
pub fn document_files(text: &str) -> Vec<DocumentFile> {
    let Ok(spec) = read::read(text) else {
        return Vec::new();
    };
    let outline = Outline::of(text);
    let mut files = Vec::new();
    let mut add = |specs: &[DocumentSpec], owner: &Place<'_>| {
        let list = owner.key("documents");
        for (index, spec) in specs.iter().enumerate() {
            let Some(file) = &spec.file else { continue };
            files.push(DocumentFile {
                file: file.clone(),
                line: outline.line(&list.item(index).key("file").path()),
            });
        }
    };
    let root = Place::Scene;
    let types = root.key("types");
    for (name, kind) in &spec.types {
        add(&kind.documents, &types.key(name));
    }
    let assets = root.key("assets");
    for (index, asset) in spec.assets.iter().enumerate() {
        add(&asset.documents, &assets.item(index));
    }
    files
}
