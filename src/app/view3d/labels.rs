//! What the tab shows beside the picture: labels, legend, north, what is hovered.
//!
//! The text itself is drawn by the tab, sharp at any scale; here is only decided whose
//! label stands where.

use bevy::prelude::*;
use bevy_egui::EguiUserTextures;

use super::super::alarms::Foreseen;
use super::super::coords;
use super::super::differences::Differences;
use super::super::measure::{Measurement, Ruler};
use super::super::residuals::Residuals;
use super::super::reveal::Revealed;
use super::super::scene::{AlarmMarks, OpenScene};
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::super::viewport::{
    HeatLegend, ViewInput, ViewLabel, ViewLevel, ViewPicture, ViewRule, ViewSight,
};
use super::camera::{Eye, Screen, stand_of};
use super::conceal;
use super::counterpart::{Counterpart, SecondScreen};
use super::drive::Heat;
use super::fields::ShownFields;
use super::orbit::Pose;
use super::picking::{Pointed, RulerTip, sight};
use super::plant::Plant;
use super::redraw::Wake;
use super::second_view::SecondEye;
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
    (differences, residuals): (Res<Differences>, Res<Residuals>),
    marks: Res<AlarmMarks>,
    (ruler, tip, foreseen): (Res<Ruler>, Res<RulerTip>, Res<Foreseen>),
) -> bool {
    if ruler.is_changed() || tip.is_changed() || foreseen.is_changed() {
        return true;
    }
    let compared = differences.is_changed() || residuals.is_changed();
    let recoloured = heat.is_changed() || compared;
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
    (eye, beside): (Res<Eye>, Option<Res<SecondEye>>),
    (revealed, ruler, tip): (Res<Revealed>, Res<Ruler>, Res<RulerTip>),
    colours: (Res<Heat>, Res<Differences>, Res<Residuals>),
    (screen, second, counterpart): (Res<Screen>, Option<Res<SecondScreen>>, Res<Counterpart>),
    fields: Res<ShownFields>,
    textures: Option<Res<EguiUserTextures>>,
    (marks, foreseen): (Res<AlarmMarks>, Res<Foreseen>),
    mut wake: ResMut<Wake>,
    mut picture: ResMut<ViewPicture>,
) {
    wake.labels_fresh();
    let drawn = |asset| revealed.draws(asset);
    let sight = sight(&revealed, &drawn);
    let (low, high) = sight.section;
    let is_seen = |asset: AssetIndex, anchor: Vec3| {
        // The anchor of what is cut open may be cut away; of what lies outside, all is.
        let extent = plant.extent(asset);
        let inside =
            extent.is_none_or(|own| own.low.cmple(high).all() && own.high.cmpge(low).all());
        drawn(asset) && inside && anchor.cmpge(low - 1.0).all() && anchor.cmple(high + 1.0).all()
    };
    let labels_of = |eye: &Eye| {
        if !settings.labels {
            return Vec::new();
        }
        let pointed = [selection.selected, selection.hovered];
        // A network has thousands of junctions; their colour says enough of an alarm.
        let shape = |asset: &AssetIndex| open.scene.asset(*asset).shape;
        let alarmed = marks
            .alarmed()
            .filter(|asset| shape(asset) != Shape::Junction);
        let chosen_too = selection.chosen.iter().copied().take(BUDGET / 2);
        let urgent = pointed
            .into_iter()
            .flatten()
            .chain(chosen_too)
            .chain(alarmed);
        let mut urgent: Vec<_> = urgent
            .filter(|asset| shape(asset) != Shape::Unseen)
            .collect();
        urgent.sort_unstable();
        urgent.dedup();
        let urgent = urgent.into_iter().filter_map(|asset| {
            Some(Candidate {
                asset,
                anchor: *plant.anchors.get(asset.index())?,
                strong: pointed.contains(&Some(asset)),
                alarm: marks.of(asset).0.is_some() && shape(&asset) != Shape::Junction,
            })
        });
        let urgent = urgent.filter(|one| is_seen(one.asset, one.anchor));
        let tab = Tab {
            pose: eye.orbit.now,
            size: input.size,
            aspect: eye.aspect,
        };
        chosen(urgent.collect(), &plant.labelled, &tab, is_seen)
    };
    // What is hidden or cut away has its alarms all the same.
    let mut alarmed: Vec<_> = marks.alarmed().chain(foreseen.0.iter().copied()).collect();
    alarmed.sort_unstable();
    alarmed.dedup();
    let name = |image: &Handle<Image>| textures.as_ref()?.image_id(image);
    let right = second.and_then(|second| name(&second.image));
    let told = |eye: &Eye, texture| {
        let pose = eye.orbit.now;
        let lens = pose.lens(eye.aspect);
        let sights = alarmed.iter().filter_map(|asset| {
            let anchor = *plant.anchors.get(asset.index())?;
            Some(ViewSight {
                asset: *asset,
                sight: lens.sight(anchor, input.size),
            })
        });
        let on_screen = |point: Vec3| {
            let (at, _) = lens.project(point)?;
            let [width, height] = input.size;
            Some([(at.x * 0.5 + 0.5) * width, (0.5 - at.y * 0.5) * height])
        };
        let rule = |(measurement, is_begun): (Measurement, bool)| {
            let ends = [measurement.from, measurement.to].map(|end| on_screen(coords::point(end)));
            let [Some(from), Some(to)] = ends else {
                return None;
            };
            Some(ViewRule {
                ends: [from, to],
                measurement,
                is_begun,
            })
        };
        let begun = ruler.begun.zip(tip.0).map(|(from, tip)| Measurement {
            from,
            to: coords::plant_point(tip.point),
        });
        let finished = ruler.measurements.iter().map(|done| (*done, false));
        let rules = finished.chain(begun.map(|one| (one, true)));
        ViewPicture {
            texture,
            second: None,
            beside: None,
            is_active: true,
            labels: labels_of(eye),
            sights: sights.collect(),
            levels: fields
                .marks()
                .filter_map(|(place, text)| {
                    let (at, text) = (on_screen(*place)?, text.clone());
                    Some(ViewLevel { at, text })
                })
                .collect(),
            rules: rules.filter_map(rule).collect(),
            ruler_tip: tip
                .0
                .and_then(|tip| Some((on_screen(tip.point)?, tip.is_corner))),
            bounds: Some(conceal::around(&plant.whole)),
            legend: legend(&colours.0, &colours.1, &colours.2),
            hovered: pointed.0,
            footprint: footprint(&pose, eye.aspect, plant.ground),
            follows: eye.follows(),
            north: pose.yaw,
            pitch: pose.pitch,
            stand: Some(stand_of(&eye.orbit.goal())),
        }
    };
    let mut next = told(&eye, name(&screen.image));
    if counterpart.is_split() {
        next.second = right;
    } else if let Some(beside) = beside {
        next.is_active = !beside.is_active;
        next.beside = Some(Box::new(ViewPicture {
            is_active: beside.is_active,
            ..told(&beside.eye, right)
        }));
    }
    picture.set_if_neq(next);
}

/// The corners of the picture on the ground, or far ahead where they show the sky.
fn footprint(pose: &Pose, aspect: f32, ground: f32) -> Vec<[f64; 2]> {
    let far = pose.eye_distance() * 2.5;
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let on_ground = |(x, y)| {
        let ray = pose.ray(Vec2::new(x, y), aspect);
        let falls = -ray.direction.y;
        let ahead = match (ray.origin.y - ground) / falls {
            reach if falls > 1e-4 && (0.0..far).contains(&reach) => reach,
            _ => far,
        };
        let [east, north, _] = coords::plant_point(ray.origin + ray.direction * ahead);
        [east, north]
    };
    corners.map(on_ground).to_vec()
}

/// What the colours of the view mean.
fn legend(heat: &Heat, differences: &Differences, residuals: &Residuals) -> Option<HeatLegend> {
    let against = match (differences.coloured(), residuals.run) {
        (None, Some(run)) => return Some(HeatLegend::of_residuals(run)),
        (None, None) => return heat.scale().map(|scale| scale.legend()),
        (Some(Origin::Simulated(run)), _) => format!("run {run}"),
        (Some(_), _) => "what was measured".to_owned(),
    };
    Some(HeatLegend::of_differences(&against))
}

/// Shows the image of the view to egui.
pub(super) fn hand_over(screen: Res<Screen>, textures: Option<ResMut<EguiUserTextures>>) {
    if let Some(mut textures) = textures {
        let image = bevy_egui::EguiTextureHandle::Strong(screen.image.clone());
        textures.add_image(image);
    }
}

/// The picture that labels stand in.
struct Tab {
    pose: Pose,
    size: [f32; 2],
    aspect: f32,
}

/// The labels within the budget, the most important last: what is chosen or hovered,
/// then alarms, then the nearer before the farther. `urgent` is sorted by asset.
fn chosen(
    urgent: Vec<Candidate>,
    ordinary: &[(AssetIndex, Vec3)],
    tab: &Tab,
    is_seen: impl Fn(AssetIndex, Vec3) -> bool,
) -> Vec<ViewLabel> {
    let lens = tab.pose.lens(tab.aspect);
    let label = |asset: AssetIndex, anchor: Vec3, strong: bool| {
        let (at, ahead) = lens.project(anchor)?;
        let inside = at.x.abs() <= 1.0 && at.y.abs() <= 1.0;
        inside.then(|| ViewLabel {
            asset,
            at: [
                (at.x * 0.5 + 0.5) * tab.size[0],
                (0.5 - at.y * 0.5) * tab.size[1],
            ],
            distance: ahead,
            strong,
        })
    };
    let first = urgent.iter().filter_map(|one| {
        let label = label(one.asset, one.anchor, one.strong)?;
        Some((one.alarm, label))
    });
    let mut seen: Vec<(bool, ViewLabel)> = first.collect();
    let reach = (tab.pose.distance * FAR).powi(2);
    // Once there are enough, only what is nearer than the farthest of them counts.
    let mut nearest = Nearest::default();
    for &(asset, anchor) in ordinary {
        let ahead = lens.ahead(anchor);
        if ahead > nearest.limit || anchor.distance_squared(tab.pose.focus) >= reach {
            continue;
        }
        if urgent
            .binary_search_by_key(&asset, |one| one.asset)
            .is_err()
            && is_seen(asset, anchor)
            && let Some(label) = label(asset, anchor, false)
        {
            nearest.add(label);
        }
    }
    seen.extend(nearest.labels.into_iter().map(|label| (false, label)));
    seen.sort_by(|(one_alarm, one), (two_alarm, two)| {
        one.strong
            .cmp(&two.strong)
            .then(one_alarm.cmp(two_alarm))
            .then(two.distance.total_cmp(&one.distance))
            .then(two.asset.cmp(&one.asset))
    });
    let surplus = seen.len().saturating_sub(BUDGET);
    seen.drain(..surplus);
    seen.into_iter().map(|(_, label)| label).collect()
}

/// The nearest labels so far: the budget at least, and some that are farther.
struct Nearest {
    labels: Vec<ViewLabel>,
    /// No label farther than this is among the nearest, m.
    limit: f32,
}

impl Default for Nearest {
    fn default() -> Self {
        Self {
            labels: Vec::with_capacity(BUDGET * 4),
            limit: f32::INFINITY,
        }
    }
}

impl Nearest {
    fn add(&mut self, label: ViewLabel) {
        self.labels.push(label);
        if self.labels.len() < BUDGET * 4 {
            return;
        }
        let (_, last, _) = self.labels.select_nth_unstable_by(BUDGET - 1, |one, two| {
            one.distance
                .total_cmp(&two.distance)
                .then(one.asset.cmp(&two.asset))
        });
        self.limit = last.distance;
        self.labels.truncate(BUDGET);
    }
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
        let (urgent, ordinary): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|one| one.strong || one.alarm);
        let tab = Tab {
            pose: Pose::looking(Vec3::new(0.0, 40.0, 60.0), Vec3::ZERO),
            size: [800.0, 600.0],
            aspect: 800.0 / 600.0,
        };
        let ordinary: Vec<_> = ordinary.iter().map(|one| (one.asset, one.anchor)).collect();
        chosen(urgent, &ordinary, &tab, |_, _| true)
    }

    #[test]
    fn the_nearest_of_very_many_are_kept() {
        let far = |index: u32| (index * 7_919) % 4_001;
        let all = (0..4_001).map(|index| {
            let mut one = candidate(index, 0.0, false, false);
            one.anchor.z = 20.0 - far(index) as f32 * 0.01;
            one
        });
        let labels = labels(all.collect());
        assert_eq!(labels.len(), BUDGET);
        let mut kept: Vec<u32> = labels.iter().map(|label| far(label.asset.0)).collect();
        kept.sort_unstable();
        assert_eq!(kept, (0..BUDGET as u32).collect::<Vec<_>>());
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
