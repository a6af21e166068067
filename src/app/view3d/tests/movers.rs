//! Who moves is drawn where it is, met by the pointer, and followed.

use super::super::members::Members;
use super::*;
use crate::app::movement::{Member, Movement};
use crate::population::{PopulationFrame, PopulationId, PopulationRow};

fn row(id: u64, east: f64) -> PopulationRow {
    PopulationRow {
        id,
        kind: 0,
        place: None,
        position: [east, 0.0, 0.0],
        heading: 0.0,
        value: 0.0,
    }
}

fn show(app: &mut App, rows: Vec<PopulationRow>) {
    let frame = PopulationFrame::new(Timestamp::from_secs(0), rows);
    app.world_mut().resource_mut::<Movement>().show(vec![frame]);
    run(app, 3);
}

fn drawn(app: &mut App) -> (usize, usize) {
    let made = meshes(app);
    (app.world().resource::<Members>().count(), made)
}

#[test]
fn who_leaves_makes_room_for_who_comes() {
    let mut app = app(ONE_TANK);
    let (_, before) = drawn(&mut app);
    show(&mut app, vec![row(1, 10.0), row(2, 12.0)]);
    assert_eq!(drawn(&mut app), (2, before + 2));
    show(&mut app, vec![row(2, 13.0), row(7, 14.0)]);
    assert_eq!(drawn(&mut app), (2, before + 2), "7 took the place of 1");
    show(&mut app, (1..=600).map(|id| row(id, id as f64)).collect());
    assert_eq!(drawn(&mut app), (600, before + 600));
    show(&mut app, Vec::new());
    assert_eq!(drawn(&mut app), (0, before + 600), "they wait for others");
}

#[test]
fn another_scene_forgets_who_moved() {
    let mut app = app(ONE_TANK);
    show(&mut app, vec![row(1, 10.0)]);
    app.world_mut().resource_mut::<Movement>().show(Vec::new());
    scene::open(app.world_mut(), parsed(TANK_AND_PUMP));
    run(&mut app, 6);
    assert_eq!(app.world().resource::<Members>().count(), 0);
    let mut fresh = super::app(TANK_AND_PUMP);
    run(&mut fresh, 6);
    assert_eq!(meshes(&mut app), meshes(&mut fresh));
}

#[test]
fn the_camera_follows_whom_it_is_told_to_until_the_view_is_shifted() {
    let mut app = app(ONE_TANK);
    app.add_systems(Update, choose_second);
    show(&mut app, vec![row(1, 10.0), row(2, 5.0)]);
    let focus = |app: &App| app.world().resource::<Eye>().orbit.now.focus;
    app.world_mut()
        .write_message(Action::Named(Named::FollowMember));
    run(&mut app, 120);
    assert!((focus(&app).x - 5.0).abs() < 0.1, "{}", focus(&app));
    show(&mut app, vec![row(1, 10.0), row(2, -3.0)]);
    run(&mut app, 120);
    assert!((focus(&app).x + 3.0).abs() < 0.1, "{}", focus(&app));
    tell(&mut app, |input| input.pan = [40.0, 0.0]);
    show(&mut app, vec![row(1, 10.0), row(2, 6.0)]);
    run(&mut app, 120);
    assert!((focus(&app).x - 6.0).abs() > 1.0, "{}", focus(&app));
}

/// As a click on the second member would.
fn choose_second(mut movement: ResMut<Movement>) {
    let second = Member {
        population: PopulationId(0),
        id: 2,
    };
    movement.bypass_change_detection().look_at(Some(second));
}

#[test]
fn a_click_meets_who_stands_before_everything_else() {
    let mut app = app(ONE_TANK);
    // Over the tank, so that the ray meets it first.
    let mut above = row(5, 0.0);
    above.position = [0.0, 0.0, 9.0];
    show(&mut app, vec![above]);
    let eye = app.world().resource::<Eye>();
    let (at, _) = eye
        .orbit
        .now
        .project(Vec3::new(0.0, 9.2, 0.0), eye.aspect)
        .expect("ahead");
    let at = [(at.x * 0.5 + 0.5) * 800.0, (0.5 - at.y * 0.5) * 600.0];
    tell(&mut app, |input| input.clicked = Some(at));
    let mut told = Vec::new();
    let messages = app.world().resource::<Messages<Action>>();
    let mut cursor = messages.get_cursor();
    told.extend(cursor.read(messages).cloned());
    let chosen = Member {
        population: PopulationId(0),
        id: 5,
    };
    assert!(
        told.contains(&Action::SelectMember(Some(chosen))),
        "{told:?}"
    );
}
