//! The tools over the 3D view, by what is written on them.

use egui_kittest::kittest::Queryable;
use parallax::app::action::{Action, Named};
use parallax::app::measure::{Measurement, Tool};
use parallax::app::reveal::{RevealEdit, Section};
use parallax::app::selection::Selection;

use super::panels::{Screen, draw};
use super::plant::Stage;

const BOUNDS: Section = Section {
    low: [0.0, 0.0, 0.0],
    high: [100.0, 50.0, 20.0],
};

#[test]
fn every_tool_is_found_by_name_and_refused_where_it_has_nothing_to_do() {
    let mut stage = Stage::new();
    {
        let mut harness = draw(&stage, Screen::default());
        harness.get_by_label("Select in a box (B)").click();
        harness.run();
        // Nothing is selected: there is nothing to hide.
        harness.get_by_label("Hide the selection (Shift+H)").click();
        harness.run();
        assert_eq!(
            harness.state().actions,
            [Action::Named(Named::BoxTool)],
            "a refused tool does nothing"
        );
    }
    stage.select("TK-1");
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Hide the selection (Shift+H)").click();
    harness.run();
    let asked = Action::Named(Named::HideSelection);
    assert!(harness.state().actions.contains(&asked));
}

#[test]
fn layers_are_listed_with_what_is_on_them_and_switched_off() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Layers").click();
    harness.run();
    let names = stage.scene.layers.names();
    let first = names.first().expect("a layer");
    harness.get_by_label(first).click();
    harness.run();
    let asked = Action::Reveal(RevealEdit::Layer(0, false));
    assert_eq!(harness.state().actions, [asked]);
    harness.get_by_label("Ground").scroll_to_me();
    harness.run();
    harness.get_by_label("Ground").click_accesskit();
    harness.run();
    let asked = Action::Reveal(RevealEdit::Ground(false));
    assert_eq!(harness.state().actions.last(), Some(&asked));
}

#[test]
fn a_section_is_set_by_keys_and_closed() {
    let mut stage = Stage::new();
    stage.picture.bounds = Some(BOUNDS);
    stage.revealed.now.section = Some(BOUNDS);
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Height to, m").focus();
    harness.run();
    harness.key_press(egui::Key::ArrowLeft);
    harness.run();
    let cut = harness
        .state()
        .actions
        .iter()
        .find_map(|action| match action {
            Action::Reveal(RevealEdit::Section(section)) => *section,
            _ => None,
        });
    let cut = cut.expect("the section was moved");
    assert!((cut.high[2] - 19.8).abs() < 1e-9, "{cut:?}");
    assert_eq!((cut.low, cut.high[0]), (BOUNDS.low, 100.0));
    harness.get_by_label("Close the section").click();
    harness.run();
    let asked = Action::Named(Named::ToggleSection);
    assert_eq!(harness.state().actions.last(), Some(&asked));
}

#[test]
fn an_alarm_on_what_is_hidden_is_told_of() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    let text = "1 alarm on what is not drawn";
    assert!(
        draw(&stage, Screen::default())
            .query_by_label(text)
            .is_none()
    );
    stage.picture.bounds = Some(BOUNDS);
    // The tank lies outside of this.
    stage.revealed.now.section = Some(Section {
        low: [900.0, 900.0, 0.0],
        high: [901.0, 901.0, 1.0],
    });
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label(text);
    harness.get_by_label("Show everything").click();
    harness.run();
    let asked = Action::Named(Named::ShowEverything);
    assert_eq!(harness.state().actions, [asked]);
}

#[test]
fn what_is_selected_together_is_told_and_treated_together() {
    let mut stage = Stage::new();
    let all: Vec<_> = stage.scene.asset_indices().take(3).collect();
    stage.selection = Selection {
        selected: all.first().copied(),
        chosen: all,
        hovered: None,
    };
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("3 selected");
    harness.get_by_label("Isolate").click();
    harness.run();
    let asked = Action::Named(Named::IsolateSelection);
    assert_eq!(harness.state().actions, [asked]);
}

#[test]
fn distances_are_listed_with_their_parts() {
    let mut stage = Stage::new();
    stage.tool = Tool::Measure;
    stage.ruler.measurements = vec![Measurement {
        from: [0.0, 0.0, 0.0],
        to: [3.0, 4.0, 12.0],
    }];
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("13.00 m");
    harness.get_by_label("5.00 m level, 12.00 m up");
    harness.get_by_label("Clear all measurements").click();
    harness.run();
    let asked = Action::Named(Named::ClearMeasurements);
    assert!(harness.state().actions.contains(&asked));
}
