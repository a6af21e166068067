//! Levels of detail: what is small on screen is drawn by fewer triangles.
//!
//! Every look that assets share has coarser copies. Which one an asset wears follows from its
//! size on screen, looked at when the eye has moved; a change takes a margin, so that nothing
//! flickers at a boundary, and a flight changes a bounded number in a frame.

use bevy::prelude::*;

use super::super::settings::{Quality, ViewSettings};
use super::super::viewport::ViewInput;
use super::StillView;
use super::camera::Eye;
use super::mesh::Sketch;
use super::orbit::Pose;
use super::redraw::Wake;
use super::second_view::SecondEye;
use super::simplify;

/// Below this size on screen, pixels, the coarser copy is worn.
const PIXELS: [f32; 2] = [72.0, 20.0];
/// A size must pass a boundary by this factor before the copy changes back.
const MARGIN: f32 = 1.2;
/// Changes in one frame at most.
const MOST: usize = 3_000;
/// After the eye has moved, a large plant is looked through in so many frames.
const FRAMES: usize = 8;
/// No fewer assets are looked at in a frame.
const LEAST: usize = 4_096;
/// Looks beyond this count have no copies: each would serve few assets.
const LOOKS: usize = 1_500;

/// One look, from the finest to the coarsest.
type Family = [Handle<Mesh>; 3];

/// Who wears which copy. Written by [`follow`] alone, once it is built.
#[derive(Resource, Default)]
pub(super) struct Levels {
    families: Vec<Family>,
    worn: Vec<Worn>,
    seen: Option<(Pose, Option<Pose>, f32, Quality)>,
    /// The asset that is looked at next, and how many are left to look at.
    next: usize,
    left: usize,
}

struct Worn {
    entity: Entity,
    middle: Vec3,
    span: f32,
    /// It never gets smaller on screen, pixels.
    least: f32,
    family: u32,
    level: u8,
}

impl Levels {
    /// Makes the copies of a look; its number, unless there are too many.
    pub(super) fn family(
        &mut self,
        finest: &Handle<Mesh>,
        sketch: &Sketch,
        meshes: &mut Assets<Mesh>,
    ) -> Option<u32> {
        if self.families.len() >= LOOKS {
            return None;
        }
        let [near, far] = simplify::copies(sketch).map(|copy| meshes.add(copy.finish()));
        self.families.push([finest.clone(), near, far]);
        Some(self.families.len() as u32 - 1)
    }

    /// An asset that wears the finest copy of a look: its middle, and how large it is.
    pub(super) fn wear(
        &mut self,
        family: u32,
        entity: Entity,
        (middle, span): (Vec3, f32),
        least: f32,
    ) {
        self.worn.push(Worn {
            entity,
            middle,
            span,
            least,
            family,
            level: 0,
        });
    }

    /// How many wear each copy, from the finest on.
    #[cfg(test)]
    pub(super) fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for worn in &self.worn {
            counts[usize::from(worn.level)] += 1;
        }
        counts
    }
}

/// Puts coarser or finer copies on, after the eye has moved.
pub(super) fn follow(
    settings: Res<ViewSettings>,
    still: Res<StillView>,
    input: Res<ViewInput>,
    eyes: (Res<Eye>, Option<Res<SecondEye>>),
    mut levels: ResMut<Levels>,
    mut meshes: Query<&mut Mesh3d>,
    mut wake: ResMut<Wake>,
) {
    let quality = settings.quality_drawn(still.0);
    let pose = eyes.0.orbit.now;
    let beside = eyes.1.map(|second| second.eye.orbit.now);
    let height = input.size[1] * input.pixels_per_point.max(0.1);
    let seen = Some((pose, beside, height, quality));
    let levels = levels.bypass_change_detection();
    if levels.seen != seen {
        levels.seen = seen;
        levels.left = levels.worn.len();
    }
    if levels.left == 0 {
        return;
    }
    let (looks, most) = if still.0 {
        (levels.left, usize::MAX)
    } else {
        (
            (levels.worn.len() / FRAMES).max(LEAST).min(levels.left),
            MOST,
        )
    };
    let margin = if still.0 { 1.0 } else { MARGIN };
    let bounds = PIXELS.map(|pixels| pixels * quality.coarseness());
    let first = Scale::of(&pose, height);
    let beside = beside.map(|pose| Scale::of(&pose, height));
    let mut changes = 0;
    for _ in 0..looks {
        if changes == most {
            break;
        }
        let place = levels.next;
        levels.next = (place + 1) % levels.worn.len();
        levels.left -= 1;
        let worn = &mut levels.worn[place];
        let seen_beside = beside.as_ref().map_or(0.0, |scale| scale.size(worn));
        let size = first.size(worn).max(seen_beside).max(worn.least);
        let level = level_of(size, worn.level, bounds, margin);
        if level == worn.level {
            continue;
        }
        changes += 1;
        worn.level = level;
        let family = &levels.families[worn.family as usize];
        if let Ok(mut mesh) = meshes.get_mut(worn.entity) {
            mesh.0 = family[usize::from(level)].clone();
        }
    }
    if changes > 0 {
        wake.redraw();
    }
}

/// How large things are in a view.
struct Scale {
    at: Vec3,
    /// Pixels of a metre at a metre's distance.
    near: f32,
    /// Pixels of a metre anywhere, in a plan.
    plan: Option<f32>,
}

impl Scale {
    fn of(pose: &Pose, height: f32) -> Self {
        Self {
            at: pose.eye(),
            near: height / (2.0 * (pose.field() * 0.5).tan()),
            plan: pose.is_plan().then(|| height / pose.height()),
        }
    }

    /// The size of an asset, pixels.
    fn size(&self, worn: &Worn) -> f32 {
        match self.plan {
            Some(scale) => worn.span * scale,
            None => worn.span * self.near / worn.middle.distance(self.at).max(worn.span * 0.5),
        }
    }
}

/// The copy that something of this size on screen wears, if it wears `now`.
fn level_of(size: f32, now: u8, bounds: [f32; 2], margin: f32) -> u8 {
    let mut level = 0;
    for (place, bound) in bounds.into_iter().enumerate() {
        // Towards the finer copy the boundary lies higher.
        let bound = if usize::from(now) > place {
            bound * margin
        } else {
            bound
        };
        if size < bound {
            level = place as u8 + 1;
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_has_a_margin_and_nothing_flickers() {
        let bounds = [70.0, 20.0];
        assert_eq!(level_of(100.0, 0, bounds, 1.2), 0);
        assert_eq!(level_of(69.0, 0, bounds, 1.2), 1);
        assert_eq!(level_of(75.0, 1, bounds, 1.2), 1, "within the margin");
        assert_eq!(level_of(85.0, 1, bounds, 1.2), 0);
        assert_eq!(level_of(5.0, 0, bounds, 1.2), 2);
        assert_eq!(level_of(23.0, 2, bounds, 1.2), 2);
        assert_eq!(level_of(25.0, 2, bounds, 1.2), 1);
        assert_eq!(level_of(75.0, 1, bounds, 1.0), 0, "a picture has no memory");
    }
}
