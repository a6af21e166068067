//! Writing to the plant on screen: two steps, and what came of it.

use std::time::Duration;

use egui::Key;
use egui_kittest::kittest::Queryable;
use parallax::app::action::{Action, Named, OrderStep};
use parallax::app::panels::order::is_news;
use parallax::app::panels::reading::{Reading, Trust};
use parallax::command::{Order, OrderId, OrderState};
use parallax::signal::SignalId;
use parallax::timeline::TimelineCommand;

use super::panels::{Screen, check_texts, draw, write};
use super::plant::{NOW, Stage};

/// The plant with pump one selected.
fn stage() -> (Stage, SignalId) {
    let mut stage = Stage::new();
    stage.select("P-1");
    let speed = stage.scene.find_signal("P-1.speed").expect("a signal");
    (stage, speed)
}

/// A screen on which the window of an order is open.
fn asking(stage: &Stage, signal: SignalId) -> Screen {
    let mut screen = Screen::default();
    let show = Action::ShowOrder(signal);
    screen.panels.follow(&show, &stage.scene);
    screen
}

fn order(signal: SignalId, state: OrderState) -> Order {
    Order {
        id: OrderId(1),
        signal,
        value: 0.82,
        before: Some(0.75),
        by: "operator".to_owned(),
        at: NOW,
        state,
    }
}

#[test]
fn only_what_the_scene_lets_be_written_has_a_pen() {
    let (stage, speed) = stage();
    let mut harness = draw(&stage, Screen::default());
    let pen = "Write a value to the plant";
    assert_eq!(harness.query_all_by_label(pen).count(), 1);
    harness.get_by_label(pen).click();
    harness.run();
    assert_eq!(harness.state().actions, [Action::ShowOrder(speed)]);
}

#[test]
fn the_first_step_arms_and_sends_nothing() {
    let (stage, speed) = stage();
    let mut harness = draw(&stage, asking(&stage, speed));
    check_texts(&harness, &["Write P-1.speed", "60 to 100 %"]);
    // Enter alone never writes.
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().actions.is_empty());
    // It stands on what the plant shows: there is nothing to write yet.
    let same = "The plant shows this value already: choose another one";
    check_texts(&harness, &[same]);
    harness.get_by_label("Next: look at it once more").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
    write(&mut harness, "It shall be", "90");
    harness.key_press(Key::Tab);
    harness.run();
    assert_eq!(harness.query_all_by_label(same).count(), 0);
    harness.get_by_label("Next: look at it once more").click();
    harness.run();
    let [Action::Order(OrderStep::Arm(signal, value))] = harness.state().actions[..] else {
        panic!("{:?}", harness.state().actions)
    };
    assert_eq!(signal, speed);
    assert!((value - 0.9).abs() < 1e-9, "{value}");
}

#[test]
fn the_second_step_says_from_what_to_what_and_can_be_taken_back() {
    let (mut stage, speed) = stage();
    let until = NOW.plus_secs(30.0);
    stage.orders = vec![order(speed, OrderState::Armed { until })];
    let mut harness = draw(&stage, asking(&stage, speed));
    check_texts(&harness, &["P-1.speed from 75 % to 82 %"]);
    harness.get_by_label("Cancel").click();
    harness.run();
    let taken_back = Action::Order(OrderStep::Withdraw(OrderId(1)));
    assert_eq!(harness.state().actions, [taken_back]);
    let mut harness = draw(&stage, asking(&stage, speed));
    harness.get_by_label("Write to the plant").click();
    harness.run();
    let confirmed = Action::Order(OrderStep::Confirm(OrderId(1)));
    assert_eq!(harness.state().actions, [confirmed]);
}

#[test]
fn what_came_of_it_is_told() {
    let (mut stage, speed) = stage();
    let until = NOW.plus_secs(10.0);
    let sent = OrderState::Sent {
        at: NOW,
        until,
        shows: None,
    };
    stage.orders = vec![order(speed, sent)];
    let harness = draw(&stage, asking(&stage, speed));
    check_texts(
        &harness,
        &["sent, not yet obeyed", "The plant has 10 s more to show it"],
    );
}

#[test]
fn the_past_and_a_plant_that_takes_no_commands_are_not_written_to() {
    let (mut stage, speed) = stage();
    stage.steer(TimelineCommand::Seek(NOW.plus_secs(-600.0)));
    let mut harness = draw(&stage, asking(&stage, speed));
    check_texts(
        &harness,
        &["The plant is written to live only: press End to go live"],
    );
    harness.get_by_label("Next: look at it once more").click();
    harness.run();
    assert!(harness.state().actions.is_empty());
}

#[test]
fn escape_closes_the_window_first_and_keeps_what_is_selected() {
    let (stage, speed) = stage();
    let mut harness = draw(&stage, asking(&stage, speed));
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().actions, [Action::CloseWindows]);
    let close = Action::CloseWindows;
    harness.state_mut().panels.follow(&close, &stage.scene);
    harness.state_mut().actions.clear();
    harness.run();
    assert_eq!(harness.query_all_by_label("Write P-1.speed").count(), 0);
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Named(Named::Escape)]);
}

/// What reads the same as the plant is no order, unless something else was ordered last or
/// nobody knows what the plant shows.
#[test]
fn a_value_that_the_plant_shows_is_not_offered_unless_it_takes_an_order_back() {
    let (mut stage, speed) = stage();
    let shown = Reading::of(&stage.twin(), speed).value.expect("a reading");
    assert!(is_news(&stage.twin(), speed, shown).is_err());
    // It is told in whole per cent.
    assert!(is_news(&stage.twin(), speed, (shown * 100.0).round() / 100.0).is_err());
    assert!(is_news(&stage.twin(), speed, shown + 0.02).is_ok());

    let ended = |value: f64, state| Order {
        value,
        ..order(speed, state)
    };
    stage.orders = vec![ended(0.95, OrderState::Expired)];
    assert!(
        is_news(&stage.twin(), speed, shown).is_err(),
        "it was never sent"
    );
    stage.orders = vec![ended(0.95, OrderState::NotObeyed { shows: None })];
    assert!(
        is_news(&stage.twin(), speed, shown).is_ok(),
        "the pump may still follow"
    );
    let obeyed = OrderState::Obeyed {
        after: Duration::from_secs(3),
    };
    stage.orders.push(ended(shown, obeyed));
    assert!(is_news(&stage.twin(), speed, shown).is_err());

    let level = stage.signal("TK-2.level");
    let stale = Reading::of(&stage.twin(), level);
    assert_eq!(stale.trust, Trust::Stale);
    let value = stale.value.expect("an old one");
    assert!(is_news(&stage.twin(), level, value).is_ok());
}
