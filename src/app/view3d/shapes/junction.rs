//! A junction of a network: a ball around the point where pipes meet.

use bevy::math::Vec3;

use super::super::mesh::{Sketch, rim};
use super::super::part::Part;

/// There are thousands of them, and all are small.
const SIDES: usize = 12;
const RINGS: usize = 7;

/// A ball about its place, not on it.
pub(super) fn junction(s: &mut Sketch, size: Vec3) {
    let radius = size.min_element() * 0.5;
    let profile: Vec<_> = (0..=RINGS)
        .map(|ring| {
            let angle = std::f32::consts::PI * (ring as f32 / RINGS as f32 - 0.5);
            let (up, out) = angle.sin_cos();
            rim(radius * out.max(0.0), radius * up, out, up)
        })
        .collect();
    s.of(Part::Body).turned(&profile, SIDES);
}
