//! What is far away is drawn more simply, and the map and the quality do as they are asked.

use super::super::levels::Levels;
use super::*;
use crate::app::settings::Quality;

fn worn(app: &App, tag: &str) -> Handle<Mesh> {
    let open = app.world().resource::<OpenScene>();
    let entity = open.entities[find(app, tag).index()];
    app.world().get::<Mesh3d>(entity).expect("drawn").0.clone()
}

fn ask(app: &mut App, action: Action) {
    app.world_mut().write_message(action);
    run(app, 120);
}

/// Two tanks far apart.
const APART: &str = r#"Scene(
    format: 1,
    name: "Two tanks",
    types: {"tank": (shape: Tank, size: (6, 6, 8))},
    assets: [(tag: "TK-1", type: "tank"), (tag: "TK-2", type: "tank", at: (1500, 0, 0))],
)"#;

#[test]
fn from_afar_coarser_copies_are_worn_and_near_by_the_finest_again() {
    let mut app = app(APART);
    let counts = |app: &App| app.world().resource::<Levels>().counts();
    ask(&mut app, Action::Named(Named::FrameAll));
    assert_eq!(counts(&app), [0, 0, 2]);
    let far = worn(&app, "TK-1");
    assert_eq!(worn(&app, "TK-2"), far, "copies are shared");
    let tank = find(&app, "TK-1");
    ask(&mut app, Action::FlyTo(tank));
    assert_eq!(counts(&app), [1, 0, 1]);
    let near = worn(&app, "TK-1");
    assert_ne!(near, far);
    ask(&mut app, Action::Named(Named::FrameAll));
    assert_eq!((worn(&app, "TK-1"), counts(&app)), (far, [0, 0, 2]));
}

#[test]
fn a_person_may_have_it_finer_or_coarser_than_the_program_thinks_best() {
    let mut app = app(ONE_TANK);
    let edges = |app: &App| {
        let screen = app.world().resource::<Screen>();
        *app.world().get::<Msaa>(screen.camera).expect("a camera")
    };
    assert_eq!(edges(&app), Msaa::Off, "a processor draws");
    ask(&mut app, Action::SetQuality(Some(Quality::Fine)));
    assert_eq!(edges(&app), Msaa::Sample4);
    ask(&mut app, Action::SetQuality(None));
    assert_eq!(edges(&app), Msaa::Off);
}

#[test]
fn the_map_looks_where_it_is_clicked() {
    let mut app = app(ONE_TANK);
    ask(&mut app, Action::LookThere([3.0, -2.0]));
    let focus = app.world().resource::<Eye>().orbit.now.focus;
    assert!(
        (focus - Vec3::new(3.0, focus.y, 2.0)).length() < 0.01,
        "{focus}"
    );
    let footprint = &app.world().resource::<ViewPicture>().footprint;
    let [east, north] = [0, 1].map(|axis| {
        let side = footprint.iter().map(|corner| corner[axis]);
        (
            side.clone().fold(f64::MAX, f64::min),
            side.fold(f64::MIN, f64::max),
        )
    });
    assert!(east.0 < 3.0 && 3.0 < east.1 && north.0 < -2.0 && -2.0 < north.1);
}
