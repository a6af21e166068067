//! Panels as an operator finds them: by what is written on them.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use parallax::alarm::AlarmId;
use parallax::app::action::{Action, Named};
use parallax::app::panels::layout::Tab;
use parallax::app::panels::{PanelState, app_ui};
use parallax::app::viewport::ViewInput;
use parallax::scene::{self, Effect, Scenario};
use parallax::signal::RunId;
use parallax::simulation::Against;
use parallax::timeline::TimelineCommand;

use super::plant::{NOW, Stage};

/// What the panels remember, and all that was asked of the program.
#[derive(Default)]
pub(crate) struct Screen {
    pub(crate) panels: PanelState,
    pub(crate) input: ViewInput,
    /// Where the view was clicked, in any frame.
    clicks: Vec<[f32; 2]>,
    pub(crate) actions: Vec<Action>,
}

impl Screen {
    pub(crate) fn showing(tab: Tab) -> Self {
        let mut screen = Self::default();
        screen.panels.show(tab);
        screen
    }

    fn seeks(&self) -> Vec<parallax::time::Timestamp> {
        let seek = |action: &Action| match action {
            Action::Timeline(TimelineCommand::Seek(at)) => Some(*at),
            _ => None,
        };
        self.actions.iter().filter_map(seek).collect()
    }

    pub(crate) fn started(&self) -> Option<&Scenario> {
        self.actions.iter().find_map(|action| match action {
            Action::StartRun(scenario) => Some(&**scenario),
            _ => None,
        })
    }
}

pub(crate) fn draw(stage: &Stage, screen: Screen) -> Harness<'_, Screen> {
    draw_sized(stage, screen, [1_600.0, 1_000.0])
}

pub(crate) fn draw_sized(stage: &Stage, screen: Screen, size: [f32; 2]) -> Harness<'_, Screen> {
    let mut harness = Harness::builder()
        .with_size(size)
        .with_max_steps(24)
        .build_ui_state(
            |ui, screen: &mut Screen| {
                let Screen {
                    panels,
                    input,
                    clicks,
                    actions,
                } = screen;
                app_ui(ui, &stage.twin(), panels, input, actions);
                clicks.extend(input.clicked);
            },
            screen,
        );
    harness.run();
    harness
}

/// Replaces what stands in the field called `name`.
pub(crate) fn write(harness: &mut Harness<'_, Screen>, name: &str, text: &str) {
    harness.get_by_label(name).click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label(name).type_text(text);
    harness.run();
}

#[track_caller]
pub(crate) fn check_texts(harness: &Harness<'_, Screen>, texts: &[&str]) {
    for text in texts {
        let found = harness.query_all_by_label(text).count();
        assert!(found > 0, "`{text}` is not on screen");
    }
}

#[test]
fn the_live_button_asks_to_go_live() {
    let mut stage = Stage::new();
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Live").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Named(Named::GoLive)]);
}

#[test]
fn the_mode_is_named_in_every_mode() {
    #[track_caller]
    fn check(stage: &Stage, texts: &[&str]) {
        let harness = draw(stage, Screen::default());
        check_texts(&harness, texts);
        let modes = ["LIVE", "HISTORY", "SIMULATED", "NO DATA"];
        let named = modes.map(|mode| harness.query_all_by_label(mode).count());
        assert_eq!(
            named.iter().sum::<usize>(),
            1,
            "one mode at a time: {named:?}"
        );
    }

    let mut stage = Stage::new();
    check(&stage, &["LIVE", "now"]);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-720.0)));
    check(
        &stage,
        &["HISTORY", "12 min ago", "2026-03-01 06:18:00 UTC"],
    );
    stage.finish_run(1, 0);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(6_600.0)));
    check(&stage, &["SIMULATED", "in 1 h 50 min"]);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(20_000.0)));
    check(&stage, &["NO DATA"]);
}

#[test]
fn an_emulated_plant_says_so_in_every_mode() {
    let mut stage = Stage::new();
    stage.demo = true;
    check_texts(&draw(&stage, Screen::default()), &["DEMO: emulated plant"]);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-720.0)));
    check_texts(&draw(&stage, Screen::default()), &["DEMO: emulated plant"]);
    let small = draw_sized(&stage, Screen::default(), [1_000.0, 700.0]);
    check_texts(&small, &["DEMO"]);
}

#[test]
fn a_recording_is_never_mistaken_for_a_live_plant() {
    let mut stage = Stage::new();
    {
        let live = draw(&stage, Screen::default());
        assert!(live.query_by_label("REPLAY: recorded data").is_none());
    }
    stage.replayed = true;
    let screen = draw(&stage, Screen::default());
    check_texts(&screen, &["LIVE", "REPLAY: recorded data"]);
}

#[test]
fn an_alarm_is_acknowledged_while_live() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    check_texts(&harness, &["Unacknowledged", "Low level", "L 1.20 m"]);
    harness.get_by_label("Acknowledge").click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::Acknowledge(AlarmId(1))]);
}

#[test]
fn acknowledging_is_refused_unless_live() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-60.0)));
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    for name in ["Acknowledge", "Acknowledge all"] {
        let button = harness.get_by_label(name);
        assert!(button.accesskit_node().is_disabled(), "{name} is enabled");
        button.click();
        harness.run();
    }
    let asked = harness.state().actions.iter();
    let acknowledged = asked
        .filter(|action| {
            matches!(
                action,
                Action::Acknowledge(_) | Action::Named(Named::AcknowledgeAll)
            )
        })
        .count();
    assert_eq!(acknowledged, 0);
}

#[test]
fn alarms_of_the_present_stay_in_sight_in_the_future() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    stage.finish_run(1, 0);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(600.0)));
    // The list is that of the playhead, where there are only predictions.
    stage.alarms.clear();
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["1 new", "0 active now, priority 2 (high)"]);
    harness
        .get_by_label("1 active now, priority 1 (urgent)")
        .click();
    harness.run();
    check_texts(
        &harness,
        &["Alarms of the future are predictions: see below"],
    );
}

#[test]
fn an_empty_alarm_list_says_what_it_means() {
    let stage = Stage::new();
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    check_texts(&harness, &["No active alarms"]);
}

#[test]
fn predicted_alarms_tell_when_and_how_likely() {
    let mut stage = Stage::new();
    stage.finish_run(3, 0);
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    check_texts(
        &harness,
        &[
            "in 1 h 50 min",
            "probability 0.70",
            "by run #3, scenario Baseline",
        ],
    );
}

#[test]
fn search_narrows_the_tree() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["P-1 Pump one", "TK-2 Clearwell west"]);

    write(&mut harness, "Search assets", "west");
    check_texts(&harness, &["TK-2 Clearwell west"]);
    assert_eq!(harness.query_all_by_label("P-1 Pump one").count(), 0);

    // By a signal, with the way to what was found.
    write(&mut harness, "Search assets", "pressure");
    check_texts(
        &harness,
        &["PS-1 Pumping station", "PT-1 Delivery pressure"],
    );
    assert_eq!(harness.query_all_by_label("TK-2 Clearwell west").count(), 0);

    write(&mut harness, "Search assets", "nowhere");
    check_texts(&harness, &["No asset fits"]);
}

#[test]
fn a_click_in_the_tree_selects() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("P-1 Pump one").click();
    harness.run();
    let selected = stage.scene.find_asset("P-1");
    assert_eq!(harness.state().actions, [Action::Select(selected)]);
}

#[test]
fn arrow_keys_walk_through_the_tree_and_not_through_time() {
    let mut stage = Stage::new();
    stage.select("P-1");
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("P-1 Pump one").click();
    harness.run();
    harness.state_mut().actions.clear();
    harness.key_press(Key::ArrowDown);
    harness.run();
    let next = stage.scene.find_asset("P-2");
    assert_eq!(harness.state().actions, [Action::Select(next)]);
}

#[test]
fn the_tree_draws_only_what_is_on_screen() {
    let mut stage = Stage::new();
    let assets: String = (0..10_000)
        .map(|n| format!("(tag: \"A-{n}\", type: \"thing\"),"))
        .collect();
    let text = format!(
        "Scene(format: 1, name: \"Large\", types: {{\"thing\": (shape: Block)}}, assets: [{assets}])"
    );
    stage.scene = scene::parse(&text).expect("a scene");
    let mut harness = draw(&stage, Screen::default());
    let rows = harness.query_all_by_label_contains("A-").count();
    assert!((10..100).contains(&rows), "{rows} rows");
    write(&mut harness, "Search assets", "A-9876");
    check_texts(&harness, &["A-9876"]);
}

#[test]
fn a_value_stands_with_unit_age_and_origin() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    let harness = draw(&stage, Screen::default());
    let level = stage.signal("TK-1.level");
    let row = stage.cursor.rows()[level.index()].expect("a value");
    let value = stage.scene.signal(level).value_text(row.sample.value);
    check_texts(&harness, &["Level", &value, "m", "3 s", "measured"]);
}

#[test]
fn no_value_is_a_dash_and_says_no_data() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    let harness = draw(&stage, Screen::default());
    check_texts(&harness, &["—", "no data", "nothing was received"]);
}

#[test]
fn what_cannot_be_trusted_says_why() {
    let mut stage = Stage::new();
    for (tag, story) in [
        ("TK-2", "stale, 10 min old"),
        ("PT-1", "bad: BadSensorFailure, 2 s"),
        ("P-2", "no link, 20 s old"),
    ] {
        stage.select(tag);
        check_texts(&draw(&stage, Screen::default()), &[story]);
    }
}

#[test]
fn a_simulated_value_names_its_run() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    stage.finish_run(4, 0);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(600.0)));
    let harness = draw(&stage, Screen::default());
    check_texts(
        &harness,
        &["simulated, run #4", "run #4 does not compute it"],
    );
}

#[test]
fn parameters_stand_in_their_units() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    let harness = draw(&stage, Screen::default());
    check_texts(&harness, &["8 m", "250 m³", "400 mm"]);
}

#[test]
fn a_trend_is_asked_for_and_then_drawn() {
    let mut stage = Stage::new();
    stage.select("P-1");
    let mut screen = Screen::default();
    let speed = stage.signal("P-1.speed");
    screen
        .panels
        .follow(&Action::ToggleTrend(speed), &stage.scene);
    let harness = draw(&stage, screen);
    check_texts(&harness, &["P-1.speed 82 %"]);
    let drawn = harness
        .state()
        .panels
        .trend_signals(&stage.scene, &stage.selection);
    assert_eq!(drawn, [speed]);
}

#[test]
fn trends_show_the_selected_asset_when_nothing_was_picked() {
    let mut stage = Stage::new();
    stage.select("P-1");
    let signals = PanelState::default().trend_signals(&stage.scene, &stage.selection);
    let shown = ["P-1.running", "P-1.flow"].map(|name| stage.signal(name));
    assert_eq!(signals, shown);
    stage.select("TK-2");
    let harness = draw(&stage, Screen::default());
    check_texts(&harness, &["TK-2.level 3.50 m (stale)"]);
}

#[test]
fn a_signal_is_dragged_onto_the_trends() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    let mut harness = draw(&stage, Screen::default());
    let from = harness.get_by_label("Temperature").rect().center();
    let onto = harness.get_by_label("Trend plot").rect().center();
    harness.drag_at(from);
    harness.run();
    harness.hover_at(onto);
    harness.run();
    harness.drop_at(onto);
    harness.run();
    let temperature = stage.signal("TK-1.temperature");
    assert_eq!(harness.state().actions, [Action::ToggleTrend(temperature)]);
}

#[test]
fn a_click_in_a_trend_goes_there() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    let mut harness = draw(&stage, Screen::default());
    harness.get_by_label("Trend plot").click();
    harness.run();
    let seeks = harness.state().seeks();
    // The middle of what is drawn: half an hour back, with a little room ahead.
    let [at] = seeks[..] else { panic!("{seeks:?}") };
    let secs = at.secs_since(NOW);
    assert!((-1_000.0..-700.0).contains(&secs), "{secs}");
}

#[test]
fn dragging_on_the_time_bar_seeks() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    let bar = harness.get_by_label("Time bar").rect();
    let at = |share: f32| Pos2::new(bar.left() + share * bar.width(), bar.center().y);
    harness.drag_at(at(0.6));
    harness.run();
    harness.hover_at(at(0.4));
    harness.run();
    harness.hover_at(at(0.2));
    harness.run();
    harness.drop_at(at(0.2));
    harness.run();
    let seeks = harness.state().seeks();
    assert!(seeks.len() >= 2, "{seeks:?}");
    assert!(seeks.is_sorted_by(|a, b| a >= b), "{seeks:?}");
    // The bar shows 50 min of past and a quarter of that ahead, each with some room.
    let back = NOW.secs_since(*seeks.last().expect("a seek"));
    assert!((2_200.0..2_400.0).contains(&back), "{back} s back");
}

#[test]
fn the_palette_finds_an_action_and_runs_it() {
    let stage = Stage::new();
    let mut screen = Screen::default();
    let show = Action::Named(Named::ShowPalette);
    screen.panels.follow(&show, &stage.scene);
    let mut harness = draw(&stage, screen);
    harness.get_by_label("Command palette").type_text("top");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Named(Named::TopView)]);
    assert_eq!(harness.query_all_by_label("Top view").count(), 0, "closed");
}

#[test]
fn the_palette_finds_assets_signals_and_scenarios() {
    let stage = Stage::new();
    let tank = stage.scene.find_asset("TK-2").expect("a tank");
    for (query, wanted) in [
        ("tk-2", Action::FlyTo(tank)),
        ("clearwell west", Action::FlyTo(tank)),
        ("p-1.flow", Action::ToggleTrend(stage.signal("P-1.flow"))),
        ("overview", Action::GoToBookmark(0)),
        (
            "run pump fail",
            Action::StartRun(Box::new(stage.scene.scenarios[1].clone())),
        ),
    ] {
        let mut screen = Screen::default();
        let show = Action::Named(Named::ShowPalette);
        screen.panels.follow(&show, &stage.scene);
        let mut harness = draw(&stage, screen);
        harness.get_by_label("Command palette").type_text(query);
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().actions, [wanted], "{query}");
    }
}

#[test]
fn an_edited_scenario_is_what_runs() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::showing(Tab::Scenarios));
    harness
        .get_by(|node| node.role() == Role::ComboBox && node.value().as_deref() == Some("Baseline"))
        .click();
    harness.run();
    harness.get_by_label("Pump failure").click();
    harness.run();
    write(&mut harness, "Amount of P-1.speed", "25");
    write(&mut harness, "Horizon", "90min");
    harness.get_by_label("Run from now").click();
    harness.run();

    let scenario = harness.state().started().expect("a run");
    assert_eq!(scenario.name, "Pump failure (edited)");
    assert_eq!(scenario.horizon.as_secs(), 5_400);
    let [held] = &scenario.overrides[..] else {
        panic!("{:?}", scenario.overrides)
    };
    assert_eq!(held.signal, stage.signal("P-1.speed"));
    assert_eq!(held.effect, Effect::Set(0.25), "25 % in SI");
    assert_eq!(held.from.as_secs(), 600);
    assert_eq!(held.ramp.as_secs(), 30);
}

#[test]
fn a_scenario_that_is_not_edited_runs_as_the_scene_says() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::showing(Tab::Scenarios));
    harness.get_by_label("Run from now").click();
    harness.run();
    assert_eq!(harness.state().started(), stage.scene.scenarios.first());
}

#[test]
fn a_scenario_with_a_mistake_does_not_run_and_says_why() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::showing(Tab::Scenarios));
    write(&mut harness, "Horizon", "soon");
    let told = harness.query_all_by_label_contains("`soon` is not a duration");
    assert_eq!(told.count(), 1);
    let button = harness.get_by_label("Run from now");
    assert!(button.accesskit_node().is_disabled());
}

#[test]
fn a_run_branches_from_the_playhead_only_in_the_past() {
    let mut stage = Stage::new();
    {
        let live = draw(&stage, Screen::showing(Tab::Scenarios));
        let button = live.get_by_label("Run from the playhead");
        assert!(button.accesskit_node().is_disabled(), "live");
    }
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    let mut past = draw(&stage, Screen::showing(Tab::Scenarios));
    past.get_by_label("Run from the playhead").click();
    past.run();
    assert!(past.state().started().is_some());
    assert_eq!(past.state().actions.len(), 1, "and the playhead stays");
}

#[test]
fn two_runs_are_compared_where_they_differ() {
    let mut stage = Stage::new();
    stage.finish_run(1, 1);
    stage.finish_run(2, 0);
    stage.compared = Some(Against::Run(RunId(1)));
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(3_600.0)));
    let mut harness = draw(&stage, Screen::showing(Tab::Scenarios));
    // Over all time they differ most where the shorter ends: 2.4 m − 1.5 m × 2 h / 2 h.
    check_texts(&harness, &["0.90", "TK-1.level"]);
    harness.get_by_label("At the playhead").click();
    harness.run();
    // 2.4 m − 1.7 m × 1 h / 4 h against 2.4 m − 1.5 m × 1 h / 2 h.
    check_texts(&harness, &["RUN #2 AGAINST #1", "1.97", "1.65", "+0.32"]);
}

#[test]
fn keys_act_unless_somebody_types() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    harness.key_press(Key::Space);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
    harness.key_press(Key::Num2);
    harness.run();
    assert_eq!(
        harness.state().actions,
        [
            Action::Named(Named::TogglePlay),
            Action::Named(Named::LeapBack),
            Action::GoToBookmark(1),
        ]
    );

    harness.state_mut().actions.clear();
    harness.get_by_label("Search assets").click();
    harness.run();
    harness.key_press(Key::Space);
    harness.key_press(Key::T);
    harness.run();
    assert_eq!(harness.state().actions, [], "typed, not asked");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run();
    let asked = [Action::Named(Named::ShowPalette)];
    assert_eq!(harness.state().actions, asked, "chords always act");
}

#[test]
fn the_view_hears_what_the_pointer_does_on_it() {
    let stage = Stage::new();
    let mut harness = draw(&stage, Screen::default());
    let view = harness.get_by_label("Plant view").rect();
    let start = view.center();
    harness.hover_at(start);
    harness.run();
    let input = &harness.state().input;
    assert!(input.visible);
    assert_eq!(input.size, [view.width(), view.height()]);
    let pointer = input.pointer.expect("the pointer is over the view");
    assert!((pointer[0] - view.width() / 2.0).abs() < 1.0, "{pointer:?}");

    harness.get_by_label("Plant view").click();
    harness.run();
    let [click] = harness.state().clicks[..] else {
        panic!("{:?}", harness.state().clicks)
    };
    assert!((click[1] - view.height() / 2.0).abs() < 1.0, "{click:?}");

    harness.drag_at(start);
    harness.step();
    harness.hover_at(start + egui::vec2(30.0, 0.0));
    harness.step();
    let orbit = harness.state().input.orbit;
    assert!(orbit[0] > 0.0, "{orbit:?}");
}

#[test]
fn what_is_remembered_comes_back() {
    let stage = Stage::new();
    let mut panels = PanelState::default();
    panels.reduced_motion = true;
    panels.follow(&Action::Named(Named::ZoomIn), &stage.scene);
    panels.follow(&Action::ToggleTrend(stage.signal("P-1.flow")), &stage.scene);
    let text = panels.to_text();
    let back = PanelState::from_text(&text).expect("what was written");
    assert_eq!(back.to_text(), text);
    assert!(back.reduced_motion);
    assert!((back.ui_scale() - 1.1).abs() < 1e-6);
    let signals = back.trend_signals(&stage.scene, &stage.selection);
    assert_eq!(signals, [stage.signal("P-1.flow")]);
    assert!(PanelState::from_text("no layout").is_none());
}

#[test]
fn text_grows_to_twice_its_size_and_no_further() {
    let stage = Stage::new();
    let mut panels = PanelState::default();
    for _ in 0..30 {
        panels.follow(&Action::Named(Named::ZoomIn), &stage.scene);
    }
    assert!((panels.ui_scale() - 2.0).abs() < 1e-6);
    for _ in 0..30 {
        panels.follow(&Action::Named(Named::ZoomOut), &stage.scene);
    }
    assert!((panels.ui_scale() - 0.8).abs() < 1e-6);
}

#[test]
fn every_panel_is_drawn_at_any_size() {
    let mut stage = Stage::new();
    stage.select("TK-1");
    stage.raise_alarm();
    stage.finish_run(1, 0);
    for size in [[200.0, 150.0], [640.0, 400.0], [3_840.0, 2_160.0]] {
        for tab in Tab::ALL {
            let harness = draw_sized(&stage, Screen::showing(tab), size);
            assert_eq!(harness.state().actions, [], "{tab:?} at {size:?}");
        }
    }
}
