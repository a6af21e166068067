//! Which part of the plant a picture should frame, and from where it fits.

use bevy::math::Vec3;

use super::orbit::{Bounds, FIELD, Pose};

/// How much room is left around what is framed.
const MARGIN: f32 = 1.08;

/// A box around things, in the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    /// The lowest corner.
    pub low: Vec3,
    /// The highest corner.
    pub high: Vec3,
}

impl Extent {
    /// The box around boxes; `None` if there are none.
    pub(super) fn around(extents: impl IntoIterator<Item = Self>) -> Option<Self> {
        extents.into_iter().reduce(|one, two| Self {
            low: one.low.min(two.low),
            high: one.high.max(two.high),
        })
    }

    /// Its middle.
    pub(super) fn middle(&self) -> Vec3 {
        (self.low + self.high) * 0.5
    }

    /// Its corners.
    pub(super) fn corners(&self) -> [Vec3; 8] {
        std::array::from_fn(|place| {
            Vec3::new(
                if place & 1 == 0 {
                    self.low.x
                } else {
                    self.high.x
                },
                if place & 2 == 0 {
                    self.low.y
                } else {
                    self.high.y
                },
                if place & 4 == 0 {
                    self.low.z
                } else {
                    self.high.z
                },
            )
        })
    }
}

impl From<Extent> for Bounds {
    fn from(extent: Extent) -> Self {
        Self {
            low: extent.low,
            high: extent.high,
        }
    }
}

/// The main cluster of things: a reservoir far away does not make the plant small.
///
/// It holds what lies within about twice the distance, from the middle, of the nearer 60 %.
pub(super) fn main_cluster(things: &[Extent]) -> Vec<Extent> {
    let Some(middle) = median(things) else {
        return Vec::new();
    };
    let mut ordered: Vec<(f32, &Extent)> = things
        .iter()
        .map(|thing| {
            let nearest = middle.clamp(thing.low, thing.high);
            (nearest.distance(middle), thing)
        })
        .collect();
    ordered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let typical = ordered[(things.len() * 3 / 5).min(things.len() - 1)].0;
    let reach = typical * 2.3 + 5.0;
    let near = ordered.iter().filter(|(distance, _)| *distance <= reach);
    let near: Vec<Extent> = near.map(|(_, thing)| **thing).collect();
    // A long pipe starts near and leads far away: it must not stretch the picture.
    let short = near.iter().filter(|thing| {
        let far = (thing.low - middle).abs().max((thing.high - middle).abs());
        far.x.max(far.z) <= reach
    });
    let short: Vec<Extent> = short.copied().collect();
    if short.is_empty() { near } else { short }
}

/// The pose from which `things` fill the picture, seen from `yaw` and `pitch`.
pub(super) fn fitted(things: &[Extent], yaw: f32, pitch: f32, aspect: f32) -> Pose {
    let Some(around) = Extent::around(things.iter().copied()) else {
        return Pose::default();
    };
    let mut pose = Pose {
        focus: around.middle(),
        yaw,
        pitch,
        ..Pose::default()
    };
    let corners: Vec<Vec3> = things.iter().flat_map(Extent::corners).collect();
    let up = (FIELD * 0.5).tan() / MARGIN;
    let across = up * aspect;
    let turn = pose.rotation().inverse();
    let fit = |focus: Vec3| {
        let reach = corners.iter().map(|&corner| {
            let seen = turn * (corner - focus);
            (seen.x.abs() / across).max(seen.y.abs() / up) + seen.z
        });
        reach.fold(0.0, f32::max)
    };
    // Each fit tells how much the picture is out of the middle.
    for _ in 0..8 {
        let (mut low, mut high) = (Vec3::MAX, Vec3::MIN);
        pose.distance = fit(pose.focus);
        for &corner in &corners {
            let seen = turn * (corner - pose.focus);
            let ahead = (pose.distance - seen.z).max(0.1);
            let at = Vec3::new(seen.x / ahead, seen.y / ahead, 0.0);
            (low, high) = (low.min(at), high.max(at));
        }
        let off = (low + high) * 0.5 * pose.distance;
        pose.focus += pose.rotation() * Vec3::new(off.x, off.y, 0.0);
    }
    pose.distance = fit(pose.focus).max(0.8);
    // The same picture, turned about a point among the things and not below the ground.
    let rise = around.middle().y - pose.focus.y;
    let nearer = rise / pose.pitch.sin().max(0.05);
    if rise > 0.0 && nearer < pose.distance * 0.8 {
        pose.focus += pose.rotation() * Vec3::Z * nearer;
        pose.distance -= nearer;
    }
    pose
}

/// The median place of things, axis by axis.
fn median(things: &[Extent]) -> Option<Vec3> {
    if things.is_empty() {
        return None;
    }
    let axis = |of: fn(Vec3) -> f32| {
        let mut values: Vec<f32> = things.iter().map(|thing| of(thing.middle())).collect();
        values.sort_by(f32::total_cmp);
        values[values.len() / 2]
    };
    Some(Vec3::new(axis(|at| at.x), axis(|at| at.y), axis(|at| at.z)))
}

#[cfg(test)]
mod tests {
    use bevy::math::Vec2;

    use super::*;

    fn cube(x: f32, z: f32, half: f32) -> Extent {
        Extent {
            low: Vec3::new(x - half, 0.0, z - half),
            high: Vec3::new(x + half, half * 2.0, z + half),
        }
    }

    #[test]
    fn everything_framed_is_in_the_picture_and_fills_it() {
        for aspect in [0.6, 1.0, 1.78, 3.0] {
            for (yaw, pitch) in [(0.6, 0.6), (3.0, 1.2), (-1.0, 0.1)] {
                let extent = Extent {
                    low: Vec3::new(-80.0, 0.0, -30.0),
                    high: Vec3::new(60.0, 12.0, 50.0),
                };
                let pose = fitted(&[extent], yaw, pitch, aspect);
                let mut most = Vec2::ZERO;
                for corner in extent.corners() {
                    let (at, _) = pose.project(corner, aspect).expect("it is ahead");
                    most = most.max(at.abs());
                }
                let most = most.max_element();
                assert!(
                    (0.8..=1.01).contains(&most),
                    "{aspect} {yaw} {pitch}: {most}"
                );
            }
        }
    }

    #[test]
    fn a_far_reservoir_does_not_make_the_plant_small() {
        let mut things: Vec<_> = (0..40)
            .map(|place| cube((place % 8) as f32 * 12.0, (place / 8) as f32 * 12.0, 3.0))
            .collect();
        things.push(cube(700.0, -300.0, 15.0));
        things.push(Extent {
            low: Vec3::new(40.0, 0.0, -300.0),
            high: Vec3::new(700.0, 60.0, 20.0),
        });
        let cluster = Extent::around(main_cluster(&things)).expect("there is something");
        assert!(cluster.high.x < 150.0, "{cluster:?}");
        assert!(
            cluster.low.x <= -3.0,
            "nothing near is left out: {cluster:?}"
        );
    }

    #[test]
    fn nothing_has_no_cluster_and_one_thing_is_its_own() {
        assert_eq!(main_cluster(&[]), Vec::new());
        let one = cube(5.0, 5.0, 1.0);
        assert_eq!(main_cluster(&[one]), vec![one]);
    }
}
