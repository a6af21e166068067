//! The alarm desk on screen, by what is written on it: banner, list, comment, performance,
//! limits tried on the past, marks over the view.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use parallax::alarm::{
    Alarm, AlarmEvent, AlarmId, AlarmReport, AlarmState, Happening, Raised, Standing,
};
use parallax::app::action::{Action, LimitTrial, Named};
use parallax::app::panels::alarms::trial::TrialResult;
use parallax::app::panels::layout::Tab;
use parallax::app::panels::{PanelState, RecordingView};
use parallax::app::viewport::{Sight, ViewSight};
use parallax::recording::NoteRecord;
use parallax::scene::Priority;
use parallax::session::Opened;
use parallax::simulation::Plant;
use parallax::time::Timestamp;
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, check_texts, draw, write};
use super::plant::{NOW, Stage};
use super::twin::tanks;

/// A plant of so many tanks, each with an alarm: of each ten one is urgent, three are high;
/// every other one waits, the first is the newest.
fn crowd(count: usize) -> Stage {
    let scene = tanks(count);
    let plant = Plant::build(&scene).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut stage = Stage::of(Opened {
        scene: Arc::new(scene),
        plant: Arc::new(plant),
        file: "test.ron".into(),
        folder: ".".into(),
        drawings: Vec::new(),
    });
    let sources: Vec<_> = stage.scene.alarm_sources().collect();
    let alarms = sources.iter().enumerate().map(|(place, source)| {
        let (standing, state) = match place % 2 {
            0 => (Standing::Unacknowledged, AlarmState::Unacknowledged),
            _ => (Standing::Acknowledged, AlarmState::Acknowledged),
        };
        let raised = NOW.plus_secs(-10.0 - place as f64);
        Alarm {
            id: AlarmId(place as u32),
            signal: source.signal(),
            limit: Some(0),
            rule: None,
            kind: stage.scene.signal(source.signal()).limits[0].kind,
            priority: match place % 10 {
                0 => Priority::Urgent,
                1..=3 => Priority::High,
                _ => Priority::Low,
            },
            standing,
            state,
            since: raised,
            raised,
            value: 9.5,
            acknowledged: None,
        }
    });
    stage.alarms = alarms.collect();
    stage.live.clone_from(&stage.alarms);
    stage.live_alarms.unacknowledged = count.div_ceil(2);
    stage.live_alarms.acknowledged = count / 2;
    stage.live_alarms.shelved = 2;
    stage
}

fn record(stage: &mut Stage) {
    stage.recording = Some(RecordingView {
        place: "store".to_owned(),
        status: None,
        trouble: None,
    });
}

fn rows(harness: &Harness<'_, Screen>) -> usize {
    harness.query_all_by_label_contains("Choose TK-").count()
}

fn press(harness: &mut Harness<'_, Screen>, name: &str) {
    harness.get_by_label(name).click();
    harness.run();
}

#[test]
fn the_banner_tells_the_most_pressing_alarm_and_goes_there() {
    let stage = crowd(500);
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["and 249 more", "2 shelved"]);
    press(&mut harness, "Alarm TK-1 Level high, priority 1");
    let asset = stage.scene.find_asset("TK-1").expect("a tank");
    assert_eq!(
        harness.state().actions,
        [Action::Select(Some(asset)), Action::FlyTo(asset)]
    );
    harness.state_mut().actions.clear();
    press(&mut harness, "Acknowledge TK-1 Level high");
    assert_eq!(harness.state().actions, [Action::Acknowledge(AlarmId(0))]);
}

#[test]
fn the_banner_tells_the_present_in_history_but_acknowledges_nothing() {
    let mut stage = crowd(4);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    stage.alarms.clear();
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["Alarm TK-1 Level high, priority 1"]);
    let button = harness.get_by_label("Acknowledge TK-1 Level high");
    assert!(button.accesskit_node().is_disabled());
    button.click();
    harness.run();
    assert_eq!(harness.state().actions, []);
}

#[test]
fn a_calm_plant_says_so_and_how_many_are_shelved() {
    let stage = Stage::new();
    check_texts(&draw(&stage, Screen::default()), &["No alarm", "0 shelved"]);
}

#[test]
fn only_the_rows_on_screen_are_drawn() {
    let stage = crowd(5_000);
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    let drawn = rows(&harness);
    assert!((3..60).contains(&drawn), "{drawn} rows");
    check_texts(&harness, &["5000 active", "2500 to acknowledge"]);
}

#[test]
fn the_list_is_searched_filtered_and_sorted() {
    let stage = crowd(500);
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    write(&mut harness, "Search alarms", "tk-42");
    // TK-42 and TK-420 to TK-429.
    check_texts(&harness, &["Choose TK-42 Level high"]);
    let listed = |harness: &Harness<'_, Screen>| {
        let panels = &harness.state().panels;
        let listed = panels.listed_alarms(&stage.alarms, &stage.scene);
        listed
            .iter()
            .map(|alarm| alarm.id.0 + 1)
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&harness).len(), 11);
    press(&mut harness, "Sort by tag");
    let sorted = listed(&harness);
    assert_eq!(sorted[..3], [42, 420, 421]);
    press(&mut harness, "Sort by tag");
    assert_eq!(listed(&harness)[0], 429, "the other way round");
    press(&mut harness, "Show all");
    assert_eq!(listed(&harness).len(), 500);
    press(&mut harness, "Sort by raised");
    assert_eq!(listed(&harness)[..3], [1, 2, 3], "the newest first");
    press(&mut harness, "Sort by urgency");
    let order = listed(&harness);
    let urgent: Vec<u32> = order.iter().take(50).map(|tank| tank % 10).collect();
    assert_eq!(urgent, vec![1; 50], "what waits and is urgent comes first");
}

#[test]
fn several_are_acknowledged_shelved_and_commented_on_together() {
    let mut stage = crowd(500);
    record(&mut stage);
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    press(&mut harness, "Sort by raised");
    for tank in 1..=3 {
        press(&mut harness, &format!("Choose TK-{tank} Level high"));
    }
    check_texts(&harness, &["3 chosen"]);
    assert_eq!(harness.state().actions, [], "choosing goes nowhere");
    press(&mut harness, "Acknowledge chosen");
    // TK-2 was acknowledged before.
    let acknowledged = [0, 2].map(|id| Action::Acknowledge(AlarmId(id)));
    assert_eq!(harness.state().actions, acknowledged);
    harness.state_mut().actions.clear();

    press(&mut harness, "Shelve chosen...");
    assert!(harness.get_by_label("8 h").accesskit_node().is_disabled());
    write(&mut harness, "Reason", "cleaning");
    press(&mut harness, "8 h");
    let shelved = harness
        .state()
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::AlarmAct(id, Happening::Shelve(shelf)) => {
                assert_eq!(
                    (&*shelf.reason, shelf.until),
                    ("cleaning", NOW.plus_secs(28_800.0))
                );
                Some(id.0)
            }
            _ => None,
        });
    assert_eq!(shelved.collect::<Vec<_>>(), [0, 1, 2]);
    harness.state_mut().actions.clear();

    press(&mut harness, "Comment on chosen...");
    check_texts(&harness, &["About TK-1: Level high, and 2 more"]);
    harness
        .get_by_label("Comment on the alarm")
        .type_text("crew is there");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let ids = [0, 1, 2].map(AlarmId).to_vec();
    let asked = Action::CommentAlarms(ids, "crew is there".to_owned());
    assert_eq!(harness.state().actions, [asked]);
}

#[test]
fn three_keys_lead_from_an_alarm_to_its_comment() {
    let mut stage = crowd(500);
    record(&mut stage);
    let first = stage.live[0].clone();
    let panels = {
        let mut harness = draw(&stage, Screen::default());
        harness.key_press(Key::F2);
        harness.run();
        let asked = [Action::Named(Named::AcknowledgeFirst)];
        assert_eq!(harness.state().actions, asked);
        std::mem::take(&mut harness.state_mut().panels)
    };
    // The program has acknowledged it: the banner has gone on, and the comment has not.
    stage.addressed = Some(first);
    stage.live.remove(0);
    let mut screen = Screen::default();
    screen.panels = panels;
    let mut harness = draw(&stage, screen);
    harness.key_press(Key::F3);
    harness.run();
    let comment = Action::Named(Named::CommentAlarm);
    assert_eq!(harness.state().actions, std::slice::from_ref(&comment));
    harness.state_mut().actions.clear();
    harness.state_mut().panels.follow(&comment, &stage.scene);
    harness.run();
    harness
        .get_by_label("Comment on the alarm")
        .type_text("valve stuck");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let asked = Action::CommentAlarms(vec![AlarmId(0)], "valve stuck".to_owned());
    assert_eq!(harness.state().actions, [asked]);
    assert_eq!(
        harness.query_all_by_label("Comment on the alarm").count(),
        0
    );
}

#[test]
fn a_comment_stands_beside_its_alarm_and_no_other() {
    let mut stage = crowd(2);
    let note = |text: &str, at: Timestamp| NoteRecord {
        at,
        written: NOW,
        by: "Ada".to_owned(),
        tag: Some("TK-1".to_owned()),
        text: text.to_owned(),
    };
    let raised = stage.alarms[0].raised;
    stage.notes = vec![
        note("Alarm Level high: of an older one", raised.plus_secs(-5.0)),
        note("Alarm Level high: crew is there", raised),
        note("a note about the instant", raised),
    ];
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    check_texts(&harness, &["crew is there"]);
    for other in ["of an older one", "a note about the instant"] {
        assert_eq!(harness.query_all_by_label(other).count(), 0, "{other}");
    }
}

#[test]
fn the_performance_is_held_against_its_targets() {
    let mut stage = crowd(500);
    let events: Vec<_> = (0..500)
        .map(|place| AlarmEvent {
            at: NOW.plus_secs(-3_000.0 + f64::from(place)),
            alarm: place % 20,
            priority: Priority::High,
            from: Standing::Normal,
            to: Standing::Unacknowledged,
        })
        .collect();
    let names: Vec<_> = (0..20)
        .map(|place| format!("TK-{place}.level high"))
        .collect();
    let span = (NOW.plus_secs(-3_600.0), NOW);
    stage.review.report = Some(AlarmReport::of(&events, &names, span.0, span.1));
    stage.review.span = Some(span);
    stage.review.told_by = "the store";
    let mut harness = draw(&stage, Screen::showing(Tab::Alarms));
    press(&mut harness, "Performance");
    check_texts(
        &harness,
        &[
            "alarms an hour",
            "500",
            "Told most often",
            "TK-0.level high",
            "2 high 500 (100 %)",
        ],
    );
    assert!(harness.state().actions.contains(&Action::ReviewAlarms(24)));
    press(&mut harness, "Week");
    let asked = harness.state().actions.last();
    assert_eq!(asked, Some(&Action::ReviewAlarms(168)));
}

#[test]
fn limits_are_tried_from_the_inspector_and_what_they_raise_is_listed() {
    let mut stage = crowd(500);
    stage.select("TK-7");
    let signal = stage.signal("TK-7.level");
    let limits = stage.scene.signal(signal).limits.clone();
    let trial = LimitTrial {
        signal,
        limits,
        hours: 24,
    };
    {
        let mut harness = draw(&stage, Screen::default());
        press(&mut harness, "Try limits");
        let asked = Action::TryLimits(Box::new(trial.clone()));
        assert_eq!(harness.state().actions, [asked]);
    }
    stage.trial.asked = Some(trial.clone());
    stage.trial.done = Some(TrialResult {
        raised: vec![Raised {
            signal,
            limit: 0,
            raised: NOW.plus_secs(-500.0),
            cleared: Some(NOW.plus_secs(-380.0)),
            value: 9.4,
        }],
        own: 3,
        span: Some((NOW.plus_secs(-7_200.0), NOW)),
        samples: 7_200,
        trial: trial.clone(),
    });
    let mut screen = Screen::default();
    let asked = Action::TryLimits(Box::new(trial.clone()));
    screen.panels.follow(&asked, &stage.scene);
    let mut harness = draw(&stage, screen);
    check_texts(
        &harness,
        &[
            "1 alarm",
            "in 2 h 0 min, 0.50 an hour; the scene's limits: 3",
            "for 2 min 0 s",
        ],
    );
    assert_eq!(harness.state().actions, [], "nothing is asked twice");
    // Another limit is asked for as soon as it is set.
    harness.get_by_label("Limit H").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.get_by_label("Limit H").type_text("8");
    harness.key_press(Key::Enter);
    harness.run();
    let Some(Action::TryLimits(asked)) = harness.state().actions.last() else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!((asked.signal, asked.limits[0].at), (signal, 8.0));
}

#[test]
fn marks_over_the_view_lead_to_their_assets() {
    let mut stage = crowd(500);
    let asset = |tag: &str| stage.scene.find_asset(tag).expect("a tank");
    let sight = |tag: &str, sight: Sight| ViewSight {
        asset: asset(tag),
        sight,
    };
    stage.picture.sights = vec![
        sight("TK-1", Sight::Ahead([300.0, 200.0])),
        sight("TK-2", Sight::Ahead([420.0, 240.0])),
        sight("TK-3", Sight::Ahead([424.0, 244.0])),
        sight("TK-4", Sight::Behind([-1.0, 0.0])),
        sight("TK-5", Sight::Ahead([-900.0, 250.0])),
    ];
    let mut harness = draw(&stage, Screen::default());
    check_texts(
        &harness,
        &[
            "1 alarm at TK-1, priority 1",
            "2 alarms at 2 assets, priority 2",
            "2 alarms out of sight to the left, priority 2",
        ],
    );
    press(
        &mut harness,
        "2 alarms out of sight to the left, priority 2",
    );
    let there = stage.scene.find_asset("TK-4").expect("a tank");
    assert_eq!(
        harness.state().actions,
        [Action::Select(Some(there)), Action::FlyTo(there)]
    );
}

#[test]
fn what_is_expected_has_a_mark_of_its_own() {
    let mut stage = Stage::new();
    stage.finish_run(1, 0);
    let tank = stage.scene.find_asset("TK-1").expect("a tank");
    stage.picture.sights = vec![ViewSight {
        asset: tank,
        sight: Sight::Ahead([300.0, 200.0]),
    }];
    check_texts(
        &draw(&stage, Screen::default()),
        &["1 expected at TK-1, priority 1"],
    );
    stage.raise_alarm();
    check_texts(
        &draw(&stage, Screen::default()),
        &["1 alarms and 1 expected at TK-1, priority 1"],
    );
}

#[test]
fn every_command_has_a_title_a_help_and_a_rule() {
    let mut stage = Stage::new();
    stage.raise_alarm();
    record(&mut stage);
    let mut titles = BTreeSet::new();
    for named in Named::ALL {
        assert!(
            titles.insert(named.title()),
            "{named:?}: another is called so"
        );
        let help = named.help();
        assert!(help.len() > 12 && !help.ends_with('.'), "{named:?}: {help}");
        assert!(help.starts_with(char::is_uppercase), "{named:?}: {help}");
        assert_ne!(help, named.title(), "{named:?}");
    }
    let refused = |stage: &Stage| -> Vec<Named> {
        let twin = stage.twin();
        let all = Named::ALL.iter().copied();
        all.filter(|named| named.allowed(&twin).is_err()).collect()
    };
    for named in Named::ALL.iter().filter(|named| named.acts_on_plant()) {
        assert!(
            !refused(&stage).contains(named),
            "{named:?} is allowed live"
        );
    }
    stage.finish_run(1, 0);
    for secs in [-600.0, 600.0, 90_000.0] {
        stage.steer(TimelineCommand::Seek(NOW.plus_secs(secs)));
        let mode = stage.timeline.mode();
        for named in Named::ALL.iter().filter(|named| named.acts_on_plant()) {
            assert!(refused(&stage).contains(named), "{named:?} in {mode:?}");
        }
        for named in [Named::GoLive, Named::ShowAlarms, Named::ToggleLabels] {
            assert!(!refused(&stage).contains(&named), "{named:?} in {mode:?}");
        }
    }
}

#[test]
fn the_palette_says_why_a_command_is_refused() {
    let mut stage = crowd(3);
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    let mut screen = Screen::default();
    screen.panels = PanelState::default();
    let show = Action::Named(Named::ShowPalette);
    screen.panels.follow(&show, &stage.scene);
    let mut harness = draw(&stage, screen);
    harness
        .get_by_label("Command palette")
        .type_text("acknowledge all");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions, []);
    check_texts(&harness, &["Acknowledge all alarms"]);
}

#[test]
fn the_menu_says_plainly_whether_alarms_are_heard() {
    let mut stage = crowd(3);
    {
        let mut harness = draw(&stage, Screen::default());
        press(&mut harness, "Alarms");
        check_texts(&harness, &["No player was found: alarms are not heard"]);
    }
    stage.horn.player = Some("pw-play");
    stage.horn.sounding = Some(Priority::Urgent);
    let mut harness = draw(&stage, Screen::default());
    press(&mut harness, "Silence the horn");
    let asked = [Action::Named(Named::SilenceHorn)];
    assert_eq!(
        harness.state().actions,
        asked,
        "and nothing is acknowledged"
    );
    harness.state_mut().actions.clear();
    press(&mut harness, "Alarms");
    check_texts(&harness, &["Played by pw-play"]);
    press(&mut harness, "Alarm sound");
    let asked = [Action::Named(Named::ToggleHorn)];
    assert_eq!(harness.state().actions, asked);
}
