//! Selecting together, hiding, cutting open, pulling apart, measuring, and all of it undone.

use bevy::prelude::*;

use super::super::material::TwinMaterial;
use super::super::orbit::Pose;
use super::super::plant::Plant;
use super::{TANK_AND_PUMP, app, find, on_screen, run, tell};
use crate::app::action::{Action, Named};
use crate::app::measure::{Ruler, Tool};
use crate::app::reveal::{RevealEdit, Revealed, Section};
use crate::app::scene::OpenScene;
use crate::app::selection::Selection;
use crate::app::viewport::{BoxDrag, ViewPicture};
use crate::scene::AssetIndex;

/// Two boxes of 2 m, one on the storey above the other's, 10 m apart.
const HOUSE: &str = r#"Scene(
    format: 1,
    name: "House",
    storeys: [(name: "Ground floor", at: 0), (name: "First floor", at: 4)],
    types: {"box": (shape: Block, size: (2, 2, 2))},
    assets: [
        (tag: "B-0", type: "box", at: (0, 0, 0)),
        (tag: "B-1", type: "box", at: (10, 0, 4)),
    ],
)"#;

fn act(app: &mut App, action: Action) {
    app.world_mut().write_message(action);
    run(app, 3);
}

fn select(app: &mut App, tag: &str) {
    let asset = find(app, tag);
    act(app, Action::Select(Some(asset)));
}

fn act_named(app: &mut App, named: Named) {
    act(app, Action::Named(named));
}

fn is_drawn(app: &App, tag: &str) -> bool {
    let entity = app
        .world()
        .resource::<OpenScene>()
        .find(tag)
        .expect("there");
    *app.world().get::<Visibility>(entity).expect("it has one") != Visibility::Hidden
}

fn is_solid(app: &App, tag: &str) -> bool {
    let world = app.world();
    let entity = world.resource::<OpenScene>().find(tag).expect("there");
    let material = world.get::<MeshMaterial3d<TwinMaterial>>(entity);
    material.expect("it has one").0 == world.resource::<Plant>().solid
}

fn chosen(app: &App) -> Vec<AssetIndex> {
    app.world().resource::<Selection>().chosen.clone()
}

fn hulls(app: &mut App) -> usize {
    let mut shown = app.world_mut().query::<(&Name, &Visibility)>();
    let hull = |(name, seen): &(&Name, &Visibility)| {
        name.as_str().starts_with("outline") && **seen != Visibility::Hidden
    };
    shown.iter(app.world()).filter(hull).count()
}

#[test]
fn what_is_hidden_is_neither_drawn_nor_hit_and_comes_back() {
    let mut app = app(TANK_AND_PUMP);
    let at = on_screen(&app, "P-1");
    select(&mut app, "P-1");
    act_named(&mut app, Named::HideSelection);
    assert!(!is_drawn(&app, "P-1") && is_drawn(&app, "TK-1"));
    assert_eq!(hulls(&mut app), 0, "no hull around nothing");
    tell(&mut app, |input| input.clicked = Some(at));
    assert!(!chosen(&app).contains(&find(&app, "P-1")));
    let labels = &app.world().resource::<ViewPicture>().labels;
    assert!(labels.iter().all(|label| label.asset != find(&app, "P-1")));
    act_named(&mut app, Named::Undo);
    assert!(is_drawn(&app, "P-1"));
    act_named(&mut app, Named::Redo);
    assert!(!is_drawn(&app, "P-1"));
    act_named(&mut app, Named::ShowEverything);
    assert!(is_drawn(&app, "P-1"));
}

#[test]
fn what_is_isolated_is_drawn_alone_until_it_is_asked_again() {
    let mut app = app(TANK_AND_PUMP);
    select(&mut app, "TK-1");
    act_named(&mut app, Named::IsolateSelection);
    assert!(is_drawn(&app, "TK-1") && !is_drawn(&app, "P-1") && !is_drawn(&app, "PL-1"));
    act_named(&mut app, Named::IsolateSelection);
    assert!(is_drawn(&app, "P-1"));
}

#[test]
fn all_but_the_selection_is_seen_through() {
    let mut app = app(TANK_AND_PUMP);
    act_named(&mut app, Named::ToggleXRay);
    assert!(!is_solid(&app, "TK-1") && !is_solid(&app, "P-1"));
    select(&mut app, "P-1");
    assert!(!is_solid(&app, "TK-1") && is_solid(&app, "P-1"));
    act_named(&mut app, Named::ToggleXRay);
    assert!(is_solid(&app, "TK-1") && is_solid(&app, "P-1"));
}

#[test]
fn ctrl_selects_besides_and_each_has_a_hull() {
    let mut app = app(TANK_AND_PUMP);
    for tag in ["TK-1", "P-1"] {
        let at = on_screen(&app, tag);
        tell(&mut app, |input| {
            input.clicked = Some(at);
            input.also = true;
        });
    }
    assert_eq!(chosen(&app), [find(&app, "TK-1"), find(&app, "P-1")]);
    run(&mut app, 2);
    assert_eq!(hulls(&mut app), 2);
    // A click beside everything, with Ctrl held, loses nothing.
    tell(&mut app, |input| {
        input.clicked = Some([2.0, 2.0]);
        input.also = true;
    });
    assert_eq!(chosen(&app).len(), 2);
}

#[test]
fn a_box_takes_what_lies_in_it_and_to_the_left_what_it_touches() {
    let mut app = app(TANK_AND_PUMP);
    let [x, y] = on_screen(&app, "P-1");
    let mut drag = |from: [f32; 2], to: [f32; 2]| {
        tell(&mut app, |input| {
            input.boxed = Some(BoxDrag {
                from,
                to,
                is_done: true,
                also: false,
            });
        });
        let scene = std::sync::Arc::clone(&app.world().resource::<OpenScene>().scene);
        let tags = chosen(&app)
            .into_iter()
            .map(|asset| scene.asset(asset).tag.clone());
        tags.collect::<Vec<_>>()
    };
    let (near, far) = ([x - 3.0, y - 3.0], [x + 3.0, y + 3.0]);
    assert!(drag(near, far).is_empty(), "the pump is larger than this");
    assert!(drag(far, near).contains(&"P-1".to_owned()));
    assert_eq!(drag([0.0, 0.0], [800.0, 600.0]), ["TK-1", "P-1", "PL-1"]);
    assert!(drag([0.0, 0.0], [5.0, 5.0]).is_empty());
}

#[test]
fn a_section_opens_the_plant_where_one_looks_and_hides_what_is_cut() {
    let mut app = app(TANK_AND_PUMP);
    let at = on_screen(&app, "P-1");
    act_named(&mut app, Named::ToggleSection);
    let section = app.world().resource::<Revealed>().now.section;
    assert!(section.is_some(), "the view says where");
    let cut = |app: &App| {
        let materials = app.world().resource::<Assets<TwinMaterial>>();
        let plant = app.world().resource::<Plant>();
        materials.get(&plant.solid).expect("there").cut
    };
    assert!(cut(&app));
    // The pump stands at 12 m east: all east of 8 m is cut away.
    let bounds = app.world().resource::<ViewPicture>().bounds.expect("known");
    let west = Section {
        high: [8.0, bounds.high[1], bounds.high[2]],
        ..bounds
    };
    act(&mut app, Action::Reveal(RevealEdit::Section(Some(west))));
    tell(&mut app, |input| input.clicked = Some(at));
    assert!(!chosen(&app).contains(&find(&app, "P-1")));
    let labels = &app.world().resource::<ViewPicture>().labels;
    assert!(labels.iter().all(|label| label.asset != find(&app, "P-1")));
    act_named(&mut app, Named::ToggleSection);
    assert!(app.world().resource::<Revealed>().now.section.is_none() && !cut(&app));
    tell(&mut app, |input| input.clicked = Some(at));
    assert_eq!(chosen(&app), [find(&app, "P-1")]);
}

#[test]
fn storeys_are_pulled_apart_with_all_that_is_picked_by_it() {
    let mut app = app(HOUSE);
    let height = |app: &App, tag: &str| {
        let entity = app
            .world()
            .resource::<OpenScene>()
            .find(tag)
            .expect("there");
        app.world()
            .get::<Transform>(entity)
            .expect("it has one")
            .translation
            .y
    };
    let before = app.world().resource::<Plant>().extents[1].low.y;
    act(&mut app, Action::Reveal(RevealEdit::Spread(7.0)));
    assert_eq!((height(&app, "B-0"), height(&app, "B-1")), (0.0, 11.0));
    assert_eq!(
        app.world().resource::<Plant>().extents[1].low.y,
        before + 7.0
    );
    let at = on_screen(&app, "B-1");
    tell(&mut app, |input| input.clicked = Some(at));
    assert_eq!(chosen(&app), [find(&app, "B-1")]);
    act_named(&mut app, Named::Undo);
    assert_eq!(height(&app, "B-1"), 4.0);
}

/// Looks straight down and gives where a point of the world lies in the tab.
fn from_above(app: &mut App, focus: Vec3) -> impl Fn(Vec3) -> [f32; 2] + use<> {
    let pose = Pose::looking(focus + Vec3::new(0.0, 40.0, 0.01), focus);
    let mut eye = app.world_mut().resource_mut::<super::Eye>();
    eye.orbit.fly_to(pose);
    eye.orbit.settle();
    let (pose, aspect) = (eye.orbit.now, eye.aspect);
    run(app, 2);
    move |world| {
        let (at, _) = pose.project(world, aspect).expect("ahead");
        [(at.x * 0.5 + 0.5) * 800.0, (0.5 - at.y * 0.5) * 600.0]
    }
}

#[test]
fn the_ruler_measures_true_surfaces_from_corner_to_corner() {
    let mut app = app(HOUSE);
    act_named(&mut app, Named::MeasureTool);
    assert_eq!(*app.world().resource::<Tool>(), Tool::Measure);
    let place = from_above(&mut app, Vec3::new(5.0, 3.0, 0.0));
    // From the roof of the lower box to that of the upper one, beside any corner.
    for point in [Vec3::new(0.1, 2.0, 0.1), Vec3::new(10.1, 6.0, 0.1)] {
        let at = place(point);
        tell(&mut app, |input| input.clicked = Some(at));
    }
    let ruler = app.world().resource::<Ruler>();
    let [one] = ruler.measurements[..] else {
        panic!("{ruler:?}");
    };
    assert!((one.rise() - 4.0).abs() < 1e-3, "{one:?}");
    assert!((one.run() - 10.0).abs() < 0.02, "{one:?}");
    assert!(chosen(&app).is_empty(), "the ruler selects nothing");
    // The ground is met where nothing stands.
    for point in [Vec3::new(5.0, 0.0, 0.0), Vec3::new(5.0, 0.0, 3.0)] {
        let at = place(point);
        tell(&mut app, |input| input.clicked = Some(at));
    }
    let two = app.world().resource::<Ruler>().measurements[1];
    assert!((two.length() - 3.0).abs() < 0.02, "{two:?}");
    // A corner attracts the pointer: bevels leave it within a few centimetres.
    let near = place(Vec3::new(0.97, 2.0, 0.97));
    tell(&mut app, |input| input.clicked = Some(near));
    let begun = app.world().resource::<Ruler>().begun.expect("begun");
    assert!((begun[0] - 0.95).abs() < 0.07, "{begun:?}");
    act_named(&mut app, Named::Undo);
    assert_eq!(app.world().resource::<Ruler>().measurements.len(), 1);
    act_named(&mut app, Named::ClearMeasurements);
    assert_eq!(*app.world().resource::<Ruler>(), Ruler::default());
    act_named(&mut app, Named::Undo);
    assert_eq!(app.world().resource::<Ruler>().measurements.len(), 1);
}

#[test]
fn escape_puts_the_tool_away_before_the_selection() {
    let mut app = app(TANK_AND_PUMP);
    select(&mut app, "P-1");
    act_named(&mut app, Named::BoxTool);
    act_named(&mut app, Named::Escape);
    assert_eq!(*app.world().resource::<Tool>(), Tool::Point);
    assert_eq!(chosen(&app).len(), 1);
    act_named(&mut app, Named::Escape);
    assert!(chosen(&app).is_empty());
}

#[test]
fn another_scene_begins_whole() {
    let mut app = app(TANK_AND_PUMP);
    act(
        &mut app,
        Action::Reveal(RevealEdit::Hide(vec![AssetIndex(0)])),
    );
    act_named(&mut app, Named::ToggleXRay);
    crate::app::scene::open(app.world_mut(), super::parsed(HOUSE));
    run(&mut app, 4);
    assert!(!app.world().resource::<Revealed>().is_edited());
    assert!(is_drawn(&app, "B-0") && is_solid(&app, "B-0"));
    act_named(&mut app, Named::Undo);
    assert!(
        !app.world().resource::<Revealed>().is_edited(),
        "nothing to undo"
    );
}

#[test]
fn a_drawing_takes_the_place_of_shapes_and_is_measured_as_it_is() {
    use crate::app::scene::SceneDrawings;
    use crate::import::gltf::{Drawing, Piece};
    // A plate of 4 m by 4 m, 3 m up, that is the pump; and one that is nobody's.
    let plate = |name: &str, east: f32| Piece {
        names: vec![name.to_owned()],
        origins: vec![[0.0; 3]],
        colour: [200, 40, 40],
        positions: [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)]
            .map(|(x, z)| [east + x, 3.0, z])
            .to_vec(),
        normals: vec![[0.0, 1.0, 0.0]; 4],
        triangles: vec![[0, 2, 1], [0, 3, 2]],
        ..Piece::default()
    };
    let drawing = Drawing {
        pieces: vec![plate("B-1", 10.0), plate("roof", 60.0)],
        ..Drawing::default()
    };
    let mut app = app(HOUSE);
    let text = HOUSE.replace("assets:", "drawings: [(file: \"hall.glb\")], assets:");
    app.insert_resource(SceneDrawings(vec![std::sync::Arc::new(drawing)]));
    crate::app::scene::open(app.world_mut(), super::parsed(&text));
    run(&mut app, 6);
    let extent = app.world().resource::<Plant>().extents[1];
    assert_eq!((extent.low.y, extent.high.y), (3.0, 3.0));
    assert_eq!((extent.low.x, extent.high.x), (8.0, 12.0));
    let mut named = app.world_mut().query::<&Name>();
    assert!(
        named
            .iter(app.world())
            .any(|name| name.as_str() == "scenery")
    );
    let place = from_above(&mut app, Vec3::new(10.0, 3.0, 0.0));
    let at = place(Vec3::new(10.5, 3.0, 0.5));
    tell(&mut app, |input| input.clicked = Some(at));
    assert_eq!(chosen(&app), [find(&app, "B-1")]);
    act_named(&mut app, Named::MeasureTool);
    tell(&mut app, |input| input.clicked = Some(at));
    let begun = app.world().resource::<Ruler>().begun.expect("met");
    assert!((begun[2] - 3.0).abs() < 1e-3, "{begun:?}");
}

#[test]
fn another_drawing_of_the_same_scene_leaves_camera_choice_and_undo_as_they_are() {
    use crate::app::scene::SceneDrawings;
    use crate::import::gltf::{Drawing, Piece};
    let plate = |name: &str, height: f32| Piece {
        names: vec![name.to_owned()],
        origins: vec![[0.0; 3]],
        colour: [40, 200, 40],
        positions: [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)]
            .map(|(x, z)| [10.0 + x, height, z])
            .to_vec(),
        normals: vec![[0.0, 1.0, 0.0]; 4],
        triangles: vec![[0, 2, 1], [0, 3, 2]],
        ..Piece::default()
    };
    let drawn = |height: f32| {
        let pieces = vec![plate("B-1", height), plate("roof", height + 3.0)];
        SceneDrawings(vec![std::sync::Arc::new(Drawing {
            pieces,
            ..Drawing::default()
        })])
    };
    let mut app = app(HOUSE);
    let text = HOUSE.replace("assets:", "drawings: [(file: \"hall.glb\")], assets:");
    app.insert_resource(drawn(3.0));
    crate::app::scene::open(app.world_mut(), super::parsed(&text));
    run(&mut app, 6);
    select(&mut app, "B-1");
    act_named(&mut app, Named::ToggleXRay);
    let hidden = find(&app, "B-0");
    act(&mut app, Action::Reveal(RevealEdit::Hide(vec![hidden])));
    act(&mut app, Action::Reveal(RevealEdit::Spread(7.0)));
    run(&mut app, 4);
    let facts = |app: &mut App| {
        let mut drawn = app.world_mut().query::<&Mesh3d>();
        let meshes = drawn.iter(app.world()).count();
        let world = app.world();
        let records = world.resource::<super::Records>();
        (
            meshes,
            world.entities().count_spawned(),
            world.resource::<super::Eye>().orbit.now,
            world.resource::<Revealed>().now.clone(),
            records.get(super::slot(find(app, "B-1"))).flags,
            is_drawn(app, "B-0"),
        )
    };
    let before = facts(&mut app);
    let low = |app: &App| app.world().resource::<Plant>().extents[1].low.y;
    assert_eq!(low(&app), 10.0);
    let kept = app.world().resource::<Assets<Mesh>>().len();
    for height in [4.0, 5.0, 6.0] {
        app.insert_resource(drawn(height));
        run(&mut app, 4);
        assert_eq!(low(&app), height + 7.0);
    }
    let after = facts(&mut app);
    assert_eq!(before, after);
    assert_eq!(hulls(&mut app), 1);
    assert_eq!(app.world().resource::<Assets<Mesh>>().len(), kept);
    // What was done to the view before can still be undone.
    act_named(&mut app, Named::Undo);
    assert_eq!(low(&app), 6.0);
}

#[test]
fn a_node_that_slides_has_room_in_the_box_of_its_asset() {
    use crate::app::scene::SceneDrawings;
    use crate::import::gltf::{Drawing, Piece};
    let plate = Piece {
        names: vec!["gate".to_owned(), "B-1".to_owned()],
        origins: vec![[10.0, 4.0, 0.0]; 2],
        colour: [40, 200, 40],
        positions: [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)]
            .map(|(x, z)| [10.0 + x, 4.0, z])
            .to_vec(),
        normals: vec![[0.0, 1.0, 0.0]; 4],
        triangles: vec![[0, 2, 1], [0, 3, 2]],
        ..Piece::default()
    };
    let mut app = app(HOUSE);
    let moving = r#"signals: [(name: "open", unit: "%", range: (0, 100))],
        drives: [Position("open")], moves: [Slides("gate", (0, 0, 3))])"#;
    let text = HOUSE.replace("assets:", "drawings: [(file: \"hall.glb\")], assets:");
    let text = text.replace("size: (2, 2, 2))", &format!("size: (2, 2, 2), {moving}"));
    let drawing = Drawing {
        pieces: vec![plate],
        ..Drawing::default()
    };
    app.insert_resource(SceneDrawings(vec![std::sync::Arc::new(drawing)]));
    crate::app::scene::open(app.world_mut(), super::parsed(&text));
    run(&mut app, 6);
    let extent = app.world().resource::<Plant>().extents[1];
    assert_eq!((extent.low.y, extent.high.y), (4.0, 7.0));
}
