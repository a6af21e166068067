//! The course of a bar through points: directions, uprights and mitres.

use bevy::math::{Quat, Vec3};

/// The direction and a transported upright of each point of a path of at least two points.
pub(super) fn frames(path: &[Vec3]) -> Option<(Vec<Vec3>, Vec<Vec3>)> {
    if path.len() < 2 {
        return None;
    }
    let last = path.len() - 1;
    let directions: Vec<Vec3> = (0..=last)
        .map(|place| {
            let into = (path[place] - path[place.saturating_sub(1)]).normalize_or_zero();
            let out = (path[(place + 1).min(last)] - path[place]).normalize_or_zero();
            (into + out).normalize_or(Vec3::X)
        })
        .collect();
    let mut up = directions[0].any_orthonormal_vector();
    if directions[0].y.abs() < 0.99 {
        up = (Vec3::Y - directions[0] * directions[0].y).normalize();
    }
    let mut ups = vec![up];
    for pair in directions.windows(2) {
        up = Quat::from_rotation_arc(pair[0], pair[1]) * up;
        up = (up - pair[1] * up.dot(pair[1])).normalize_or(pair[1].any_orthonormal_vector());
        ups.push(up);
    }
    Some((directions, ups))
}

/// The axis across a bend, in its plane, and how much wider the section is there.
pub(super) fn bend_width(path: &[Vec3], place: usize) -> Option<(Vec3, f32)> {
    if place == 0 || place + 1 == path.len() {
        return None;
    }
    let into = (path[place] - path[place - 1]).normalize_or_zero();
    let out = (path[place + 1] - path[place]).normalize_or_zero();
    let axis = (out - into).try_normalize()?;
    let half_cos = ((1.0 + into.dot(out)) * 0.5).max(0.0).sqrt();
    Some((axis, 1.0 / half_cos.max(0.4)))
}
