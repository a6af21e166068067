//! What drawings of other programs make assets look like.

use std::collections::HashMap;
use std::sync::Arc;

use bevy::math::{Affine3A, Vec3};

use super::super::coords;
use super::super::scene::SceneDrawings;
use super::framing::Extent;
use super::mesh::Sketch;
use super::part::{Line, Motion};
use crate::import::gltf::{Drawing, Piece};
use crate::scene::{AssetIndex, DrawingPlace, NodeMotion, NodeMove, Scene};
use crate::session;

/// What is drawn instead of the shapes of assets.
#[derive(Default)]
pub(super) struct Looks {
    sketches: Vec<Arc<Sketch>>,
    /// By asset, a place in `sketches`.
    of: HashMap<AssetIndex, usize>,
    /// What belongs to no asset, in the world.
    scenery: Sketch,
}

impl Looks {
    /// Those of a scene.
    pub(super) fn of(scene: &Scene, drawings: Option<&SceneDrawings>) -> Self {
        let mut looks = Self::default();
        // Those of a scene that is gone say nothing about this one.
        let Some(drawings) = drawings.filter(|own| own.0.len() == scene.drawings.len()) else {
            return looks;
        };
        let mut of_type: HashMap<(usize, usize), usize> = HashMap::new();
        for asset in scene.asset_indices() {
            let Some(file) = scene.asset(asset).drawing else {
                continue;
            };
            let Some(drawing) = drawings.0.get(file) else {
                continue;
            };
            let next = looks.sketches.len();
            // Types may share a file and move its nodes each in their way.
            let moves = &scene.asset(asset).moves;
            let way = if moves.is_empty() {
                0
            } else {
                moves.as_ptr().addr()
            };
            let place = *of_type.entry((file, way)).or_insert(next);
            if place == next {
                let mut sketch = Sketch::default();
                for piece in &drawing.pieces {
                    draw(&mut sketch, piece, Affine3A::IDENTITY, moves);
                }
                looks.sketches.push(Arc::new(sketch));
            }
            looks.of.insert(asset, place);
        }
        for (file, drawing) in scene.drawings.iter().zip(&drawings.0) {
            if let Some(place) = file.place {
                looks.lay(scene, drawing, place);
            }
        }
        looks
    }

    /// Gives each piece of a drawing to its asset, or to the scenery.
    fn lay(&mut self, scene: &Scene, drawing: &Drawing, place: DrawingPlace) {
        let world = coords::transform(place.at, place.heading).compute_affine();
        let mut own: HashMap<AssetIndex, Sketch> = HashMap::new();
        for piece in &drawing.pieces {
            match session::asset_of(piece, scene) {
                Some(asset) => {
                    let found = scene.asset(asset);
                    let stands = coords::transform(found.position, found.heading);
                    let back = stands.compute_affine().inverse();
                    let sketch = own.entry(asset).or_default();
                    draw(sketch, piece, back * world, &found.moves);
                }
                None => draw(&mut self.scenery, piece, world, &[]),
            }
        }
        let mut own: Vec<_> = own.into_iter().collect();
        own.sort_unstable_by_key(|(asset, _)| *asset);
        for (asset, sketch) in own {
            self.of.insert(asset, self.sketches.len());
            self.sketches.push(Arc::new(sketch));
        }
    }

    /// What an asset looks like; `None` if its shape says so.
    pub(super) fn of_asset(&self, asset: AssetIndex) -> Option<&Sketch> {
        self.shared(asset).map(|(_, sketch)| &**sketch)
    }

    /// The same, with a number that assets of one look share.
    pub(super) fn shared(&self, asset: AssetIndex) -> Option<(usize, &Arc<Sketch>)> {
        let place = *self.of.get(&asset)?;
        Some((place, self.sketches.get(place)?))
    }

    /// What belongs to no asset.
    pub(super) fn scenery(&self) -> Sketch {
        self.scenery.clone()
    }

    /// The box around what belongs to no asset, if there is something.
    pub(super) fn scenery_extent(&self) -> Option<Extent> {
        let bounds = (!self.scenery.is_empty()).then(|| self.scenery.bounds())?;
        Some(Extent {
            low: bounds.min().into(),
            high: bounds.max().into(),
        })
    }
}

fn draw(sketch: &mut Sketch, piece: &Piece, place: Affine3A, moves: &[NodeMove]) {
    sketch.moving(motion(piece, place, moves), |sketch| {
        sketch.within(place, |sketch| sketch.drawn(piece));
    });
}

/// How a piece moves in the space of its asset: as the nearest of its nodes that moves does.
fn motion(piece: &Piece, place: Affine3A, moves: &[NodeMove]) -> Motion {
    let nodes = piece.names.iter().zip(&piece.origins);
    let mut moved = nodes.filter_map(|(name, origin)| {
        let found = moves.iter().find(|one| one.node == *name)?;
        Some((found.motion, place.transform_point3(Vec3::from(*origin))))
    });
    match moved.next() {
        None => Motion::Still,
        Some((NodeMotion::Spin(axis), at)) => Motion::Spin(Line::through(at, coords::point(axis))),
        Some((NodeMotion::Turn(axis, angle), at)) => {
            let line = Line::through(at, coords::point(axis));
            Motion::Turn(line, (angle / std::f64::consts::TAU) as f32)
        }
        Some((NodeMotion::Slide(by), _)) => Motion::Slide(coords::point(by)),
        Some((NodeMotion::Rise(by), _)) => Motion::Float(coords::point(by)),
    }
}
