//! When the view is drawn: when something changed, or moves, and not otherwise.
//!
//! A camera at rest keeps its last picture. On a graphics card motion is drawn in every
//! frame; a processor draws it a few times a second, so that the program stays usable.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bevy::prelude::*;
use bevy::render::render_resource::PipelineCache;
use bevy::render::storage::ShaderBuffer;
use bevy::render::{Render, RenderApp};
use bevy::window::RequestRedraw;

use super::super::coords;
use super::super::movement::Movement;
use super::super::reveal::Revealed;
use super::super::settings::ViewSettings;
use super::super::timeline::Playback;
use super::super::viewport::{Look, ViewInput};
use super::StillView;
use super::camera::{Eye, Screen};
use super::daylight::Daylight;
use super::material::SharedCanvas;
use super::paint;
use super::part::Part;
use super::plant::Plant;
use super::record::Records;
use super::second_view::SecondEye;
use crate::timeline::PlayState;

/// Between two pictures of something that moves, drawn by a processor, s.
const SOFTWARE_PERIOD: f32 = 0.16;
/// Between two pictures of something that flashes only, s.
const FLASH_PERIOD: f32 = 0.25;
/// The ground under a network, beside that of a plant.
const NETWORK_GROUND: f32 = 0.5;
/// Motion time starts over after this long, s: a float must stay exact.
const WRAP: f32 = 3_600.0;
/// Pictures drawn after a change of what exists: meshes and textures take a few frames.
const SETTLING: u32 = 6;

/// What keeps the view awake. Systems of the view tell it of changes.
#[derive(Resource, Default)]
pub(super) struct Wake {
    frames: u32,
    moved: bool,
    labels: bool,
}

impl Wake {
    /// Something that exists changed.
    pub(super) fn redraw(&mut self) {
        self.frames = self.frames.max(SETTLING);
        self.labels = true;
    }

    /// Something moved that is no asset.
    pub(super) fn draw(&mut self) {
        self.frames = self.frames.max(1);
    }

    /// The eye moved.
    pub(super) fn moved(&mut self) {
        self.moved = true;
        self.labels = true;
    }

    /// True if labels may stand elsewhere than they do.
    pub(super) fn labels_stale(&self) -> bool {
        self.labels
    }

    /// Labels stand where they should.
    pub(super) fn labels_fresh(&mut self) {
        self.labels = false;
    }
}

/// The clocks of the picture. Written by [`decide`] alone.
#[derive(Resource, Default)]
pub(super) struct PictureClock {
    /// Stands still while the timeline does, s.
    pub motion: f32,
    wall: f32,
    since_drawn: f32,
}

/// True while the render world compiles pipelines: until then pictures are incomplete.
#[derive(Resource, Clone, Default)]
pub(super) struct Unready(Arc<AtomicBool>);

pub(super) fn plugin(app: &mut App) {
    let unready = Unready::default();
    app.init_resource::<Wake>()
        .init_resource::<PictureClock>()
        .insert_resource(unready.clone());
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        render
            .insert_resource(unready)
            .add_systems(Render, tell_unready);
    }
}

fn tell_unready(pipelines: Res<PipelineCache>, unready: Res<Unready>) {
    let waiting = pipelines.waiting_pipelines().next().is_some();
    unready.0.store(waiting, Ordering::Relaxed);
}

/// Lets the camera draw this frame or sleep, and moves the clocks on.
pub(super) fn decide(
    time: Res<Time>,
    still: Res<StillView>,
    settings: Res<ViewSettings>,
    input: Res<ViewInput>,
    playback: Option<Res<Playback>>,
    mut records: ResMut<Records>,
    screen: Res<Screen>,
    unready: Res<Unready>,
    mut wake: ResMut<Wake>,
    mut clock: ResMut<PictureClock>,
    mut cameras: Query<&mut Camera>,
    mut redraws: MessageWriter<RequestRedraw>,
    movement: Option<Res<Movement>>,
) {
    let dt = time.delta_secs();
    let paused = playback
        .as_ref()
        .is_some_and(|playback| playback.play_state() == PlayState::Paused);
    let walks = movement.is_some_and(|movement| movement.has_members());
    let moving = (records.any_moving() || walks) && !paused;
    if !paused {
        clock.motion = (clock.motion + dt) % WRAP;
    }
    clock.wall = (clock.wall + dt) % WRAP;
    if still.0 {
        // The same instant gives the same picture, and what flashes is lit in it.
        clock.wall = 0.0;
        let at = playback.map_or(0, |playback| playback.playhead().nanos());
        clock.motion = (at.rem_euclid(WRAP as i64 * 1_000_000_000) as f64 * 1e-9) as f32;
    }
    clock.since_drawn += dt;

    let period = match (moving, records.any_flashing()) {
        (true, _) if settings.software => Some(SOFTWARE_PERIOD),
        (true, _) => Some(0.0),
        (false, true) => Some(FLASH_PERIOD),
        (false, false) => None,
    };
    let told = records.bypass_change_detection().take_changed();
    let changed = wake.moved || wake.frames > 0 || told;
    let due = period.is_some_and(|period| clock.since_drawn >= period);
    let awake = changed || due || unready.0.load(Ordering::Relaxed);
    let draw = still.0 || (input.visible && awake);
    if draw {
        clock.since_drawn = 0.0;
        wake.frames = wake.frames.saturating_sub(1);
        // A sleeping window must not sleep through a flight.
        if wake.moved || wake.frames > 0 || period == Some(0.0) {
            redraws.write(RequestRedraw);
        }
        wake.moved = false;
    }
    if let Ok(mut camera) = cameras.get_mut(screen.camera)
        && camera.is_active != draw
    {
        camera.is_active = draw;
    }
}

/// Sends what all surfaces share, if the camera draws.
pub(super) fn write_canvas(
    settings: Res<ViewSettings>,
    input: Res<ViewInput>,
    clock: Res<PictureClock>,
    eyes: (Res<Eye>, Option<Res<SecondEye>>),
    plant: Res<Plant>,
    screen: Res<Screen>,
    (revealed, daylight): (Res<Revealed>, Res<Daylight>),
    cameras: Query<&Camera>,
    mut canvas: ResMut<SharedCanvas>,
    mut buffers: ResMut<Assets<ShaderBuffer>>,
) {
    if !cameras
        .get(screen.camera)
        .is_ok_and(|camera| camera.is_active)
    {
        return;
    }
    let mut next = paint::canvas(settings.look, settings.theme);
    daylight.light(&mut next);
    let pose = eyes.0.orbit.now;
    let span = (plant.whole.high - plant.whole.low).length();
    let mut begins = (pose.distance * 2.5).max(span * 0.9).max(80.0);
    if let Some(second) = eyes.1 {
        // One ground for both views: it fades where neither looks.
        let other = second.eye.orbit.now;
        begins = begins.max(other.distance * 2.5 + other.focus.distance(pose.focus));
    }
    next.above[3] = plant.lift;
    next.below[3] = plant.grid_step();
    next.fade = [pose.focus.x, pose.focus.z, begins, begins * 3.0 + 300.0];
    next.clock = [
        clock.motion,
        clock.wall,
        input.pixels_per_point.max(0.5),
        input.size[1].max(1.0),
    ];
    next.horizon[3] = pattern_length(pose.height() / input.size[1].max(1.0));
    next.zenith[3] = plant.contours;
    if let Some(section) = revealed.now.section {
        let (one, two) = (coords::point(section.low), coords::point(section.high));
        next.cut_low[..3].copy_from_slice(&one.min(two).to_array());
        next.cut_high[..3].copy_from_slice(&one.max(two).to_array());
    }
    if plant.contours > 0.0 && settings.look == Look::Operate {
        // Thin lines are read by their colour: they need a ground that has none.
        let ground = &mut next.paints[Part::Ground as usize];
        *ground = ground.map(|channel| channel * NETWORK_GROUND);
        ground[3] = 1.0;
    }
    canvas.show(next, &mut buffers);
}

/// How long the pattern of a network's mains is, m, where a point of the screen spans
/// `metres`: a power of two, so that it stays put while the view zooms a little.
fn pattern_length(metres: f32) -> f32 {
    const POINTS: f32 = 46.0;
    (metres * POINTS).max(2.0).log2().round().exp2()
}
