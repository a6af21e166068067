//! The plant in the product's own way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use std::{env, fs, process};

use bevy::prelude::*;

use super::super::alarms::AlarmBook;
use super::super::launch::{Launch, LaunchError, StoreChoice};
use super::super::movement::Movement;
use super::super::picture::{self, WindowImage};
use super::super::settings::{Quality, ViewSettings};
use super::super::telemetry::Historian;
use super::super::view3d;
use super::super::viewport::ViewInput;
use super::field::{STEP, scene_text, side};
use super::stage::{adapter_of, frame, frames, program};
use super::{Measured, PickTimes, Spread, StartTimes, ViewBench};
use crate::population::{PopulationFrame, PopulationRow};
use crate::scene::Scene;
use crate::session::{self, FeedPlan, Opened};
use crate::signal::{Origin, Sample, SampleBatch, SignalId};
use crate::telemetry::now;
use crate::time::Timestamp;

/// The picture, pixels.
pub(super) const PICTURE: (u32, u32) = (1_280, 720);

/// Picks that are timed.
const PICKS: usize = 400;

/// Measures the plant: its start and its frames; tells who drew.
pub(super) fn measure(
    plan: &ViewBench,
    changing: u32,
) -> Result<(Measured, StartTimes, PickTimes, String), LaunchError> {
    let text = scene_text(plan.assets);
    let mut start = StartTimes::default();
    let began = Instant::now();
    let opened = opened(&text)?;
    start.scene_ms = lap(&mut start.total_ms, began);
    drop(text);
    let began = Instant::now();
    let mut app = program(plan.backend, false)?;
    app.add_plugins(super::super::twin);
    if plan.panels {
        let image = app
            .world_mut()
            .resource_mut::<Assets<Image>>()
            .add(picture::target_image(PICTURE));
        app.insert_resource(WindowImage(image))
            .add_plugins(picture::plugin);
    } else {
        app.add_plugins(view3d::plugin)
            .add_systems(PreStartup, picture::choose_shading);
    }
    start.program_ms = lap(&mut start.total_ms, began);
    let began = Instant::now();
    let scene = Arc::clone(&opened.scene);
    let launch = Launch {
        opened,
        feed: FeedPlan::Sources { broker: None },
        store: StoreChoice::None,
    };
    launch.enter(app.world_mut())?;
    if let Some(mut settings) = app.world_mut().get_resource_mut::<ViewSettings>() {
        // Left alone, it would follow how fast this machine happens to be.
        settings.quality = Some(Quality::Balanced);
    }
    start.enter_ms = lap(&mut start.total_ms, began);
    let began = Instant::now();
    app.finish();
    app.cleanup();
    look(app.world_mut(), plan, 0);
    frame(&mut app, |_| {});
    start.first_frame_ms = lap(&mut start.total_ms, began);
    let adapter = adapter_of(&app);
    let walk = Walk::of(plan);
    let measured = frames(&mut app, plan, |world, count| {
        look(world, plan, count);
        tell(world, &scene, changing, count);
        walk.show(world, count);
    });
    let picks = view3d::time_picks(app.world(), PICKS).map(|(points, boxes)| PickTimes {
        point_ms: Spread::of(points),
        box_ms: Spread::of(boxes),
    });
    Ok((measured, start, picks.unwrap_or_default(), adapter))
}

fn lap(total: &mut f64, began: Instant) -> f64 {
    let millis = began.elapsed().as_secs_f64() * 1e3;
    *total += millis;
    millis
}

/// Opens a scene of this text as a person would: from a file.
fn opened(text: &str) -> Result<Opened, LaunchError> {
    // A folder of its own, whoever else measures in this process.
    static OPENED: AtomicU32 = AtomicU32::new(0);
    let count = OPENED.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("parallax-bench-{}-{count}", process::id()));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("scene.ron"), text))
        .map_err(|error| LaunchError::Picture(format!("{error}: {}", folder.display())));
    let opened = written.and_then(|()| Ok(session::open(&folder)?));
    fs::remove_dir_all(&folder).ok(); // what is left lies among temporary files
    opened
}

/// The pointer wanders over the picture, and the eye with it.
fn look(world: &mut World, plan: &ViewBench, count: usize) {
    let Some(mut input) = world.get_resource_mut::<ViewInput>() else {
        return;
    };
    let (width, height) = (PICTURE.0 as f32, PICTURE.1 as f32);
    input.size = [width, height];
    input.pixels_per_point = 1.0;
    input.visible = true;
    if plan.rests {
        return;
    }
    let place = (count as f32 * 0.07).sin() * 0.3;
    input.pointer = Some([width * (0.5 + place), height * (0.5 - place * 0.5)]);
    input.fly = [place, 0.0, 0.0];
}

/// New values for the next assets in turn.
fn tell(world: &mut World, scene: &Scene, changing: u32, count: usize) {
    let signals = scene.signals.len();
    if changing == 0 || signals == 0 {
        return;
    }
    let mut batch = SampleBatch::new(Origin::Measured);
    let at = now();
    let first = count * changing as usize;
    for place in first..first + changing as usize {
        let signal = place % signals;
        let (low, high) = scene.signals[signal].range;
        let share = ((count * 13 + signal * 7) % 101) as f64 / 101.0;
        let value = low + (high - low) * share;
        batch.push(SignalId(signal as u32), Sample::good(at, value));
    }
    world.resource_mut::<Historian>().insert(&batch);
    world.resource_mut::<AlarmBook>().observe(&batch);
}

/// Things on their way over the field, from one place to the next.
struct Walk {
    ends: [PopulationFrame; 2],
}

impl Walk {
    /// As many as the plan says.
    fn of(plan: &ViewBench) -> Self {
        let reach = f64::from(side(plan.assets)) * STEP;
        let row = |id: u32, on: f64| {
            let (east, north) = (f64::from(id * 37 % 1_009), f64::from(id * 91 % 1_013));
            PopulationRow {
                id: id.into(),
                kind: (id % 2) as u16,
                place: None,
                position: [east / 1_009.0 * reach + on, north / 1_013.0 * reach, 0.0],
                heading: f64::from(id) + on * 0.3,
                value: 0.0,
            }
        };
        let frame = |second: i64| {
            let rows = (0..plan.moving).map(|id| row(id, second as f64));
            PopulationFrame::new(Timestamp::from_secs(second), rows.collect())
        };
        Self {
            ends: [frame(0), frame(1)],
        }
    }

    fn show(&self, world: &mut World, count: usize) {
        let [before, after] = &self.ends;
        if before.rows().is_empty() {
            return;
        }
        let at = before.at().plus_secs((count % 60) as f64 / 60.0);
        let now = PopulationFrame::between(before, after, at);
        world.resource_mut::<Movement>().show(vec![now]);
    }
}

#[cfg(test)]
mod tests {
    use bevy::render::RenderApp;
    use bevy::render::mesh::RenderMesh;
    use bevy::render::render_asset::RenderAssets;
    use bevy::render::storage::GpuShaderBuffer;

    use super::super::stage::Backend;
    use super::*;

    const PLAN: ViewBench = ViewBench {
        assets: 30,
        changing: 100.0,
        moving: 12,
        frames: 1,
        backend: Backend::Noop,
        rests: false,
        panels: false,
    };

    fn enter(app: &mut App, opened: &Opened) {
        let launch = Launch {
            opened: opened.clone(),
            feed: FeedPlan::Sources { broker: None },
            store: StoreChoice::None,
        };
        launch.enter(app.world_mut()).expect("it needs nothing");
        for _ in 0..3 {
            look(app.world_mut(), &PLAN, 0);
            frame(app, |_| {});
        }
    }

    #[test]
    fn the_graphics_card_keeps_nothing_of_two_hundred_scenes() {
        let fields = [30, 80].map(|assets| opened(&scene_text(assets)).expect("it is a scene"));
        let mut app = program(Backend::Noop, false).expect("it needs no driver");
        app.add_plugins((super::super::super::twin, view3d::plugin));
        enter_first(&mut app, &fields[0]);
        let count = |app: &App| {
            let card = app.sub_app(RenderApp).world();
            [
                card.resource::<RenderAssets<RenderMesh>>().iter().count(),
                card.resource::<RenderAssets<GpuShaderBuffer>>()
                    .iter()
                    .count(),
                app.world().entities().count_spawned() as usize,
            ]
        };
        for round in 0..4 {
            enter(&mut app, &fields[round % 2]);
        }
        enter(&mut app, &fields[0]);
        let before = count(&app);
        for round in 0..200 {
            enter(&mut app, &fields[round % 2]);
        }
        enter(&mut app, &fields[0]);
        assert_eq!(count(&app), before, "meshes, buffers, entities");
        assert!(before[0] > 8, "{before:?}");
    }

    fn enter_first(app: &mut App, opened: &Opened) {
        let launch = Launch {
            opened: opened.clone(),
            feed: FeedPlan::Sources { broker: None },
            store: StoreChoice::None,
        };
        launch.enter(app.world_mut()).expect("it needs nothing");
        app.finish();
        app.cleanup();
    }

    #[test]
    fn a_measured_plant_is_drawn_in_every_frame() {
        let (measured, start, _, adapter) = measure(&PLAN, 30).expect("it needs no driver");
        assert_eq!(measured.drawn_frames, 1);
        assert!(measured.draw_calls > 0 && measured.entities > 30);
        assert!(start.total_ms >= start.first_frame_ms);
        assert!(adapter.contains("Noop"), "{adapter}");
        let rests = ViewBench {
            moving: 0,
            rests: true,
            frames: 20,
            ..PLAN
        };
        let (still, ..) = measure(&rests, 0).expect("it needs no driver");
        assert_eq!(still.drawn_frames, 0, "a still plant sleeps");
    }
}
