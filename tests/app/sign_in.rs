//! Who sits at the desk, on screen: told at the top, asked for in a window, by keys alone; and
//! buttons that say why they are grey.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use parallax::access::{Grant, Role};
use parallax::app::action::{Action, Named};
use parallax::app::panels::layout::Tab;
use parallax::app::sign_in::WRONG;
use parallax::app::who::{Credentials, Identity, Password, Who};

use super::panels::{Screen, check_texts, draw};
use super::plant::Stage;

fn account(role: Role, area: Option<&str>) -> Who {
    let grant = Grant {
        role,
        area: area.map(str::to_owned),
    };
    Who::of(Identity::Account {
        name: "Ada".to_owned(),
        grants: vec![grant],
    })
}

fn stage(who: Who) -> Stage {
    let mut stage = Stage::new();
    stage.who = who;
    stage
}

/// A screen on which the window to sign in is open.
fn asking(stage: &Stage) -> Screen {
    let mut screen = Screen::default();
    let ask = Action::Named(Named::SignIn);
    screen.panels.follow(&ask, &stage.scene);
    screen
}

fn type_text(harness: &mut Harness<'_, Screen>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run();
}

#[test]
fn name_and_password_are_given_by_keys_alone() {
    let stage = stage(Who::of(Identity::Nobody));
    // The key that opens it.
    let mut harness = draw(&stage, Screen::default());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Named(Named::SignIn)]);

    let mut harness = draw(&stage, asking(&stage));
    type_text(&mut harness, "Ada");
    harness.key_press(Key::Enter);
    harness.run();
    type_text(&mut harness, "correct horse");
    assert!(harness.state().actions.is_empty());
    harness.key_press(Key::Enter);
    harness.run();
    let expected = Action::SignIn(Credentials {
        name: "Ada".to_owned(),
        password: Password::new("correct horse".to_owned()),
    });
    assert_eq!(harness.state().actions, [expected]);
    // Nothing tells it: no message, no screen reader.
    let told = format!("{:?}", harness.state().actions);
    assert!(!told.contains("horse"), "{told}");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.query_all_by_label("Password").count(), 0);
}

#[test]
fn who_is_refused_is_told_why_and_how_long_to_wait() {
    let mut who = Who::of(Identity::Nobody);
    who.door.refused = Some(WRONG.to_owned());
    who.door.wait_secs = 4;
    let stage = stage(who);
    let mut harness = draw(&stage, asking(&stage));
    let told = format!(
        "{}  {WRONG}. Try again in 4 s",
        egui_phosphor::regular::WARNING
    );
    check_texts(&harness, &[&told]);
    type_text(&mut harness, "Ada");
    harness.key_press(Key::Enter);
    harness.run();
    type_text(&mut harness, "correct horse");
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().actions.is_empty(), "it is too early");
}

#[test]
fn the_window_closes_when_somebody_has_come_in() {
    let stage = stage(Who::of(Identity::Nobody));
    let mut harness = draw(&stage, asking(&stage));
    assert_eq!(harness.query_all_by_label("Password").count(), 2);
    let mut screen = Screen::default();
    std::mem::swap(&mut screen.panels, &mut harness.state_mut().panels);
    let mut let_in = account(Role::Operator, None);
    let_in.door.arrivals = 1;
    let stage = self::stage(let_in);
    let harness = draw(&stage, screen);
    assert_eq!(harness.query_all_by_label("Password").count(), 0);
}

#[test]
fn who_sits_at_the_desk_is_always_told() {
    for (who, told) in [
        (Who::default(), "operator, all rights at this desk"),
        (Who::of(Identity::Nobody), "nobody, not signed in"),
        (account(Role::Engineer, None), "Ada, engineer"),
        (
            account(Role::Operator, Some("PS-1")),
            "Ada, operator for PS-1",
        ),
    ] {
        let stage = stage(who);
        check_texts(&draw(&stage, Screen::default()), &[told]);
    }
}

#[test]
fn without_accounts_the_window_says_how_the_first_is_made() {
    let stage = stage(Who::default());
    let harness = draw(&stage, asking(&stage));
    check_texts(
        &harness,
        &["parallax accounts add NAME --role administrator"],
    );
}

/// Whether the buttons of this name can be pressed, on the screen of the alarms.
fn enabled(who: Who, name: &str) -> Vec<bool> {
    let mut stage = stage(who);
    stage.raise_alarm();
    let harness = draw(&stage, Screen::showing(Tab::Alarms));
    let buttons = harness.query_all_by_label(name);
    buttons
        .map(|button| !button.accesskit_node().is_disabled())
        .collect()
}

#[test]
fn buttons_are_grey_by_the_rule_of_the_gate() {
    // The alarm is of TK-1, which is no part of the pumping station.
    for (who, may) in [
        (Who::default(), true),
        (Who::of(Identity::Nobody), false),
        (account(Role::Operator, None), true),
        (account(Role::Operator, Some("TK-1")), true),
        (account(Role::Operator, Some("PS-1")), false),
        (account(Role::Planner, None), false),
    ] {
        let shown = enabled(who.clone(), "Acknowledge");
        assert!(!shown.is_empty());
        assert!(shown.iter().all(|one| *one == may), "{who:?}: {shown:?}");
    }
}

#[test]
fn a_kiosk_has_view_alarms_and_time_and_nothing_else() {
    let who = Who {
        kiosk: true,
        ..Who::default()
    };
    let mut stage = stage(who);
    stage.raise_alarm();
    let mut harness = draw(&stage, Screen::default());
    check_texts(&harness, &["LIVE", "Plant view", "Live"]);
    for absent in ["File", "Assets", "Trends", "Operate", "Ready"] {
        assert_eq!(harness.query_all_by_label(absent).count(), 0, "{absent}");
    }
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Named(Named::Escape)]);
}
