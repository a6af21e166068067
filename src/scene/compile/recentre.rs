//! Map coordinates, hundreds of kilometres from their origin, told from the middle of the plant.
//!
//! The view counts in single precision: within [`NEAR`] of the origin that is finer than two
//! millimetres. Beyond, a plant gets an origin of its own, [`Scene::origin`], that everything in
//! the scene is told from.

use crate::scene::Scene;

/// A plant that reaches no farther keeps its coordinates, m.
const NEAR: f64 = 20_000.0;
/// Origins are multiples of this, m, so that they are easily added.
const ROUND: f64 = 1_000.0;

/// Moves all of a scene to its own origin, if it lies far from the one it is written in.
pub(super) fn recentre(mut scene: Scene) -> Scene {
    let mut low = [f64::MAX; 2];
    let mut high = [f64::MIN; 2];
    for asset in &scene.assets {
        for point in asset.route.iter().chain([&asset.position]) {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
    }
    let far = low.iter().chain(&high).any(|side| side.abs() > NEAR);
    if scene.assets.is_empty() || !far {
        return scene;
    }
    let origin: [f64; 2] =
        std::array::from_fn(|axis| (f64::midpoint(low[axis], high[axis]) / ROUND).round() * ROUND);
    let shift = |point: &mut [f64]| {
        for (coordinate, origin) in point.iter_mut().zip(origin) {
            *coordinate -= origin;
        }
    };
    for asset in &mut scene.assets {
        shift(&mut asset.position);
        asset.route.iter_mut().for_each(|point| shift(point));
    }
    for bookmark in &mut scene.bookmarks {
        shift(&mut bookmark.eye);
        shift(&mut bookmark.focus);
    }
    for drawing in &mut scene.drawings {
        if let Some(place) = &mut drawing.place {
            shift(&mut place.at);
        }
    }
    for field in &mut scene.fields {
        shift(&mut field.low);
        shift(&mut field.high);
        field.stations.iter_mut().for_each(|(_, at)| shift(at));
    }
    let back = origin.map(|side| -side);
    let stories = scene.stories.into_iter();
    scene.stories = stories.map(|story| story.moved(back)).collect();
    scene.site = scene.site.map(|site| site.seen_from(origin));
    scene.origin = origin;
    scene
}
