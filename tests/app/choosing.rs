//! Choosing an asset shows what it is, and takes no list from whoever goes down it.

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use parallax::app::action::Action;
use parallax::app::panels::layout::Tab;
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, draw, draw_sized};
use super::plant::{NOW, Stage};

/// A plant with residuals to list, two hours after its run began.
fn stage() -> Stage {
    let mut stage = Stage::new();
    let level = stage.signal("TK-1.level");
    stage.finish_run(1, 0);
    let later = NOW.plus_secs(7_200.0);
    let mut batch = SampleBatch::new(Origin::Measured);
    batch.push(level, Sample::good(later, 1.35));
    stage.history.insert(&batch);
    stage.timeline.advance(later, std::time::Duration::ZERO);
    stage.steer(TimelineCommand::GoLive);
    stage.select("TK-1");
    stage
}

/// Presses it, and draws the one frame in which that is noticed.
fn press(harness: &mut Harness<'_, Screen>, name: &str) {
    harness.get_by_label(name).click_accesskit();
    harness.step();
}

/// Does what was asked of the panels, as the program does in its next frame.
fn carry_out(harness: &mut Harness<'_, Screen>) -> Vec<Action> {
    let screen = harness.state_mut();
    let asked = std::mem::take(&mut screen.actions);
    for action in &asked {
        screen.panels.follow_choice(action);
    }
    harness.run();
    asked
}

/// What only the inspector of TK-1 says.
fn shows_inspector(harness: &Harness<'_, Screen>) -> bool {
    harness.query_all_by_label("PARAMETERS").count() > 0
}

fn shows_skill(harness: &Harness<'_, Screen>) -> bool {
    let title = "Residuals at the playhead";
    harness.query_all_by_label(title).count() > 0
}

#[test]
fn an_asset_chosen_elsewhere_brings_the_inspector_forward() {
    let stage = stage();
    let mut harness = draw(&stage, Screen::showing(Tab::Skill));
    assert!(shows_skill(&harness) && !shows_inspector(&harness));
    // In the tree, which stands in a place of its own.
    press(&mut harness, "TK-1 Clearwell east");
    let asked = carry_out(&mut harness);
    assert_eq!(asked, [Action::Select(stage.scene.find_asset("TK-1"))]);
    assert!(shows_inspector(&harness) && !shows_skill(&harness));
}

#[test]
fn whoever_goes_down_a_list_in_its_place_keeps_the_list() {
    let stage = stage();
    let mut harness = draw(&stage, Screen::showing(Tab::Skill));
    harness.get_by_label("Residuals at the playhead").click();
    harness.run();
    for _ in 0..2 {
        press(&mut harness, "-3.1 σ   TK-1.level");
        assert_eq!(carry_out(&mut harness).len(), 1);
        assert!(shows_skill(&harness) && !shows_inspector(&harness));
    }
    // Chosen in the view a moment later, it is shown.
    let tank = stage.scene.find_asset("TK-1");
    harness.state_mut().actions.push(Action::Select(tank));
    carry_out(&mut harness);
    assert!(shows_inspector(&harness));
}

#[test]
fn on_a_small_screen_the_tree_stays_where_it_stands_in_that_place() {
    let stage = stage();
    let mut harness = draw_sized(&stage, Screen::showing(Tab::Assets), [860.0, 600.0]);
    press(&mut harness, "TK-1 Clearwell east");
    carry_out(&mut harness);
    assert!(!shows_inspector(&harness), "the next asset is chosen there");
    harness.state_mut().actions.push(Action::Select(None));
    carry_out(&mut harness);
    assert!(!shows_inspector(&harness), "nothing was chosen");
}
