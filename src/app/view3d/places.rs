//! Where the assets of a scene are: for the pointer, the camera and the labels.

use bevy::math::{Affine3A, Quat, Vec3};

use super::super::coords;
use super::bvh::{Bvh, Target};
use super::framing::Extent;
use super::looks::Looks;
use super::mesh::Sketch;
use super::shapes::{self, PickBox};
use crate::scene::{Asset, AssetIndex, Scene, Shape};

/// Where the assets of a scene are, for the pointer, the camera and the labels.
pub(super) struct Places {
    /// By [`AssetIndex`].
    pub extents: Vec<Extent>,
    /// Where labels point.
    pub anchors: Vec<Vec3>,
    /// The assets that have a value to tell, and where their labels point; sorted.
    pub labelled: Vec<(AssetIndex, Vec3)>,
    /// What the pointer can hit.
    pub targets: Bvh,
}

impl Places {
    /// With each asset lifted by so much, m.
    pub(super) fn of(scene: &Scene, looks: &Looks, lift: impl Fn(AssetIndex) -> f64) -> Self {
        let lifts: Vec<Vec3> = scene
            .asset_indices()
            .map(|asset| Vec3::Y * lift(asset) as f32)
            .collect();
        let lifted = |(index, up): (AssetIndex, &Vec3)| {
            let extent = extent_of(scene.asset(index), looks.of_asset(index));
            Extent {
                low: extent.low + *up,
                high: extent.high + *up,
            }
        };
        let each = || scene.asset_indices().zip(&lifts);
        let extents = each().map(lifted).collect();
        let anchors = each().map(|(index, up)| {
            let own = scene.asset(index);
            *up + anchor(own, looks.of_asset(index))
        });
        let anchors: Vec<Vec3> = anchors.collect();
        let told = scene.asset_indices();
        let told = told.filter(|&asset| tells(scene, looks, asset));
        Self {
            extents,
            labelled: told.map(|asset| (asset, anchors[asset.index()])).collect(),
            anchors,
            targets: Bvh::new(targets(scene, looks, &lifts)),
        }
    }
}

/// True if it has a value to tell, and something to see.
fn tells(scene: &Scene, looks: &Looks, index: AssetIndex) -> bool {
    let asset = scene.asset(index);
    let mut signals = asset.signal_ids();
    (asset.shape != Shape::Unseen || looks.of_asset(index).is_some())
        && signals.any(|id| scene.signal(id).shown)
}

/// The boxes of an asset in its own space, each with its place in the world.
fn boxes(asset: &Asset, drawn: Option<&Sketch>) -> Vec<(Affine3A, PickBox)> {
    if let Some(bounds) = drawn.map(Sketch::bounds) {
        let place = coords::transform(asset.position, asset.heading).compute_affine();
        let own = PickBox {
            low: bounds.min().into(),
            high: bounds.max().into(),
        };
        return vec![(place, own)];
    }
    let mut boxes = Vec::new();
    if asset.runs_along() || asset.symbol > 0.0 {
        let (aside, down, up) = if asset.runs_along() {
            // A little wider than the pipe: pipes are thin to aim at.
            let (aside, down, up) = shapes::reach(asset.shape, coords::size(asset.size));
            (aside * 1.2, down * 1.1, up * 1.2)
        } else {
            (0.06, 0.06, 0.06)
        };
        let (aside, down, up) = (aside.max(0.02), down.max(0.02), up.max(0.02));
        boxes = asset
            .route
            .windows(2)
            .map(|leg| {
                let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
                let length = from.distance(to);
                let along = (to - from).normalize_or(Vec3::X);
                let turn = Quat::from_rotation_arc(Vec3::X, along);
                let local = PickBox {
                    low: Vec3::new(-aside * 0.5, -down, -aside),
                    high: Vec3::new(length + aside * 0.5, up, aside),
                };
                (Affine3A::from_rotation_translation(turn, from), local)
            })
            .collect();
    }
    if !asset.runs_along() {
        let place = coords::transform(asset.position, asset.heading).compute_affine();
        let own = shapes::pick_boxes(asset.shape, coords::size(asset.size));
        boxes.extend(own.into_iter().map(|local| (place, local)));
    }
    boxes
}

/// The boxes of all assets, each lifted by so much.
fn targets(scene: &Scene, looks: &Looks, lifts: &[Vec3]) -> Vec<Target> {
    scene
        .asset_indices()
        .zip(lifts)
        .flat_map(|(index, up)| {
            let asset = scene.asset(index);
            let points = asset.symbol as f32 * 0.5;
            let lift = Affine3A::from_translation(*up);
            let boxes = boxes(asset, looks.of_asset(index)).into_iter();
            boxes.map(move |(place, local)| Target::new(index, lift * place, local, points))
        })
        .collect()
}

/// The box around an asset, upright in the world.
pub(super) fn extent_of(asset: &Asset, drawn: Option<&Sketch>) -> Extent {
    if let Some(bounds) = drawn.map(Sketch::bounds) {
        let place = coords::transform(asset.position, asset.heading).compute_affine();
        let own = Extent {
            low: bounds.min().into(),
            high: bounds.max().into(),
        };
        let corners = own.corners().map(|corner| place.transform_point3(corner));
        let points = corners.map(|at| Extent { low: at, high: at });
        return Extent::around(points).unwrap_or(own);
    }
    let corners = if asset.runs_along() {
        let (aside, down, up) = shapes::reach(asset.shape, coords::size(asset.size));
        let ends = asset.route.iter().map(|&at| coords::point(at));
        ends.map(|at| Extent {
            low: at - Vec3::new(aside, down, aside),
            high: at + Vec3::new(aside, up, aside),
        })
        .collect::<Vec<_>>()
    } else {
        let place = coords::transform(asset.position, asset.heading);
        let size = coords::size(asset.size);
        let half = Vec3::new(size.x * 0.5, 0.0, size.z * 0.5);
        let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let foot = signs.map(|(x, z)| place * Vec3::new(half.x * x, 0.0, half.z * z));
        foot.map(|at| Extent {
            low: at,
            high: at + Vec3::Y * size.y,
        })
        .to_vec()
    };
    let foot = coords::point(asset.position);
    Extent::around(corners).unwrap_or(Extent {
        low: foot,
        high: foot,
    })
}

/// Where the label of an asset points: its top, or the middle of a pipe.
fn anchor(asset: &Asset, drawn: Option<&Sketch>) -> Vec3 {
    if drawn.is_some() {
        let extent = extent_of(asset, drawn);
        return extent.middle().with_y(extent.high.y);
    }
    if !asset.runs_along() {
        let height = shapes::label_height(asset.shape, coords::size(asset.size));
        return coords::point(asset.position) + Vec3::Y * height;
    }
    let mut left = asset.route_length() * 0.5;
    for leg in asset.route.windows(2) {
        let (from, to) = (coords::point(leg[0]), coords::point(leg[1]));
        let length = f64::from(from.distance(to));
        if left <= length && length > 0.0 {
            let top = Vec3::Y * shapes::reach(asset.shape, coords::size(asset.size)).2;
            return from.lerp(to, (left / length) as f32) + top;
        }
        left -= length;
    }
    coords::point(asset.route.last().copied().unwrap_or(asset.position))
}
