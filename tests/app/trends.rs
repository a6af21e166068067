//! The trends and the faceplate as an operator uses them.

use egui::Modifiers;
use egui::accesskit::{Role, Toggled};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};
use parallax::app::action::{Action, Named};
use parallax::app::panels::expected::{Expected, judge};
use parallax::app::panels::layout::Tab;
use parallax::app::panels::strips::Strip;
use parallax::recording::NoteRecord;
use parallax::signal::{Origin, Sample, SampleBatch};
use parallax::simulation::Residual;
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, check_texts, draw};
use super::plant::{NOW, Stage};

/// The trends with some signals picked.
fn picked(stage: &Stage, names: &[&str]) -> Screen {
    let mut screen = Screen::default();
    for name in names {
        let signal = stage.signal(name);
        let action = Action::ToggleTrend(signal);
        screen.panels.follow(&action, &stage.scene);
    }
    screen
}

fn note(tag: Option<&str>, secs: f64, text: &str) -> NoteRecord {
    NoteRecord {
        at: NOW.plus_secs(secs),
        written: NOW,
        by: "kim".to_owned(),
        tag: tag.map(str::to_owned),
        text: text.to_owned(),
    }
}

/// A curve's row in the legend, if it is on screen.
fn row<'a>(harness: &'a Harness<'_, Screen>, name: &'static str) -> Option<Node<'a>> {
    harness.query_by(move |node| {
        let named = node.label().is_some_and(|label| label.starts_with(name));
        node.role() == Role::CheckBox && named
    })
}

/// Clicks a row of the legend, perhaps with Alt held.
fn click_row(harness: &mut Harness<'_, Screen>, name: &'static str, modifiers: Modifiers) {
    row(harness, name)
        .expect("a row")
        .click_modifiers(modifiers);
    harness.run();
}

#[test]
fn a_legend_hides_a_curve_and_shows_one_alone() {
    let stage = Stage::new();
    let names = ["TK-1.level", "TK-2.level"];
    let mut harness = draw(&stage, picked(&stage, &names));
    let shown = |harness: &Harness<'_, Screen>| {
        names.map(|name| {
            let row = row(harness, name).expect("a row");
            row.accesskit_node().toggled() == Some(Toggled::True)
        })
    };
    assert_eq!(shown(&harness), [true, true]);
    click_row(&mut harness, names[0], Modifiers::NONE);
    assert_eq!(shown(&harness), [false, true]);
    click_row(&mut harness, names[0], Modifiers::NONE);
    assert_eq!(shown(&harness), [true, true]);
    click_row(&mut harness, names[0], Modifiers::ALT);
    assert_eq!(shown(&harness), [true, false]);
    click_row(&mut harness, names[0], Modifiers::ALT);
    assert_eq!(shown(&harness), [true, true]);
}

#[test]
fn the_range_is_told_in_numbers() {
    let stage = Stage::new();
    let mut harness = draw(&stage, picked(&stage, &["P-1.speed", "P-1.flow"]));
    assert_eq!(harness.query_all_by_label("STD DEV").count(), 0);
    harness.get_by_label("Statistics").click();
    harness.run();
    let asked = harness.state().actions.clone();
    assert_eq!(asked, [Action::Named(Named::ToggleTrendStatistics)]);
    let panels = &mut harness.state_mut().panels;
    panels.follow(&asked[0], &stage.scene);
    harness.run();
    check_texts(&harness, &["STD DEV", "INTEGRAL", "UNUSABLE", "measured"]);
    // It runs at 82 % through the last half hour.
    check_texts(&harness, &["82 %", "0.0 %"]);
}

#[test]
fn strips_that_do_not_fit_are_on_the_next_page() {
    let stage = Stage::new();
    let names = [
        "TK-1.level",
        "TK-1.temperature",
        "P-1.running",
        "P-1.flow",
        "P-1.speed",
        "PT-1.pressure",
    ];
    let signals = names.map(|name| stage.signal(name));
    let together = Strip::by_unit(&stage.scene, &signals, |_| false);
    assert_eq!(together.len(), 6);
    let tanks = ["TK-1.level", "TK-2.level"].map(|name| stage.signal(name));
    assert_eq!(Strip::by_unit(&stage.scene, &tanks, |_| false).len(), 1);
    let one_apart = |signal: &parallax::scene::Signal| signal.full_name == "TK-1.level";
    assert_eq!(Strip::by_unit(&stage.scene, &tanks, one_apart).len(), 2);

    let mut harness = draw(&stage, picked(&stage, &names));
    let below = harness.query_all_by_label("Strips below").count();
    assert_eq!(below, 1, "six strips do not fit into the first layout");
    let last = "PT-1.pressure";
    assert!(row(&harness, last).is_none());
    for _ in 0..6 {
        if row(&harness, last).is_some() {
            return;
        }
        harness.get_by_label("Strips below").click();
        harness.run();
    }
    panic!("`{last}` is on no page");
}

#[test]
fn a_zoom_sends_its_range_to_the_timeline() {
    let stage = Stage::new();
    let mut harness = draw(&stage, picked(&stage, &["TK-1.level"]));
    assert_eq!(
        harness.query_all_by_label("Send range to timeline").count(),
        0
    );
    let plot = harness.get_by_label("Trend plot").rect();
    let [from, to] =
        [0.2, 0.4].map(|part| plot.left_center() + egui::vec2(plot.width() * part, 0.0));
    harness.drag_at(from);
    harness.run();
    // A hand moves in small steps; a press becomes a drag after some points.
    harness.hover_at(from + egui::vec2(8.0, 0.0));
    harness.run();
    harness.hover_at(to);
    harness.run();
    harness.drop_at(to);
    harness.run();
    check_texts(&harness, &["Send range to timeline"]);
    harness.get_by_label("Send range to timeline").click();
    harness.run();
    let ranges = harness
        .state()
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Timeline(TimelineCommand::Loop(range)) => *range,
            _ => None,
        });
    let ranges: Vec<_> = ranges.collect();
    assert_eq!(ranges.len(), 1);
    let secs = ranges[0].1.secs_since(ranges[0].0);
    assert!(
        (300.0..420.0).contains(&secs),
        "a fifth of the axis, not {secs} s"
    );
}

#[test]
fn notes_stand_in_trends_and_on_the_faceplate() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    stage.notes = vec![
        note(Some("TK-1"), -900.0, "Valve exercised"),
        note(Some("TK-2"), -600.0, "Float stuck"),
    ];
    let mut harness = draw(&stage, picked(&stage, &["TK-1.level"]));
    check_texts(
        &harness,
        &["Note, TK-1: Valve exercised", "Note, TK-2: Float stuck"],
    );
    // On the faceplate, those of the asset alone.
    check_texts(&harness, &["Valve exercised"]);
    assert_eq!(harness.query_all_by_label("Float stuck").count(), 0);
    harness.get_by_label("Note, TK-2: Float stuck").click();
    harness.run();
    let asked = &harness.state().actions;
    let seek = Action::Timeline(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    assert_eq!(
        *asked,
        [seek, Action::Select(stage.scene.find_asset("TK-2"))]
    );
    harness.get_by_label("Add a note").click_accesskit();
    harness.run();
    let last = harness.state().actions.last();
    assert_eq!(last, Some(&Action::Named(Named::AddNote)));
}

#[test]
fn a_residual_is_told_in_standard_deviations_where_a_band_is_known() {
    let mut stage = Stage::new();
    let level = stage.signal("TK-1.level");
    assert_eq!(Expected::of(&stage.twin(), level), None, "no run");
    let run = stage.finish_run(1, 0);
    // Two hours later: the run said 2.4 − 1.5 / 2 = 1.65 m, give or take 0.125 m.
    let later = NOW.plus_secs(7_200.0);
    let mut batch = SampleBatch::new(Origin::Measured);
    batch.push(level, Sample::good(later, 1.35));
    stage.history.insert(&batch);
    stage.timeline.advance(later, std::time::Duration::ZERO);
    stage.steer(TimelineCommand::GoLive);
    let twin = stage.twin();
    assert_eq!(judge(&twin).map(|judge| judge.id), Some(run));
    let expected = Expected::of(&twin, level).expect("measured and simulated");
    let Residual::Known {
        expected: value,
        off,
        ..
    } = expected.residual
    else {
        panic!("{expected:?}");
    };
    assert!((value - 1.65).abs() < 1e-9, "{expected:?}");
    assert!((off + 0.3).abs() < 1e-9, "{expected:?}");
    // P10 and P90 of a normal distribution lie 2.5631 standard deviations apart.
    let sigmas = expected.residual.sigmas().expect("a band");
    assert!((sigmas + 0.3 / (0.25 / 2.563_103)).abs() < 1e-6, "{sigmas}");
    assert_eq!(
        expected.story(&twin, level),
        "Expected 1.65 m by run #1, measured 3.1 σ below"
    );

    stage.select("TK-1");
    let harness = draw(&stage, Screen::default());
    check_texts(
        &harness,
        &["Expected 1.65 m by run #1, measured 3.1 σ below"],
    );
    let mut harness = draw(&stage, Screen::showing(Tab::Skill));
    harness.get_by_label("Residuals at the playhead").click();
    harness.run();
    harness.get_by_label("-3.1 σ   TK-1.level").click();
    harness.run();
    let tank = stage.scene.find_asset("TK-1");
    assert_eq!(harness.state().actions, [Action::Select(tank)]);
}

#[test]
fn neighbours_are_told_both_ways() {
    let mut stage = Stage::new();
    stage.select("P-1");
    let harness = draw(&stage, Screen::default());
    check_texts(&harness, &["JOINED TO", "JOINED FROM"]);
}
