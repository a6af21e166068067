//! Everything that a person can meet in the view, drawn in software and held against references.
//!
//! One program draws them all, one after another: each picture says what is shown, and begins
//! with a scene that is opened anew.

use std::sync::Arc;

use image::{DynamicImage, RgbImage, imageops};
use parallax::app::action::{Action, Named};
use parallax::app::headless::{Studio, sheet_of_shapes};
use parallax::app::settings::ViewSettings;
use parallax::app::simulation::Runs;
use parallax::app::telemetry::Sources;
use parallax::app::viewport::Look;
use parallax::scene::Scene;
use parallax::session::{self, Opened};
use parallax::signal::RunId;
use parallax::simulation::Against;
use parallax::timeline::TimelineCommand;

use super::compare;
use super::yard::{self, NOW};

/// Pixels of most pictures.
const SIZE: (u32, u32) = (480, 300);

type Show = fn(&mut Studio, &Scene);

/// A picture: its name, its scene, and what is done before it is taken.
const PICTURES: &[(&str, fn() -> Opened, Show)] = &[
    ("live-operate", yard::yard, yard::be_quiet),
    ("live-present", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        present(studio);
    }),
    ("live-present-night", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        present(studio);
        named(studio, Named::ToggleDaylight);
        seek(studio, -43_195.0);
    }),
    ("demo", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        studio.world().resource_mut::<Sources>().demo = true;
    }),
    ("history", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        seek(studio, -590.0);
    }),
    ("simulated", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        yard::foresee(studio, scene, 1, 0, 5.3);
        seek(studio, 6_000.0);
    }),
    ("beyond-every-run", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        seek(studio, 9_000.0);
    }),
    ("doubtful", yard::yard, |studio, scene| {
        yard::be_doubtful(studio, scene);
        bookmark(studio, 1);
    }),
    ("alarms-operate", yard::yard, |studio, scene| {
        yard::be_troubled(studio, scene);
        bookmark(studio, 1);
    }),
    ("alarms-present", yard::yard, |studio, scene| {
        yard::be_troubled(studio, scene);
        bookmark(studio, 1);
        present(studio);
    }),
    ("ghost", yard::yard, |studio, scene| {
        compared(studio, scene);
        named(studio, Named::ToggleGhost);
    }),
    ("split", yard::yard, |studio, scene| {
        compared(studio, scene);
        named(studio, Named::ToggleSplit);
    }),
    ("differences", yard::yard, |studio, scene| {
        compared(studio, scene);
        named(studio, Named::ToggleDifferences);
    }),
    ("residuals", yard::yard, |studio, scene| {
        yard::be_off(studio, scene);
        // A bookmark brings its own colours.
        bookmark(studio, 1);
        named(studio, Named::ToggleResiduals);
    }),
    ("second-view", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        named(studio, Named::ToggleSecondView);
        named(studio, Named::TopView);
    }),
    ("second-view-history", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        studio.panels().view_only = false;
        studio.resize((1_280, 800));
        named(studio, Named::ToggleSecondView);
        studio.act(Action::FlyTo(scene.find_asset("P-1").expect("a pump")));
        seek(studio, -590.0);
    }),
    ("unlabelled", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        named(studio, Named::ToggleLabels);
    }),
    ("selected", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        studio.act(Action::Select(scene.find_asset("TK-2")));
    }),
    ("xray", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        studio.act(Action::Select(scene.find_asset("TK-2")));
        named(studio, Named::ToggleXRay);
    }),
    ("section", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        named(studio, Named::ToggleSection);
    }),
    ("heat", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        studio.act(Action::SetHeat(Some("level".to_owned())));
    }),
    ("top", yard::yard, |studio, scene| {
        yard::be_quiet(studio, scene);
        named(studio, Named::TopView);
    }),
    ("flows", yard::lanes, |studio, scene| {
        yard::be_moving(studio, scene);
        named(studio, Named::ToggleLabels);
    }),
    ("field", yard::floor, |studio, scene| {
        yard::be_warm(studio, scene);
        studio.act(Action::SetHeat(Some("temperature".to_owned())));
    }),
    ("tanks-well-operate", yard::yard, |studio, scene| {
        tanks(studio, scene, yard::be_quiet);
    }),
    ("tanks-well-present", yard::yard, |studio, scene| {
        tanks(studio, scene, yard::be_quiet);
        present(studio);
    }),
    ("tanks-alarmed-operate", yard::yard, |studio, scene| {
        tanks(studio, scene, yard::be_troubled);
    }),
    ("tanks-alarmed-present", yard::yard, |studio, scene| {
        tanks(studio, scene, yard::be_troubled);
        present(studio);
    }),
    (
        "waterworks-well",
        || yard::shipped("waterworks"),
        |studio, scene| {
            yard::be_ordinary(studio, scene);
            studio.panels().bare = true;
            named(studio, Named::ToggleLabels);
        },
    ),
    (
        "populations",
        || yard::shipped("factory"),
        |studio, scene| {
            let mut soon = session::baseline(scene);
            // The first pallets are full and carried away after an hour.
            soon.horizon = std::time::Duration::from_secs(4_500);
            soon.members = 1;
            studio.act(Action::StartRun(Box::new(soon)));
            assert!(studio.finish_run(), "a future of the factory");
            bookmark(studio, 4);
            seek(studio, 4_200.0);
            named(studio, Named::ToggleLabels);
        },
    ),
];

fn named(studio: &mut Studio, named: Named) {
    studio.act(Action::Named(named));
}

fn present(studio: &mut Studio) {
    studio.world().resource_mut::<ViewSettings>().look = Look::Present;
}

fn bookmark(studio: &mut Studio, place: usize) {
    studio.act(Action::GoToBookmark(place));
}

fn seek(studio: &mut Studio, secs: f64) {
    studio.act(Action::Timeline(TimelineCommand::Seek(NOW.plus_secs(secs))));
}

/// The tanks alone, without words or frame.
fn tanks(studio: &mut Studio, scene: &Scene, state: Show) {
    state(studio, scene);
    bookmark(studio, 1);
    studio.panels().bare = true;
    named(studio, Named::ToggleLabels);
}

/// Looks into a future in which tanks fill, beside one in which they empty.
fn compared(studio: &mut Studio, scene: &Scene) {
    yard::be_quiet(studio, scene);
    yard::foresee(studio, scene, 1, 1, 1.2);
    yard::foresee(studio, scene, 2, 0, 5.3);
    studio.world().resource_mut::<Runs>().compared = Some(Against::Run(RunId(1)));
    seek(studio, 6_000.0);
    bookmark(studio, 1);
}

fn taken(studio: &mut Studio) -> RgbImage {
    let picture = studio.picture().unwrap_or_else(|error| panic!("{error}"));
    DynamicImage::ImageRgba8(picture).to_rgb8()
}

/// Draws the picture of this place in [`PICTURES`].
fn draw(studio: &mut Studio, place: usize) -> RgbImage {
    let (_, opened, show) = PICTURES[place];
    let opened = opened();
    let scene = Arc::clone(&opened.scene);
    studio
        .open(opened, NOW)
        .unwrap_or_else(|error| panic!("{error}"));
    bookmark(studio, 0);
    show(studio, &scene);
    let picture = taken(studio);
    if picture.dimensions() == SIZE {
        return picture;
    }
    studio.resize(SIZE);
    // Of a whole window half the size is enough to be held against.
    imageops::thumbnail(&picture, SIZE.0, SIZE.1)
}

fn studio() -> Studio {
    Studio::new(yard::yard(), NOW, SIZE).unwrap_or_else(|error| panic!("{error}"))
}

fn none_differs(told: Vec<Result<(), String>>) {
    let differing: Vec<_> = told.into_iter().filter_map(Result::err).collect();
    assert!(
        differing.is_empty(),
        "{} pictures differ; PARALLAX_UPDATE_PICTURES=1 keeps them as they are now:\n{}",
        differing.len(),
        differing.join("\n")
    );
}

#[test]
fn every_state_of_the_view_looks_as_it_did() {
    let mut studio = studio();
    let drawn = (0..PICTURES.len()).map(|place| {
        let picture = draw(&mut studio, place);
        compare::hold(PICTURES[place].0, &picture, (4, 3))
    });
    none_differs(drawn.collect());
}

#[test]
fn the_order_of_pictures_does_not_matter() {
    let mut studio = studio();
    let first = draw(&mut studio, 0);
    draw(&mut studio, 1);
    assert!(first == draw(&mut studio, 0), "the same pixels");
}

#[test]
fn every_shape_looks_as_it_did() {
    let looks = [
        (Look::Operate, "shapes-operate"),
        (Look::Present, "shapes-present"),
    ];
    let drawn = looks.map(|(look, name)| {
        let sheet = sheet_of_shapes(look, (128, 104)).unwrap_or_else(|error| panic!("{error}"));
        compare::hold(name, &sheet, (9, sheet.height() / 104))
    });
    none_differs(drawn.to_vec());
}
