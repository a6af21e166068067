//! The whole product without a graphics card: systems run, nothing is drawn.

use std::fmt::Write;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::render::settings::{RenderCreation, WgpuSettings};
use parallax::app::launch::{Launch, StoreChoice, windowless_plugins};
use parallax::app::{self, view3d};
use parallax::scene;
use parallax::session::{FeedPlan, Opened};
use parallax::simulation::Plant;

/// The application with a field of tanks, one signal each, and these `parts` of a scene.
pub(crate) fn twin_of(assets: u32, parts: &str, store: StoreChoice) -> App {
    let text = scene_of(assets, parts);
    let scene = scene::parse(&text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let opened = Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file: "bench.ron".into(),
        folder: ".".into(),
        drawings: Vec::new(),
    };
    twin_at(opened, store)
}

/// The application with this scene.
pub(crate) fn twin_at(opened: Opened, store: StoreChoice) -> App {
    let mut app = App::new();
    app.add_plugins(windowless_plugins(RenderCreation::Automatic(Box::new(
        WgpuSettings {
            backends: None,
            ..default()
        },
    ))))
    .add_plugins((app::twin, view3d::plugin));
    let launch = Launch {
        opened,
        feed: FeedPlan::Sources { broker: None },
        store,
    };
    launch
        .enter(app.world_mut())
        .unwrap_or_else(|error| panic!("{error}"));
    app.finish();
    app.cleanup();
    app
}

fn scene_of(assets: u32, parts: &str) -> String {
    let mut text = String::from(
        "(format: 1, name: \"Bench\", types: {\"tank\": (shape: Tank, signals: [\
         (name: \"level\", unit: \"m\", range: (0, 1), shown: true, \
          limits: [(kind: High, at: 2)])], \
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
    write!(text, "], heat: \"level\", {parts})").expect("a String takes everything");
    text
}
