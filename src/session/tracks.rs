//! Whether the topics on which a tracking system tells who is where suit the models.

use crate::population::Population;
use crate::problem::{Outline, Problem, Step};
use crate::scene::Scene;
use crate::simulation::Plant;
use crate::telemetry::TrackMap;

/// The tracks of the scene's sources that no model has members for.
pub(super) fn check(scene: &Scene, plant: &Plant, text: &str) -> Vec<Problem> {
    if scene.sources.iter().all(|source| source.tracks.is_empty()) {
        return Vec::new();
    }
    let populations: Vec<&Population> = plant.populations().collect();
    let outline = Outline::of(text);
    let mut problems = Vec::new();
    for (place, source) in scene.sources.iter().enumerate() {
        for (item, track) in source.tracks.iter().enumerate() {
            let Err(error) = TrackMap::new(std::slice::from_ref(track), &populations) else {
                continue;
            };
            let path: [Step; 5] = [
                "sources".into(),
                place.into(),
                "tracks".into(),
                item.into(),
                "population".into(),
            ];
            let hint = "name a population of a model: a line has `NAME.parts`, and `NAME.vehicles` \
                        where it has transporters";
            problems.push(Problem::new(outline.line(&path), error.to_string(), hint));
        }
    }
    problems
}
