//! What an imported file adds to a scene, as if its author had written it.

use std::collections::BTreeMap;

use super::ModelText;
use super::spec::{AssetSpec, BookmarkSpec, ScenarioSpec, TypeSpec};
use crate::problem::Problem;

/// What an imported file adds to a scene. Names in it are resolved with the scene's own.
#[derive(Debug, Default)]
pub struct Fragment {
    /// What the file calls itself: the name of a scene that has none.
    pub title: String,
    /// What the file says about itself; may be empty.
    pub description: String,
    /// Kinds of assets. A type of the same name in the scene file takes their place.
    pub types: BTreeMap<String, TypeSpec>,
    /// What exists.
    pub assets: Vec<AssetSpec>,
    /// What computes its futures.
    pub models: Vec<ModelText>,
    /// Futures worth asking for. One of the same name in the scene file takes their place.
    pub scenarios: Vec<ScenarioSpec>,
    /// Views worth coming back to, likewise.
    pub bookmarks: Vec<BookmarkSpec>,
    /// The signal that colours the view first, unless the scene names one.
    pub heat: Option<String>,
    /// What became of the file.
    pub report: ImportReport,
}

/// What became of an imported file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportReport {
    /// The file.
    pub file: String,
    /// What was found in it, and how many of each.
    pub matched: Vec<(String, usize)>,
    /// What the file does not say and was guessed.
    pub guessed: Vec<Problem>,
    /// What the file says and is not used.
    pub ignored: Vec<Problem>,
}

impl ImportReport {
    /// In one sentence: `97 nodes, 119 links; 2 guessed, 3 ignored`.
    pub fn summary(&self) -> String {
        let matched = self.matched.iter().filter(|(_, count)| *count > 0);
        let matched: Vec<_> = matched
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        format!(
            "{}; {} guessed, {} ignored",
            matched.join(", "),
            self.guessed.len(),
            self.ignored.len()
        )
    }
}
