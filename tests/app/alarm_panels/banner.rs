//! The banner over everything, and the horn.

use egui_kittest::kittest::{NodeT, Queryable};
use parallax::alarm::AlarmId;
use parallax::app::action::{Action, Named};
use parallax::scene::Priority;
use parallax::timeline::TimelineCommand;

use super::{crowd, press};
use crate::panels::{Screen, check_texts, draw};
use crate::plant::{NOW, Stage};

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
