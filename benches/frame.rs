//! The main world's work in one frame: 1,000 and 10,000 assets all changing, 10,000 still.
//!
//! Everything of the product but drawing itself: ingest, history, playhead, readings, drivers.
//!
//! `cargo bench --bench frame`

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use cpu_time::ThreadTime;
use parallax::app::launch::{Launch, StoreChoice, bevy_plugins};
use parallax::app::telemetry::Historian;
use parallax::app::{self, view3d};
use parallax::scene::{self, Scene};
use parallax::session::{FeedPlan, Opened};
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::simulation::Plant;
use parallax::telemetry::now;

const WARM_UP: usize = 30;
const FRAMES: usize = 200;

fn main() {
    println!("CPU of the main thread per frame, ms, {FRAMES} frames");
    println!(
        "{:>8} {:>10} {:>8} {:>8}",
        "assets", "changing", "median", "p95"
    );
    for (assets, changing) in [(1_000, 1_000), (10_000, 10_000), (10_000, 500), (10_000, 0)] {
        let (median, p95) = measure(assets, changing);
        println!("{assets:>8} {changing:>10} {median:>8.3} {p95:>8.3}");
    }
}

fn measure(assets: u32, changing: u32) -> (f64, f64) {
    let mut app = twin_of(assets);
    let signals: Vec<_> = app
        .world()
        .resource::<app::scene::OpenScene>()
        .scene
        .signal_ids()
        .take(changing as usize)
        .collect();
    let mut millis = Vec::with_capacity(FRAMES);
    for frame in 0..WARM_UP + FRAMES {
        let mut batch = SampleBatch::new(Origin::Measured);
        let value = (frame % 100) as f64 * 0.01;
        let at = now();
        for (place, signal) in signals.iter().enumerate() {
            batch.push(
                *signal,
                Sample::good(at, (value + place as f64 * 1e-4) % 1.0),
            );
        }
        let began = ThreadTime::now();
        if !batch.samples.is_empty() {
            app.world_mut().resource_mut::<Historian>().insert(&batch);
        }
        app.update();
        if frame >= WARM_UP {
            millis.push(began.elapsed().as_secs_f64() * 1e3);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    millis.sort_by(f64::total_cmp);
    (millis[FRAMES / 2], millis[FRAMES * 95 / 100])
}

/// The whole product without a graphics card: systems run, nothing is drawn.
fn twin_of(assets: u32) -> App {
    let scene = scene_of(assets);
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let opened = Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file: "bench.ron".into(),
        folder: ".".into(),
    };
    let mut app = App::new();
    app.add_plugins(
        bevy_plugins()
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(RenderPlugin {
                render_creation: RenderCreation::Automatic(Box::new(WgpuSettings {
                    backends: None,
                    ..default()
                })),
                ..default()
            })
            .disable::<WinitPlugin>(),
    )
    .add_plugins((app::twin, view3d::plugin));
    let launch = Launch {
        opened,
        feed: FeedPlan::Sources { broker: None },
        store: StoreChoice::None,
    };
    launch
        .enter(app.world_mut())
        .unwrap_or_else(|error| panic!("{error}"));
    app.finish();
    app.cleanup();
    app
}

fn scene_of(assets: u32) -> Scene {
    let mut text = String::from(
        "(format: 1, name: \"Bench\", types: {\"tank\": (shape: Tank, signals: [\
         (name: \"level\", unit: \"m\", range: (0, 1), shown: true)], \
         drives: [Fill(\"level\")])}, assets: [",
    );
    let side = f64::from(assets).sqrt().ceil() as u32;
    for place in 0..assets {
        let (east, north) = (place % side * 3, place / side * 3);
        write!(
            text,
            "(tag: \"T-{place}\", type: \"tank\", at: ({east}, {north}, 0)),"
        )
        .expect("a String takes everything");
    }
    text.push_str("], heat: \"level\")");
    scene::parse(&text).unwrap_or_else(|problems| panic!("{problems:?}"))
}
