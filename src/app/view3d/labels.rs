//! What the tab shows beside the picture: labels, legend, north, what is hovered.
//!
//! The text itself is drawn by the tab, sharp at any scale; here is only decided whose
//! label stands where.

use bevy::prelude::*;
use bevy_egui::EguiUserTextures;

use super::super::differences::Differences;
use super::super::scene::{AlarmMarks, OpenScene};
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::super::viewport::{HeatLegend, ViewInput, ViewLabel, ViewPicture};
use super::camera::{Eye, Screen};
use super::counterpart::SecondScreen;
use super::drive::Heat;
use super::drivers::difference_legend;
use super::orbit::Pose;
use super::picking::Pointed;
use super::plant::Plant;
use super::redraw::Wake;
use crate::scene::{AssetIndex, Shape};
use crate::signal::Origin;

/// So many labels are shown at most.
const BUDGET: usize = 60;
/// Labels of what is further than this many times the view's distance are left out.
const FAR: f32 = 3.5;

/// What may get a label.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    asset: AssetIndex,
    anchor: Vec3,
    strong: bool,
    alarm: bool,
}

/// True if what the tab shows may have changed.
pub(super) fn stale(
    wake: Res<Wake>,
    pointed: Res<Pointed>,
    heat: Res<Heat>,
    differences: Res<Differences>,
    marks: Res<AlarmMarks>,
) -> bool {
    let recoloured = heat.is_changed() || differences.is_changed();
    wake.labels_stale() || pointed.is_changed() || recoloured || marks.is_changed()
}

/// Writes what the tab shows.
pub(super) fn publish(
    settings: Res<ViewSettings>,
    input: Res<ViewInput>,
    selection: Res<Selection>,
    pointed: Res<Pointed>,
    open: Res<OpenScene>,
    plant: Res<Plant>,
    eye: Res<Eye>,
    colours: (Res<Heat>, Res<Differences>),
    (screen, second): (Res<Screen>, Option<Res<SecondScreen>>),
    textures: Option<Res<EguiUserTextures>>,
    marks: Res<AlarmMarks>,
    mut wake: ResMut<Wake>,
    mut picture: ResMut<ViewPicture>,
) {
    wake.labels_fresh();
    let pose = eye.orbit.now;
    let labels = if settings.labels {
        let pointed = [selection.selected, selection.hovered];
        // A network has thousands of junctions; their colour says enough of an alarm.
        let shape = |asset: &AssetIndex| open.scene.asset(*asset).shape;
        let alarmed = marks
            .alarmed()
            .filter(|asset| shape(asset) != Shape::Junction);
        // What shows a value, and whatever else is pointed at or in alarm.
        let others = pointed.into_iter().flatten().chain(alarmed);
        let mut others: Vec<_> = others
            .filter(|asset| shape(asset) != Shape::Unseen)
            .collect();
        others.sort_unstable();
        others.dedup();
        others.retain(|other| plant.labelled.binary_search(other).is_err());
        let all = plant.labelled.iter().copied().chain(others);
        let candidates = all.filter_map(|asset| {
            Some(Candidate {
                asset,
                anchor: *plant.anchors.get(asset.index())?,
                strong: pointed.contains(&Some(asset)),
                alarm: marks.of(asset).0.is_some(),
            })
        });
        chosen(candidates, &pose, input.size, eye.aspect)
    } else {
        Vec::new()
    };
    let name = |image: &Handle<Image>| textures.as_ref()?.image_id(image);
    let texture = name(&screen.image);
    picture.set_if_neq(ViewPicture {
        texture,
        second: second.and_then(|second| name(&second.image)),
        labels,
        legend: legend(&colours.0, &colours.1),
        hovered: pointed.0,
        north: pose.yaw,
    });
}

/// What the colours of the view mean.
fn legend(heat: &Heat, differences: &Differences) -> Option<HeatLegend> {
    let against = match differences.coloured() {
        None => return heat.scale().map(|scale| scale.legend()),
        Some(Origin::Simulated(run)) => format!("run {run}"),
        Some(_) => "what was measured".to_owned(),
    };
    Some(difference_legend(against))
}

/// Shows the image of the view to egui.
pub(super) fn hand_over(screen: Res<Screen>, textures: Option<ResMut<EguiUserTextures>>) {
    if let Some(mut textures) = textures {
        let image = bevy_egui::EguiTextureHandle::Strong(screen.image.clone());
        textures.add_image(image);
    }
}

/// The labels within the budget, the most important last: what is chosen or hovered,
/// then alarms, then the nearer before the farther.
fn chosen(
    candidates: impl Iterator<Item = Candidate>,
    pose: &Pose,
    size: [f32; 2],
    aspect: f32,
) -> Vec<ViewLabel> {
    let lens = pose.lens(aspect);
    let far = (pose.distance * FAR).powi(2);
    let mut seen: Vec<(bool, ViewLabel)> = candidates
        .filter_map(|candidate| {
            let nearby = candidate.anchor.distance_squared(pose.focus) < far;
            if !(nearby || candidate.strong || candidate.alarm) {
                return None;
            }
            let (at, ahead) = lens.project(candidate.anchor)?;
            let inside = at.x.abs() <= 1.0 && at.y.abs() <= 1.0;
            inside.then(|| {
                let label = ViewLabel {
                    asset: candidate.asset,
                    at: [(at.x * 0.5 + 0.5) * size[0], (0.5 - at.y * 0.5) * size[1]],
                    distance: ahead,
                    strong: candidate.strong,
                };
                (candidate.alarm, label)
            })
        })
        .collect();
    let order = |(one_alarm, one): &(bool, ViewLabel), (two_alarm, two): &(bool, ViewLabel)| {
        one.strong
            .cmp(&two.strong)
            .then(one_alarm.cmp(two_alarm))
            .then(two.distance.total_cmp(&one.distance))
            .then(two.asset.cmp(&one.asset))
    };
    let surplus = seen.len().saturating_sub(BUDGET);
    if surplus > 0 {
        seen.select_nth_unstable_by(surplus, order);
        seen.drain(..surplus);
    }
    seen.sort_by(order);
    seen.into_iter().map(|(_, label)| label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(index: u32, x: f32, strong: bool, alarm: bool) -> Candidate {
        Candidate {
            asset: AssetIndex(index),
            anchor: Vec3::new(x, 0.0, 0.0),
            strong,
            alarm,
        }
    }

    fn labels(candidates: Vec<Candidate>) -> Vec<ViewLabel> {
        let pose = Pose::looking(Vec3::new(0.0, 40.0, 60.0), Vec3::ZERO);
        chosen(candidates.into_iter(), &pose, [800.0, 600.0], 800.0 / 600.0)
    }

    #[test]
    fn the_budget_holds_and_drops_the_least_important() {
        let mut all: Vec<_> = (0..500)
            .map(|index| candidate(index, index as f32 * 0.02, false, false))
            .collect();
        all[400].strong = true;
        all[300].alarm = true;
        let labels = labels(all);
        assert_eq!(labels.len(), BUDGET);
        let order: Vec<_> = labels.iter().rev().map(|label| label.asset.0).collect();
        assert_eq!(&order[..2], &[400, 300], "strong, then alarms, come last");
        assert!(labels[0].distance >= labels[BUDGET - 3].distance);
    }

    #[test]
    fn what_is_out_of_the_picture_has_no_label() {
        let labels = labels(vec![
            candidate(0, 0.0, false, false),
            candidate(1, 900.0, true, true),
            candidate(2, -900.0, false, false),
        ]);
        assert_eq!(labels.len(), 1);
        assert_eq!(labels[0].asset, AssetIndex(0));
        let middle = [400.0, 300.0];
        assert!((labels[0].at[0] - middle[0]).abs() < 1.0);
        assert!((labels[0].at[1] - middle[1]).abs() < 1.0);
    }
}
