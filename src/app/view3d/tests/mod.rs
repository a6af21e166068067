//! The view as a whole, in an app without a window and without a renderer.

mod alarms;
mod far;
mod movers;
mod second;
mod stories;
mod tools;

use std::sync::Arc;

use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::WgpuSettings;
use bevy::render::storage::ShaderBuffer;
use bevy::time::TimeUpdateStrategy;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;

use super::camera::{Eye, Screen};
use super::counterpart::SecondScreen;
use super::plant::Plant;
use super::record::{Records, flag, slot};
use crate::app::TwinSystems;
use crate::app::action::{Action, Named};
use crate::app::differences::{Beside, Differences};
use crate::app::measure;
use crate::app::movement::Movement;
use crate::app::reveal::{self, RevealEdit, Section};
use crate::app::scene::{self, OpenScene, PhysicalAsset};
use crate::app::selection::{self, Selection};
use crate::app::settings::{self, ViewSettings};
use crate::app::timeline::Frame;
use crate::app::undo;
use crate::app::viewport::{ViewInput, ViewPicture};
use crate::history::{History, HistoryConfig};
use crate::import::gltf::{Drawing, Piece};
use crate::population::{PopulationFrame, PopulationRow};
use crate::scene::{AssetIndex, Scene, StoryView};
use crate::signal::{Origin, RunId, Sample, SampleBatch, SignalId};
use crate::time::Timestamp;

const TANK_AND_PUMP: &str = r#"Scene(
    format: 1,
    name: "Tank and pump",
    types: {
        "tank": (
            shape: Tank, size: (6, 6, 8),
            signals: [(name: "level", unit: "m", range: (0, 8), shown: true)],
            drives: [Fill("level")],
        ),
        "pump": (
            shape: Pump, size: (2.5, 1.2, 1.6),
            signals: [(name: "speed", unit: "%", range: (0, 100), shown: true)],
            drives: [Spin("speed")],
        ),
        "pipe": (shape: Pipe, size: (0.4, 0.4, 0.4)),
    },
    assets: [
        (tag: "TK-1", type: "tank", at: (0, 0, 0)),
        (tag: "P-1", type: "pump", at: (12, 0, 0)),
        (tag: "PL-1", type: "pipe", route: [(3, 0, 0.5), (10.75, 0, 0.5)]),
    ],
)"#;

const ONE_TANK: &str = r#"Scene(
    format: 1,
    name: "One tank",
    types: {"tank": (shape: Tank, size: (6, 6, 8))},
    assets: [(tag: "TK-9", type: "tank")],
)"#;

/// A main of 0.3 m between two junctions 4 km apart, on a slope, and what is in lists only.
const NETWORK: &str = r#"Scene(
    format: 1,
    name: "Network",
    types: {
        "junction": (shape: Junction, size: (0.5, 0.5, 0.5), symbol: 8),
        "main": (shape: Pipe, size: (0.3, 0.3, 0.3), symbol: 3),
        "control": (shape: Unseen),
    },
    assets: [
        (tag: "J-1", type: "junction", at: (0, 0, 10)),
        (tag: "J-2", type: "junction", at: (4000, 0, 50)),
        (tag: "M-1", type: "main", route: [(0, 0, 10), (1800, 300, 30), (4000, 0, 50)]),
        (tag: "C-1", type: "control", at: (1800, 0, 30)),
    ],
    bookmarks: [(name: "All", eye: (2000, -3000, 3000), focus: (2000, 0, 30), whole: true)],
)"#;

fn parsed(text: &str) -> Arc<Scene> {
    Arc::new(crate::scene::parse(text).expect("the scene of the test is valid"))
}

/// An app with the view in it and this scene open, after a few frames.
fn app(text: &str) -> App {
    let mut app = App::new();
    app.add_plugins(
        DefaultPlugins
            .build()
            .disable::<bevy::log::LogPlugin>()
            .disable::<WinitPlugin>()
            .set(WindowPlugin {
                primary_window: None,
                exit_condition: ExitCondition::DontExit,
                ..default()
            })
            .set(RenderPlugin {
                render_creation: WgpuSettings {
                    backends: None,
                    ..default()
                }
                .into(),
                ..default()
            }),
    )
    .insert_resource(TimeUpdateStrategy::ManualDuration(
        std::time::Duration::from_millis(20),
    ))
    .add_message::<Action>()
    .configure_sets(PreUpdate, (TwinSystems::Steer, TwinSystems::Sample).chain())
    .add_plugins((
        selection::plugin,
        settings::plugin,
        (reveal::plugin, measure::plugin, undo::plugin),
        super::plugin,
    ));
    app.insert_resource(ViewInput {
        size: [800.0, 600.0],
        pixels_per_point: 1.0,
        visible: true,
        ..ViewInput::default()
    });
    app.world_mut().resource_mut::<ViewSettings>().software = true;
    let empty = History::new(0, HistoryConfig::default());
    app.insert_resource(Told((empty, Timestamp::from_secs(0))));
    app.finish();
    app.cleanup();
    scene::open(app.world_mut(), parsed(text));
    run(&mut app, 12);
    app
}

fn run(app: &mut App, frames: usize) {
    for _ in 0..frames {
        app.update();
    }
}

fn find(app: &App, tag: &str) -> AssetIndex {
    let scene = &app.world().resource::<OpenScene>().scene;
    scene.find_asset(tag).expect("the scene has it")
}

/// Where the middle of an asset is in the tab.
fn on_screen(app: &App, tag: &str) -> [f32; 2] {
    let asset = find(app, tag);
    let middle = app.world().resource::<Plant>().extents[asset.index()].middle();
    let eye = app.world().resource::<Eye>();
    let (at, _) = eye.orbit.now.project(middle, eye.aspect).expect("ahead");
    [(at.x * 0.5 + 0.5) * 800.0, (0.5 - at.y * 0.5) * 600.0]
}

/// One frame in which the tab says this.
fn tell(app: &mut App, say: impl FnOnce(&mut ViewInput)) {
    say(&mut app.world_mut().resource_mut::<ViewInput>());
    app.update();
    let mut input = app.world_mut().resource_mut::<ViewInput>();
    (input.clicked, input.double_clicked, input.pointer) = (None, None, None);
    (input.boxed, input.also) = (None, false);
    (input.orbit, input.zoom) = ([0.0; 2], 0.0);
    app.update();
}

/// The first signal of an asset shows this from now on.
fn show(app: &mut App, tag: &str, value: f64) {
    let signal = {
        let scene = &app.world().resource::<OpenScene>().scene;
        SignalId(scene.asset(find(app, tag)).signals.start)
    };
    let signals = app.world().resource::<OpenScene>().scene.signals.len();
    let world = app.world_mut();
    world.resource_scope(|world, mut told: Mut<Told>| {
        let (history, at) = &mut told.0;
        if history.signals() != signals {
            *history = History::new(signals, HistoryConfig::default());
        }
        *at = at.plus_secs(1.0);
        let mut batch = SampleBatch::new(Origin::Measured);
        batch.push(signal, Sample::good(*at, value));
        history.insert(&batch);
        let mut frame = world.resource_mut::<Frame>();
        assert!(frame.advance(history, Some(Origin::Measured), *at));
    });
}

/// What the plant of a test has told so far, and when last.
#[derive(Resource)]
struct Told((History, Timestamp));

fn draws(app: &App) -> bool {
    let screen = app.world().resource::<Screen>();
    let camera = app.world().get::<Camera>(screen.camera).expect("there");
    camera.is_active
}

fn meshes(app: &mut App) -> usize {
    let mut shown = app.world_mut().query_filtered::<(), With<Mesh3d>>();
    shown.iter(app.world()).count()
}

#[test]
fn every_asset_has_a_mesh_and_a_slot_of_its_own() {
    let mut app = app(TANK_AND_PUMP);
    let mut shown = app
        .world_mut()
        .query_filtered::<(&PhysicalAsset, &MeshTag), With<Mesh3d>>();
    let mut slots: Vec<u32> = shown
        .iter(app.world())
        .map(|(asset, tag)| {
            assert_eq!(tag.0, slot(asset.index));
            tag.0
        })
        .collect();
    slots.sort_unstable();
    assert_eq!(slots, [1, 2, 3]);
}

#[test]
fn another_scene_leaves_nothing_behind() {
    let mut app = app(TANK_AND_PUMP);
    let before = meshes(&mut app);
    scene::open(app.world_mut(), parsed(ONE_TANK));
    run(&mut app, 8);
    let one = meshes(&mut app);
    assert!(one < before, "{one} meshes of one tank, {before} before");
    for text in [TANK_AND_PUMP, ONE_TANK] {
        scene::open(app.world_mut(), parsed(text));
        run(&mut app, 8);
    }
    assert_eq!(meshes(&mut app), one, "as many as the first time");
    let materials = app
        .world()
        .resource::<Assets<super::material::TwinMaterial>>();
    assert_eq!(materials.len(), 7, "one per pass");
}

#[test]
fn nothing_is_left_of_two_hundred_scenes() {
    let mut app = app(TANK_AND_PUMP);
    let count = |app: &App| {
        let world = app.world();
        [
            world.entities().count_spawned() as usize,
            world.resource::<Assets<Mesh>>().len(),
            world
                .resource::<Assets<super::material::TwinMaterial>>()
                .len(),
            world.resource::<Assets<ShaderBuffer>>().len(),
            world.resource::<Assets<Image>>().len(),
        ]
    };
    let open = |app: &mut App, text: &str| {
        scene::open(app.world_mut(), parsed(text));
        run(app, 2);
    };
    // A plate that is somebody's and one that is nobody's, a cut, who moves, and a second view.
    let plate = |name: &str| Piece {
        names: vec![name.to_owned()],
        origins: vec![[0.0; 3]],
        positions: vec![[0.0; 3], [4.0, 0.0, 0.0], [0.0, 3.0, 0.0]],
        normals: vec![[0.0, 0.0, 1.0]; 3],
        triangles: vec![[0, 1, 2]],
        ..Piece::default()
    };
    let drawing = Arc::new(Drawing {
        pieces: vec![plate("P-1"), plate("roof")],
        ..Drawing::default()
    });
    let drawn = TANK_AND_PUMP.replace("assets:", "drawings: [(file: \"hall.glb\")], assets:");
    let row = PopulationRow {
        id: 1,
        kind: 0,
        place: None,
        position: [1.0, 2.0, 0.0],
        heading: 0.0,
        value: 0.0,
    };
    let crowd = |many: u64| {
        let rows = (0..many).map(|id| PopulationRow { id, ..row });
        let frame = PopulationFrame::new(Timestamp::from_secs(0), rows.collect());
        (many > 0).then_some(frame).into_iter().collect::<Vec<_>>()
    };
    let dress = |app: &mut App, is_on: bool| {
        let view = StoryView {
            eye: [9.0, -9.0, 9.0],
            ..StoryView::default()
        };
        let section = Section {
            low: [-50.0; 3],
            high: [2.0, 50.0, 50.0],
        };
        app.world_mut()
            .write_message(Action::SecondView(is_on.then_some(view)));
        let cut = RevealEdit::Section(is_on.then_some(section));
        app.world_mut().write_message(Action::Reveal(cut));
        let moving = crowd(if is_on { 40 } else { 0 });
        app.world_mut().resource_mut::<Movement>().show(moving);
        run(app, 2);
    };
    let base = |app: &mut App| {
        open(app, &drawn);
        dress(app, true);
        dress(app, false);
        open(app, ONE_TANK);
        run(app, 8);
    };
    app.insert_resource(scene::SceneDrawings(vec![drawing]));
    base(&mut app);
    let before = count(&app);
    for round in 0..200 {
        let text = [TANK_AND_PUMP, NETWORK, &drawn, ONE_TANK][round % 4];
        open(&mut app, text);
        dress(&mut app, round % 3 != 0);
        assert!(
            round % 3 == 0 || count(&app)[0] > before[0],
            "all are there"
        );
    }
    base(&mut app);
    assert_eq!(
        count(&app),
        before,
        "entities, meshes, materials, buffers, images"
    );
}

#[test]
fn readings_reach_the_record() {
    let mut app = app(TANK_AND_PUMP);
    let record = |app: &App, tag: &str| {
        let records = app.world().resource::<Records>();
        records.get(slot(find(app, tag)))
    };
    assert_ne!(record(&app, "TK-1").flags & flag::FILL_UNKNOWN, 0);
    // What changed is told for one frame.
    show(&mut app, "TK-1", 2.0);
    app.update();
    show(&mut app, "P-1", 0.5);
    app.update();
    assert!((record(&app, "TK-1").fill - 0.25).abs() < 1e-6);
    assert_eq!(record(&app, "TK-1").flags & flag::FILL_UNKNOWN, 0);
    assert!(record(&app, "P-1").spin.rate > 0.0);
}

#[test]
fn a_still_plant_sleeps_and_a_change_wakes_it() {
    let mut app = app(TANK_AND_PUMP);
    run(&mut app, 12);
    assert!(!draws(&app), "nothing changes, nothing is drawn");
    show(&mut app, "TK-1", 2.0);
    app.update();
    assert!(draws(&app), "a level changed");
    run(&mut app, 12);
    assert!(!draws(&app));
    tell(&mut app, |input| input.orbit = [40.0, 0.0]);
    assert!(draws(&app), "the view is turned");
    run(&mut app, 200);
    assert!(!draws(&app), "it came to rest");
    app.world_mut().resource_mut::<ViewInput>().visible = false;
    show(&mut app, "TK-1", 3.0);
    app.update();
    assert!(!draws(&app), "nobody looks");
}

#[test]
fn what_turns_is_drawn_a_few_times_a_second_by_a_processor() {
    let mut app = app(TANK_AND_PUMP);
    show(&mut app, "P-1", 0.8);
    run(&mut app, 20);
    let drawn = (0..100).filter(|_| {
        app.update();
        draws(&app)
    });
    let drawn = drawn.count();
    // 100 frames of 20 ms.
    assert!((8..=20).contains(&drawn), "{drawn} pictures in 2 s");
}

#[test]
fn a_click_selects_what_is_under_it_and_nothing_selects_nothing() {
    let mut app = app(TANK_AND_PUMP);
    for tag in ["P-1", "TK-1"] {
        let at = on_screen(&app, tag);
        tell(&mut app, |input| input.clicked = Some(at));
        let selected = app.world().resource::<Selection>().selected;
        assert_eq!(selected, Some(find(&app, tag)));
        let records = app.world().resource::<Records>();
        let record = records.get(slot(find(&app, tag)));
        assert_ne!(record.flags & flag::SELECTED, 0);
    }
    tell(&mut app, |input| input.clicked = Some([2.0, 2.0]));
    assert_eq!(app.world().resource::<Selection>().selected, None);
}

#[test]
fn the_pointer_marks_what_it_is_over() {
    let mut app = app(TANK_AND_PUMP);
    let at = on_screen(&app, "TK-1");
    app.world_mut().resource_mut::<ViewInput>().pointer = Some(at);
    run(&mut app, 2);
    let tank = find(&app, "TK-1");
    assert_eq!(app.world().resource::<ViewPicture>().hovered, Some(tank));
    assert_eq!(app.world().resource::<Selection>().hovered, Some(tank));
    app.world_mut().resource_mut::<ViewInput>().pointer = None;
    run(&mut app, 2);
    assert_eq!(app.world().resource::<ViewPicture>().hovered, None);
    assert_eq!(app.world().resource::<Selection>().hovered, None);
}

#[test]
fn a_double_click_flies_there_and_on_nothing_back() {
    let mut app = app(TANK_AND_PUMP);
    let pose = |app: &App| app.world().resource::<Eye>().orbit.now;
    let first = pose(&app);
    let at = on_screen(&app, "P-1");
    tell(&mut app, |input| input.double_clicked = Some(at));
    run(&mut app, 200);
    let near = pose(&app);
    assert!(near.distance < first.distance * 0.6, "{}", near.distance);
    let pump = app.world().resource::<Plant>().extents[1].middle();
    assert!(near.focus.distance(pump) < 1.5, "{}", near.focus);
    tell(&mut app, |input| {
        input.double_clicked = Some([790.0, 590.0]);
    });
    run(&mut app, 200);
    assert!((pose(&app).focus - first.focus).length() < 0.1);
    assert!((pose(&app).distance - first.distance).abs() < 0.1);
}

#[test]
fn the_plan_is_orthographic_and_back_is_perspective() {
    let mut app = app(TANK_AND_PUMP);
    let orthographic = |app: &App| {
        let screen = app.world().resource::<Screen>();
        let lens = app.world().get::<Projection>(screen.camera).expect("there");
        matches!(lens, Projection::Orthographic(_))
    };
    assert!(!orthographic(&app));
    for expected in [true, false] {
        app.world_mut().write_message(Action::Named(Named::TopView));
        run(&mut app, 200);
        assert_eq!(orthographic(&app), expected);
    }
}

#[test]
fn labels_name_what_shows_a_value() {
    let mut app = app(TANK_AND_PUMP);
    let labelled = |app: &App| {
        let labels = &app.world().resource::<ViewPicture>().labels;
        labels.iter().map(|label| label.asset.0).collect::<Vec<_>>()
    };
    let mut shown = labelled(&app);
    shown.sort_unstable();
    assert_eq!(shown, [0, 1], "the pipe shows nothing");
    app.world_mut()
        .write_message(Action::Named(Named::ToggleLabels));
    run(&mut app, 2);
    assert_eq!(labelled(&app), Vec::<u32>::new());
}

#[test]
fn symbols_of_a_network_are_drawn_and_lists_are_not() {
    let mut app = app(NETWORK);
    let grow = |tag: &str| {
        let records = app.world().resource::<Records>();
        records.get(slot(find(&app, tag))).grow
    };
    assert_eq!(grow("J-1"), 16.0, "8 points for half a metre");
    assert_eq!(grow("M-1"), 0.0, "pipes swell by themselves");
    let mut drawn = app
        .world_mut()
        .query_filtered::<&PhysicalAsset, With<Mesh3d>>();
    let mut tags: Vec<_> = drawn
        .iter(app.world())
        .map(|asset| asset.tag.clone())
        .collect();
    tags.sort_unstable();
    assert_eq!(tags, ["J-1", "J-2", "M-1"]);
    let plant = app.world().resource::<Plant>();
    assert!(plant.contours > 0.0 && plant.ground > 0.0);
}

#[test]
fn from_afar_a_main_is_hit_as_wide_as_it_is_drawn() {
    let mut app = app(NETWORK);
    app.world_mut().write_message(Action::GoToBookmark(0));
    run(&mut app, 200);
    let bend = {
        let eye = app.world().resource::<Eye>();
        let at = super::super::coords::point([900.0, 150.0, 20.0]);
        let (at, _) = eye.orbit.now.project(at, eye.aspect).expect("ahead");
        [(at.x * 0.5 + 0.5) * 800.0, (0.5 - at.y * 0.5) * 600.0]
    };
    for (off, expected) in [(0.0, Some("M-1")), (2.5, Some("M-1")), (14.0, None)] {
        let at = [bend[0], bend[1] + off];
        tell(&mut app, |input| input.clicked = Some(at));
        let selected = app.world().resource::<Selection>().selected;
        assert_eq!(
            selected,
            expected.map(|tag| find(&app, tag)),
            "{off} points beside"
        );
    }
}

#[test]
fn a_whole_bookmark_fits_the_picture_whatever_its_shape() {
    let mut app = app(NETWORK);
    app.world_mut().write_message(Action::GoToBookmark(0));
    run(&mut app, 200);
    for size in [[800.0, 600.0], [1_200.0, 300.0], [450.0, 900.0]] {
        app.world_mut().resource_mut::<ViewInput>().size = size;
        run(&mut app, 4);
        let eye = app.world().resource::<Eye>();
        let mut most = 0.0_f32;
        for tag in ["J-1", "J-2"] {
            let extent = app.world().resource::<Plant>().extents[find(&app, tag).index()];
            let (at, _) = eye
                .orbit
                .now
                .project(extent.middle(), eye.aspect)
                .expect("ahead");
            most = most.max(at.abs().max_element());
        }
        assert!((0.6..1.0).contains(&most), "{size:?}: {most}");
    }
}

/// Shows the other telling so, or not at all, and lets a few frames pass.
fn show_beside(app: &mut App, how: Option<Beside>) {
    let mut differences = app.world_mut().resource_mut::<Differences>();
    differences.against = how.map(|_| Origin::Simulated(RunId(1)));
    differences.beside = how;
    run(app, 4);
}

#[test]
fn the_other_telling_comes_with_a_camera_of_its_own_and_leaves_nothing_behind() {
    let mut app = app(TANK_AND_PUMP);
    let shown = meshes(&mut app);
    // The second camera is made when it is first wanted, and kept.
    show_beside(&mut app, Some(Beside::Split));
    show_beside(&mut app, None);
    let base = app.world().entities().count_spawned();
    let images = app.world().resource::<Assets<Image>>().len();
    show_beside(&mut app, Some(Beside::Split));
    let second = app.world().resource::<SecondScreen>().camera;
    let first = app.world().resource::<Screen>().camera;
    let place = |camera| app.world().get::<Transform>(camera).copied();
    assert_eq!(place(second), place(first), "the cameras are one");
    let size = |image: &Handle<Image>| {
        let images = app.world().resource::<Assets<Image>>();
        images.get(image).map(Image::size)
    };
    let screens = [
        &app.world().resource::<Screen>().image,
        &app.world().resource::<SecondScreen>().image,
    ];
    assert_eq!(size(screens[0]), size(screens[1]));
    assert_eq!(meshes(&mut app), shown + 3, "one for each asset");

    show_beside(&mut app, Some(Beside::Ghost));
    let camera = app.world().get::<Camera>(second).expect("it is kept");
    assert!(!camera.is_active, "nothing is drawn that nobody sees");
    assert_eq!(meshes(&mut app), shown + 3);

    for _ in 0..20 {
        show_beside(&mut app, Some(Beside::Split));
        show_beside(&mut app, None);
    }
    assert_eq!(app.world().entities().count_spawned(), base);
    assert_eq!(app.world().resource::<Assets<Image>>().len(), images);

    show_beside(&mut app, Some(Beside::Ghost));
    scene::open(app.world_mut(), parsed(ONE_TANK));
    run(&mut app, 4);
    show_beside(&mut app, None);
    assert!(app.world().entities().count_spawned() < base);
}
