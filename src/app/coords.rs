//! From the plant's axes to Bevy's, once.
//!
//! The plant: east, north, up, metres, `f64`. Bevy: x right, y up, z towards the
//! viewer, `f32`. East is x, up is y, north is −z.

use bevy::math::{Quat, Vec3};
use bevy::prelude::Transform;

/// A point of the plant in Bevy's world.
pub fn point(plant: [f64; 3]) -> Vec3 {
    Vec3::new(plant[0] as f32, plant[2] as f32, -plant[1] as f32)
}

/// A point of Bevy's world in the plant.
pub fn plant_point(world: Vec3) -> [f64; 3] {
    [f64::from(world.x), f64::from(-world.z), f64::from(world.y)]
}

/// Width, depth, height in Bevy's axes.
pub fn size(plant: [f64; 3]) -> Vec3 {
    Vec3::new(plant[0] as f32, plant[2] as f32, plant[1] as f32)
}

/// The pose of something at `position` turned by `heading`, rad counter-clockwise from above.
pub fn transform(position: [f64; 3], heading: f64) -> Transform {
    Transform::from_translation(point(position))
        .with_rotation(Quat::from_rotation_y(heading as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_keep_their_hands() {
        let (east, north) = (point([1.0, 0.0, 0.0]), point([0.0, 1.0, 0.0]));
        assert_eq!(
            east.cross(north),
            point([0.0, 0.0, 1.0]),
            "right-handed stays right-handed"
        );
        assert_eq!(plant_point(point([1.0, 2.0, 3.0])), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_quarter_turn_from_east_is_north() {
        let turned = transform([0.0; 3], std::f64::consts::FRAC_PI_2).rotation * Vec3::X;
        assert!(
            (turned - point([0.0, 1.0, 0.0])).length() < 1e-6,
            "{turned}"
        );
    }
}
