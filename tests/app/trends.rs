//! The trends and the faceplate as an operator uses them.

use std::fs;
use std::path::Path;

use egui::Modifiers;
use egui::accesskit::{Role, Toggled};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};
use parallax::app::action::{Action, Named};
use parallax::app::panels::expected::{Expected, judge};
use parallax::app::panels::layout::Tab;
use parallax::app::panels::strips::Strip;
use parallax::app::trend_picture::write;
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
    let together = Strip::by_unit(&stage.scene, &signals, |_| 0);
    assert_eq!(together.len(), 6);
    let tanks = ["TK-1.level", "TK-2.level"].map(|name| stage.signal(name));
    assert_eq!(Strip::by_unit(&stage.scene, &tanks, |_| 0).len(), 1);
    let one_apart = |signal: &parallax::scene::Signal| u32::from(signal.full_name == "TK-1.level");
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

/// Drags something of this name to a point, as a hand does.
fn drag(harness: &mut Harness<'_, Screen>, from: egui::Pos2, onto: egui::Pos2) {
    harness.drag_at(from);
    harness.run();
    harness.hover_at(from + egui::vec2(9.0, 0.0));
    harness.run();
    harness.hover_at(onto);
    harness.run();
    harness.drop_at(onto);
    harness.run();
}

/// The middle of a curve's row in the legend, whose height is that of its strip.
fn row_at(harness: &Harness<'_, Screen>, name: &'static str) -> egui::Pos2 {
    row(harness, name).expect("a row").rect().center()
}

#[test]
fn a_signal_is_dropped_on_the_strip_it_is_to_be_drawn_on() {
    let stage = Stage::new();
    let names = ["TK-1.level", "TK-2.level", "P-1.speed"];
    let mut harness = draw(&stage, picked(&stage, &names));
    let beside = |harness: &Harness<'_, Screen>, one, other| {
        (row_at(harness, one).y - row_at(harness, other).y).abs() < 30.0
    };
    assert!(beside(&harness, "TK-1.level", "TK-2.level"));
    // By the menu of its row it gets a strip of its own.
    row(&harness, "TK-1.level")
        .expect("a row")
        .click_secondary();
    harness.run();
    harness
        .get_by_label("Draw on a strip of its own")
        .click_accesskit();
    harness.run();
    assert!(!beside(&harness, "TK-1.level", "TK-2.level"));
    // Another unit does not fit onto it.
    let plot = harness.get_by_label("Trend plot").rect();
    let strip =
        |harness: &Harness<'_, Screen>, name| egui::pos2(plot.center().x, row_at(harness, name).y);
    let (from, onto) = (row_at(&harness, "P-1.speed"), strip(&harness, "TK-1.level"));
    drag(&mut harness, from, onto);
    assert!(!beside(&harness, "P-1.speed", "TK-1.level"));
    // Its own unit does, by the legend as from the tree.
    let (from, onto) = (
        row_at(&harness, "TK-2.level"),
        strip(&harness, "TK-1.level"),
    );
    drag(&mut harness, from, onto);
    assert!(beside(&harness, "TK-1.level", "TK-2.level"));
    assert_eq!(harness.state().actions, [], "all were there before");
}

#[test]
fn an_asset_is_carried_from_the_view_onto_the_trends_with_alt() {
    let mut stage = Stage::new();
    stage.picture.hovered = stage.scene.find_asset("P-1");
    let mut harness = draw(&stage, picked(&stage, &["TK-1.level"]));
    let from = harness.get_by_label("Plant view").rect().center();
    let onto = harness.get_by_label("Trend plot").rect().center();
    drag(&mut harness, from, onto);
    assert_eq!(harness.state().actions, [], "without Alt the view turns");
    harness.event(egui::Event::ModifiersChanged(Modifiers::ALT));
    drag(&mut harness, from, onto);
    let brought = ["P-1.running", "P-1.flow"].map(|name| Action::ToggleTrend(stage.signal(name)));
    assert_eq!(harness.state().actions, brought);
}

#[test]
fn the_instant_under_the_pointer_is_shown_in_every_chart_with_its_values() {
    let stage = Stage::new();
    let mut harness = draw(&stage, picked(&stage, &["TK-1.level"]));
    let told = |harness: &Harness<'_, Screen>| {
        let row = row(harness, "TK-1.level").expect("a row");
        row.accesskit_node().label().expect("a name")
    };
    let now = told(&harness);
    let level = |told: &str| -> f64 {
        let value = told.split(' ').nth(1).expect("a value");
        value.parse().expect("a number")
    };
    let bar = harness.get_by_label("Time bar").rect();
    let plot = harness.get_by_label("Trend plot").rect();
    // A fifth of half an hour and its room ahead: 23.7 minutes ago.
    harness.hover_at(plot.left_center() + egui::vec2(plot.width() * 0.2, 0.0));
    harness.run();
    let by_plot = told(&harness);
    assert!(
        (level(&by_plot) - level(&now)).abs() > 0.1,
        "{by_plot}, {now}"
    );
    // The bar shows 50 min of past and a quarter of that ahead, each with some room.
    let x = bar.left() + bar.width() * ((52.0 - 23.7) / 65.52);
    harness.hover_at(egui::pos2(x, bar.center().y));
    harness.run();
    let by_bar = told(&harness);
    assert!(
        (level(&by_bar) - level(&by_plot)).abs() < 0.04,
        "{by_bar}, {by_plot}"
    );
    // Away from all charts it is the playhead's again.
    harness.hover_at(harness.get_by_label("Plant view").rect().center());
    harness.run();
    assert_eq!(told(&harness), now);
}

#[test]
fn the_trends_are_written_as_they_stand() {
    let mut stage = Stage::new();
    stage.finish_run(1, 0);
    let names = ["TK-1.level", "P-1.speed", "P-1.running"];
    let mut harness = draw(&stage, picked(&stage, &names));
    // The pictures stay in the target folder, for whoever wants to look at them.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trends");
    fs::create_dir_all(&folder).expect("a folder");
    let twin = stage.twin();
    let panels = &mut harness.state_mut().panels;
    let file = folder.join("trends.svg");
    write(&twin, panels, &file).expect("written");
    let svg = fs::read_to_string(&file).expect("a text");
    for part in [
        "Hill waterworks",
        "TK-1.level",
        "P-1.running",
        "LIVE",
        "stopped",
    ] {
        assert!(svg.contains(part), "{part} is not in it");
    }
    // Measured and simulated curves, and the band of the run.
    let longest = svg.lines().filter(|line| line.contains("<path"));
    let longest = longest.map(|line| line.matches('L').count()).max();
    assert!(longest.is_some_and(|points| points > 40), "{longest:?}");
    assert!(svg.contains("fill-opacity"), "no band");
    let file = folder.join("trends.png");
    write(&twin, panels, &file).expect("written");
    let image = image::open(&file).expect("a picture").to_rgb8();
    let colours: std::collections::BTreeSet<_> = image.pixels().map(|pixel| pixel.0).collect();
    assert!(
        image.width() > 1_200 && colours.len() > 100,
        "{}",
        colours.len()
    );
    harness.run();
    for name in names {
        assert!(row(&harness, name).is_some(), "{name} is still on screen");
    }

    let empty = &mut Screen::default().panels;
    let file = folder.join("none.png");
    let refused = write(&Stage::new().twin(), empty, &file);
    assert_eq!(refused, Err("The trends show no signal to draw".to_owned()));
    assert!(!file.exists());
}
