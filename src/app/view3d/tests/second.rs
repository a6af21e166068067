//! The second view has a camera of its own, and all else in common with the first.

use super::super::second_view::SecondEye;
use super::*;
use crate::app::coords;
use crate::app::scenarios::SceneFile;
use crate::app::story::StoryTeller;
use crate::app::view_memory::{self, ViewMemory};
use crate::app::viewport::Pane;
use crate::app::who::Who;
use crate::scene::StoryView;

fn toggle(app: &mut App) {
    app.world_mut()
        .write_message(Action::Named(Named::ToggleSecondView));
    run(app, 4);
}

/// An action, and as long as a flight takes.
fn act(app: &mut App, action: Action) {
    app.world_mut().write_message(action);
    run(app, 200);
}

/// Where the two cameras stand.
fn places(app: &App) -> [Transform; 2] {
    let first = app.world().resource::<Screen>().camera;
    let second = app.world().resource::<SecondScreen>().camera;
    [first, second].map(|camera| *app.world().get::<Transform>(camera).expect("there"))
}

#[test]
fn what_is_asked_goes_to_the_view_that_was_touched_last() {
    let mut app = app(TANK_AND_PUMP);
    toggle(&mut app);
    let [before, same] = places(&app);
    assert_eq!(before, same, "it begins where the first looks");
    let pump = find(&app, "P-1");
    act(&mut app, Action::FlyTo(pump));
    let [first, second] = places(&app);
    assert!(first == before && second != before, "it was just opened");

    tell(&mut app, |input| input.touched = Some(Pane::First));
    act(&mut app, Action::Named(Named::TopView));
    let now = places(&app);
    assert!(now[0] != first && now[1] == second, "the first was touched");

    // Turned by the hand in the second.
    tell(&mut app, |input| {
        (input.pane, input.touched) = (Pane::Second, Some(Pane::Second));
        input.orbit = [80.0, 0.0];
    });
    app.world_mut().resource_mut::<ViewInput>().orbit = [0.0; 2];
    run(&mut app, 200);
    let turned = places(&app);
    assert!(turned[0] == now[0] && turned[1] != second, "the second was");
}

#[test]
fn the_pointer_and_labels_are_those_of_the_view_they_are_in() {
    let mut app = app(TANK_AND_PUMP);
    toggle(&mut app);
    let pump = find(&app, "P-1");
    act(&mut app, Action::FlyTo(pump));
    let middle = app.world().resource::<Plant>().extents[pump.index()].middle();
    let eye = app.world().resource::<SecondEye>().eye;
    let (at, _) = eye.orbit.now.project(middle, eye.aspect).expect("ahead");
    let at = [(at.x * 0.5 + 0.5) * 800.0, (0.5 - at.y * 0.5) * 600.0];
    let mut click = |pane| {
        app.world_mut().write_message(Action::Named(Named::Escape));
        tell(&mut app, |input| {
            input.pane = pane;
            input.clicked = Some(at);
        });
        run(&mut app, 2);
        app.world().resource::<Selection>().selected
    };
    assert_eq!(click(Pane::Second), Some(pump));
    assert_ne!(click(Pane::First), Some(pump), "there it is elsewhere");

    let picture = app.world().resource::<ViewPicture>();
    let beside = picture.beside.as_ref().expect("the second view");
    let label = |view: &ViewPicture| {
        let mut labels = view.labels.iter();
        labels
            .find(|label| label.asset == pump)
            .map(|label| label.at)
    };
    assert!(label(beside).is_some() && label(beside) != label(picture));
    assert!(beside.is_active && !picture.is_active);
}

#[test]
fn a_closed_second_view_leaves_nothing_and_a_split_takes_its_place() {
    let mut app = app(TANK_AND_PUMP);
    toggle(&mut app);
    let camera = app.world().resource::<SecondScreen>().camera;
    toggle(&mut app);
    let awake = app.world().get::<Camera>(camera).expect("it is kept");
    assert!(!awake.is_active, "nothing is drawn that nobody sees");
    assert!(app.world().resource::<ViewPicture>().beside.is_none());
    let base = app.world().entities().count_spawned();
    for _ in 0..10 {
        toggle(&mut app);
        toggle(&mut app);
    }
    assert_eq!(app.world().entities().count_spawned(), base);

    toggle(&mut app);
    app.world_mut()
        .write_message(Action::Named(Named::ToggleSplit));
    run(&mut app, 4);
    assert!(!app.world().contains_resource::<SecondEye>());
}

#[test]
fn another_scene_is_seen_from_the_same_place_in_both_views() {
    let mut app = app(TANK_AND_PUMP);
    toggle(&mut app);
    act(&mut app, Action::Named(Named::TopView));
    scene::open(app.world_mut(), parsed(ONE_TANK));
    run(&mut app, 8);
    let [first, second] = places(&app);
    assert_eq!(first, second);
}

#[test]
fn it_stands_where_it_is_asked_for_and_leaves_what_is_asked_to_the_first() {
    let mut app = app(TANK_AND_PUMP);
    let [east, north, up] = [20.0, -8.0, 15.0];
    let view = StoryView {
        eye: [east, north, up],
        focus: [11.0, 0.0, 1.0],
        plan: false,
    };
    act(&mut app, Action::SecondView(Some(view)));
    let [before, second] = places(&app);
    let eye = coords::point(view.eye);
    assert!(second.translation.distance(eye) < 0.05, "{second:?}");
    let pump = find(&app, "P-1");
    act(&mut app, Action::FlyTo(pump));
    let [first, still] = places(&app);
    assert!(first != before && still == second);
    // What is told of it leads there again.
    let beside = app.world().resource::<ViewPicture>().beside.as_ref();
    let stand = beside.expect("the second view").stand.expect("a camera");
    let away: f64 = (0..3)
        .map(|axis| (stand.eye[axis] - view.eye[axis]).abs())
        .sum();
    assert!(away < 0.1, "{stand:?}");
    act(&mut app, Action::SecondView(None));
    assert!(!app.world().contains_resource::<SecondEye>());
}

#[test]
fn it_is_there_again_in_the_next_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("view.ron");
    let session = |scene: &str| {
        let mut app = app(TANK_AND_PUMP);
        let memory = ViewMemory::load(Some(file.clone()));
        memory.begin(&mut app.world_mut().resource_mut::<ViewSettings>());
        app.insert_resource(memory)
            .insert_resource(SceneFile(scene.into()))
            .init_resource::<StoryTeller>()
            .init_resource::<Who>();
        view_memory::plugin(&mut app);
        run(&mut app, 4);
        app
    };
    let end = |app: &mut App| {
        app.world_mut().write_message(AppExit::Success);
        run(app, 1);
    };
    let mut first = session("plant.ron");
    assert!(!first.world().contains_resource::<SecondEye>());
    toggle(&mut first);
    let pump = find(&first, "P-1");
    act(&mut first, Action::FlyTo(pump));
    act(&mut first, Action::Named(Named::ToggleMinimap));
    let [_, stood] = places(&first);
    end(&mut first);

    let mut again = session("plant.ron");
    let [_, stands] = places(&again);
    let apart = stands.translation.distance(stood.translation);
    assert!(apart < 0.05, "{stood:?} {stands:?}");
    assert!(again.world().resource::<ViewSettings>().minimap);
    let other = session("other.ron");
    assert!(!other.world().contains_resource::<SecondEye>());
    // Closed, it stays closed.
    toggle(&mut again);
    end(&mut again);
    let closed = session("plant.ron");
    assert!(!closed.world().contains_resource::<SecondEye>());
}
