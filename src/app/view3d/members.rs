//! Those who move: one mesh per kind, and a record each that tells where it is.
//!
//! A member has an entity that never moves: its place goes through its record, as an asset's
//! colour does, so that twenty thousand on their way cost one upload. Entities of those who left
//! wait for others of their kind.

use std::collections::HashMap;

use bevy::asset::Assets;
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::{NoAutoAabb, NoCpuCulling, NoFrustumCulling};
use bevy::math::Ray3d;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;

use super::super::coords;
use super::super::movement::{Member, Movement};
use super::super::scene::OpenScene;
use super::super::settings::ViewSettings;
use super::super::simulation::Models;
use super::material::{Pass, SharedCanvas, TwinMaterial};
use super::paint;
use super::record::{Record, Records, Turning, flag, packed};
use super::redraw::Wake;
use super::shapes;
use crate::population::{Population, PopulationId, PopulationRow};
use crate::scene::{Scene, Shape};

/// What a thing looks like of which the scene says nothing.
const PLAIN: (Shape, [f64; 3]) = (Shape::Crate, [0.6, 0.4, 0.4]);
/// Members that records are made for at first.
const FIRST: usize = 256;

/// Who is drawn. Written by [`follow`] alone.
#[derive(Resource, Default)]
pub(super) struct Members {
    records: Option<Records>,
    material: Handle<TwinMaterial>,
    kinds: HashMap<(PopulationId, u16), Kind>,
    /// Who has which slot, by population and rising id.
    slots: Vec<Vec<Seat>>,
    /// Slots in use and waiting.
    made: u32,
    room: usize,
    chosen: Option<Member>,
}

struct Kind {
    mesh: Handle<Mesh>,
    size: Vec3,
    colour: u32,
    waiting: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Seat {
    id: u64,
    kind: u16,
    slot: u32,
    middle: Vec3,
    reach: f32,
}

impl Members {
    /// The records, to be sent.
    pub(super) fn records_mut(&mut self) -> Option<&mut Records> {
        self.records.as_mut()
    }

    /// The first member that a ray meets, and how far away.
    pub(super) fn first_hit(&self, ray: Ray3d) -> Option<(Member, f32)> {
        let mut first: Option<(Member, f32)> = None;
        for (population, seats) in (0..).map(PopulationId).zip(&self.slots) {
            for seat in seats {
                let along = (seat.middle - ray.origin).dot(*ray.direction);
                let off = (ray.get_point(along.max(0.0)) - seat.middle).length_squared();
                if along < 0.0 || off > seat.reach * seat.reach {
                    continue;
                }
                let away = (along - seat.reach).max(0.0);
                if first.is_none_or(|(_, nearest)| away < nearest) {
                    let id = seat.id;
                    first = Some((Member { population, id }, away));
                }
            }
        }
        first
    }

    /// The middle of the member that is looked at.
    pub(super) fn chosen_at(&self) -> Option<Vec3> {
        let chosen = self.chosen?;
        let seats = self.slots.get(chosen.population.0 as usize)?;
        let place = seats
            .binary_search_by_key(&chosen.id, |seat| seat.id)
            .ok()?;
        Some(seats[place].middle)
    }

    /// How many are drawn.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.slots.iter().map(Vec::len).sum()
    }
}

/// What the kinds of a population look like: an asset of that tag, or a type of that name.
fn look(scene: &Scene, name: &str) -> (Shape, [f64; 3]) {
    let asset = scene.find_asset(name).map(|index| scene.asset(index));
    let stands = asset.filter(|asset| asset.shape != Shape::Unseen && !asset.runs_along());
    match stands {
        Some(asset) => (asset.shape, asset.size),
        None => scene.looks.get(name).copied().unwrap_or(PLAIN),
    }
}

/// Forgets who was drawn: the meshes went with the scene.
pub(super) fn forget(mut members: ResMut<Members>) {
    *members = Members::default();
}

/// Draws who is where.
pub(super) fn follow(
    mut commands: Commands,
    movement: Res<Movement>,
    open: Res<OpenScene>,
    models: Option<Res<Models>>,
    settings: Res<ViewSettings>,
    canvas: Res<SharedCanvas>,
    mut members: ResMut<Members>,
    mut stores: (
        ResMut<Assets<ShaderBuffer>>,
        ResMut<Assets<TwinMaterial>>,
        ResMut<Assets<Mesh>>,
    ),
    mut wake: ResMut<Wake>,
    mut look_before: Local<Option<super::super::viewport::Look>>,
) {
    let another_look = look_before.replace(settings.look) != Some(settings.look);
    if !(movement.is_changed() || another_look) {
        return;
    }
    let members = members.bypass_change_detection();
    if !movement.has_members() && members.made == 0 {
        return;
    }
    let models = models.as_ref().map(|models| &models.0);
    let populations: Vec<&Population> = models.iter().flat_map(|one| one.populations()).collect();
    if another_look {
        for ((population, kind), own) in &mut members.kinds {
            let population = populations.get(population.0 as usize);
            let name = population.and_then(|one| one.kinds.get(usize::from(*kind)));
            let (shape, _) = look(&open.scene, name.map_or("", String::as_str));
            own.colour = packed(paint::body(settings.look, shape));
        }
    }
    members.chosen = movement.chosen().map(|(member, _)| member);
    let mut made = Vec::new();
    let count = movement.frames().len().max(members.slots.len());
    members.slots.resize_with(count, Vec::new);
    for (place, frame) in movement.frames().iter().enumerate() {
        let population = PopulationId(place as u32);
        let words = populations.get(place);
        let before = std::mem::take(&mut members.slots[place]);
        let mut before = before.into_iter().peekable();
        let mut after = Vec::with_capacity(frame.rows().len());
        for row in frame.rows() {
            // Both lists rise: who is missing here has left.
            while let Some(gone) = before.next_if(|seat| seat.id < row.id) {
                members.leave(population, gone);
            }
            let known = before.next_if(|seat| seat.id == row.id);
            let known = match known {
                Some(seat) if seat.kind == row.kind => Some(seat),
                Some(other) => {
                    members.leave(population, other);
                    None
                }
                None => None,
            };
            let own = members
                .kinds
                .entry((population, row.kind))
                .or_insert_with(|| {
                    let name = words.and_then(|words| words.kinds.get(usize::from(row.kind)));
                    let (shape, size) = look(&open.scene, name.map_or("", String::as_str));
                    let size = coords::size(size);
                    Kind {
                        mesh: stores.2.add(shapes::shape(shape, size).finish()),
                        size,
                        colour: packed(paint::body(settings.look, shape)),
                        waiting: Vec::new(),
                    }
                });
            let slot = known.map(|seat| seat.slot).or_else(|| own.waiting.pop());
            let slot = slot.unwrap_or_else(|| {
                members.made += 1;
                made.push((members.made, own.mesh.clone()));
                members.made
            });
            let foot = coords::point(row.position);
            after.push(Seat {
                id: row.id,
                kind: row.kind,
                slot,
                middle: foot + Vec3::Y * own.size.y * 0.5,
                reach: own.size.length() * 0.5,
            });
        }
        for gone in before {
            members.leave(population, gone);
        }
        members.slots[place] = after;
    }
    if movement.frames().is_empty() {
        for place in 0..members.slots.len() {
            for gone in std::mem::take(&mut members.slots[place]) {
                members.leave(PopulationId(place as u32), gone);
            }
        }
    }
    members.grow((&mut stores.0, &mut stores.1), &canvas, settings.software);
    for (slot, mesh) in made {
        let mut entity = commands.spawn((
            Name::new(format!("member {slot}")),
            ChildOf(open.root),
            Mesh3d(mesh),
            MeshMaterial3d(members.material.clone()),
            MeshTag(slot),
            Transform::default(),
            // Where it is drawn, nobody but its record knows.
            (Aabb::default(), NoAutoAabb, NoFrustumCulling),
        ));
        if !settings.software {
            entity.insert(NoCpuCulling);
        }
    }
    members.write(movement.frames());
    wake.draw();
}

impl Members {
    fn leave(&mut self, population: PopulationId, seat: Seat) {
        if let Some(kind) = self.kinds.get_mut(&(population, seat.kind)) {
            kind.waiting.push(seat.slot);
        }
        if let Some(records) = &mut self.records {
            records.set(seat.slot, nobody());
        }
    }

    /// Makes room for all that were made.
    fn grow(
        &mut self,
        (buffers, materials): (&mut Assets<ShaderBuffer>, &mut Assets<TwinMaterial>),
        canvas: &SharedCanvas,
        software: bool,
    ) {
        let wanted = self.made as usize;
        if self.records.is_some() && wanted <= self.room {
            return;
        }
        let room = wanted.next_power_of_two().max(FIRST);
        let mut records = Records::new(room, buffers);
        for slot in 1..=room as u32 {
            let old = self.records.as_ref().filter(|_| slot as usize <= self.room);
            records.set(slot, old.map_or(nobody(), |old| old.get(slot)));
        }
        if let Some(mut material) = materials.get_mut(&self.material) {
            material.records = records.buffer.clone();
        } else {
            self.material = materials.add(TwinMaterial {
                records: records.buffer.clone(),
                canvas: canvas.buffer.clone(),
                pass: Pass::Solid,
                lit: !software,
                cut: false,
            });
        }
        self.room = room;
        self.records = Some(records);
    }

    fn write(&mut self, frames: &[crate::population::PopulationFrame]) {
        let Some(records) = &mut self.records else {
            return;
        };
        for ((place, seats), frame) in self.slots.iter().enumerate().zip(frames) {
            let population = PopulationId(place as u32);
            let chosen = self.chosen.filter(|one| one.population == population);
            for (seat, row) in seats.iter().zip(frame.rows()) {
                let colour = self
                    .kinds
                    .get(&(population, seat.kind))
                    .map_or(0, |kind| kind.colour);
                let is_chosen = chosen.is_some_and(|one| one.id == seat.id);
                records.set(seat.slot, record(row, colour, is_chosen));
            }
        }
    }
}

/// A slot that nobody has.
fn nobody() -> Record {
    Record {
        flags: flag::MEMBER | flag::GONE,
        ..Record::default()
    }
}

fn record(row: &PopulationRow, colour: u32, is_chosen: bool) -> Record {
    let foot = coords::point(row.position);
    let selected = if is_chosen { flag::SELECTED } else { 0 };
    Record {
        body: colour,
        flags: flag::MEMBER | flag::UNGAUGED | selected,
        // A member has neither fill nor position nor shadow: its place takes their words.
        fill: foot.x,
        position: foot.y,
        ground: foot.z,
        spin: Turning {
            phase: row.heading as f32,
            rate: 0.0,
        },
        ..Record::default()
    }
}
