//! The list: rows, filter, choice of several, comments.

use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use parallax::alarm::{AlarmId, Happening};
use parallax::app::action::{Action, Named};
use parallax::app::panels::layout::Tab;
use parallax::recording::NoteRecord;
use parallax::time::Timestamp;

use super::{crowd, press, record, rows};
use crate::panels::{Screen, check_texts, draw, write};
use crate::plant::NOW;

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
    // The keyboard is there already.
    harness.get_by_label("Reason").type_text("cleaning");
    harness.run();
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
