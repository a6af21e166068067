//! The diagram of what flows from place to place.

use egui_kittest::kittest::Queryable;
use parallax::app::action::Action;
use parallax::app::panels::layout::Tab;
use parallax::population::{Flows, PopulationMove, Trail};
use parallax::session;
use parallax::simulation::Plant;

use super::panels::{Screen, check_texts, draw};
use super::plant::{NOW, Stage};

/// The bottling hall, in which four went from one place to the next.
fn hall() -> Stage {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenes/factory");
    let opened = session::open(&folder).unwrap_or_else(|error| panic!("{error}"));
    let plant = Plant::build(&opened.scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut stage = Stage::bare((*opened.scene).clone(), plant);
    let mut trail = Trail::new(NOW.plus_secs(-3_600.0), 100);
    let moves = (0..4).map(|id| PopulationMove {
        at: NOW.plus_secs(-60.0 * (4.0 - id as f64)),
        id,
        kind: 0,
        from: Some(0),
        to: Some(1),
    });
    trail.extend(NOW, moves);
    stage.flows = Some(Flows::of(&trail, NOW.plus_secs(-3_600.0), NOW));
    stage
}

#[test]
fn flows_are_drawn_between_the_places_that_they_join() {
    let mut stage = hall();
    let mut harness = draw(&stage, Screen::showing(Tab::Flows));
    let population = stage.plant.populations().next().expect("a line");
    check_texts(&harness, &["over the last", "0 came, 0 left"]);
    let diagram = harness.get_by_label("Flows between 2 places").rect();
    // Left where they came from, right where they went.
    let first = population.places[0].clone();
    harness.hover_at(egui::pos2(diagram.left() + 40.0, diagram.center().y));
    harness.run();
    check_texts(
        &harness,
        &[&format!("{first}\n0 came, 4 went\n-4 there since")],
    );
    if let Some(asset) = stage.scene.find_asset(&first) {
        harness.get_by_label("Flows between 2 places");
        harness.event(egui::Event::PointerButton {
            pos: egui::pos2(diagram.left() + 40.0, diagram.center().y),
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: egui::Modifiers::NONE,
        });
        harness.run();
        harness.event(egui::Event::PointerButton {
            pos: egui::pos2(diagram.left() + 40.0, diagram.center().y),
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: egui::Modifiers::NONE,
        });
        harness.run();
        let selects =
            |action: &Action| matches!(action, Action::Select(Some(one)) if *one == asset);
        assert!(harness.state().actions.iter().any(selects));
    } else {
        panic!("`{first}` is no asset");
    }
    drop(harness);
    stage.flows = None;
    let harness = draw(&stage, Screen::showing(Tab::Flows));
    check_texts(&harness, &["Nobody tells who moves here"]);
}

#[test]
fn a_plant_in_which_nothing_moves_says_so() {
    let stage = Stage::new();
    let harness = draw(&stage, Screen::showing(Tab::Flows));
    check_texts(&harness, &["Nothing moves in this scene"]);
}
