//! The second view has a camera of its own, and all else in common with the first.

use super::super::second_view::SecondEye;
use super::*;
use crate::app::viewport::Pane;

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
